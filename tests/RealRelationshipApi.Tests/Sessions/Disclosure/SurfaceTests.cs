using System.Globalization;
using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Sessions.Disclosure;

/// <summary>Every way to ask about sites' effects, at every revision: nothing is told but what a release froze.</summary>
public sealed class SurfaceTests
{
    private static readonly string[] s_filters =
    [
        "", "level=withinClient", "level=betweenClient", "level=betweenTherapist", "adjusted=true", "adjusted=false", "outcomeType=sessionOutcome", "outcomeType=treatmentOutcome",
        "relationshipRater=therapist", "outcomeRater=client", "relationshipMeasure=rri-c-sf", "relationshipMeasure=rri-t", "outcomeMeasure=srs", "outcomeMeasure=phq-9", "timing=early",
        "timing=concurrent", "published=false", "published=true", "kind=siteSummary", "converted=true", "yearFrom=2020", "synthetic=exclude", "exclude=nobody", "level=withinClient&outcomeMeasure=srs",
    ];

    [Fact]
    public async Task Nothing_is_told_but_what_a_release_froze()
    {
        await using var service = await Service.StartAsync();
        var history = new History(4);
        var published = await AttackTests.Play(service, history, 90);
        var revision = await service.Revision();
        Assert.True(revision > 3, "too little was released to ask about");
        var told = await Ask(service, revision);
        var now = await Answers(service, Questions(""));

        var frozen = published.Select(p => Number(p.Effect.Yi, Math.Sqrt(p.Effect.Vi), p.Effect.Patients)).ToHashSet(StringComparer.Ordinal);
        var numbers = told.Values.SelectMany(Rows).ToList();
        Assert.True(numbers.Count > 100);
        Assert.Empty(told.SelectMany(t => Rows(t.Value).Where(row => !frozen.Contains(row)).Select(row => $"{row} of {t.Key}")));
        Assert.Equal(frozen.Count, numbers.Distinct(StringComparer.Ordinal).Count());
        Assert.All(told.Values.Concat(now.Values).SelectMany(Suppressed), s => Assert.Contains(s, (string[])["tooFewPatients", "tooFewTherapists", "notEstimable"]));

        // One who comes, unless he is the eleventh, moves no answer; nor when he is corrected, goes, or is erased.
        var visitor = 0;
        for (long before = -1; before != await service.Revision(); visitor++)
        {
            (before, now) = (await service.Revision(), await Answers(service, Questions("")));
            await service.Post(Messages.Pair($"visitor{visitor + 1}", "t1", 1, 5, 40), Messages.Pair($"visitor{visitor + 1}", "t1", 2, 1, 0)).ShouldSucceed();
        }

        Unchanged(now, await Answers(service, Questions("")));
        await service.Post(Messages.Withdrawal($"visitor{visitor}.1.x")).ShouldSucceed();
        Unchanged(now, await Answers(service, Questions("")));
        (await service.Post("/erasures", new JsonObject { ["sourceSystem"] = Messages.System, ["patient"] = $"visitor{visitor}" })).ShouldBe(200);
        Unchanged(now, await Answers(service, Questions("")));

        // And what was told of a revision is told for ever.
        await AttackTests.Play(service, history, 60);
        Assert.True(await service.Revision() > revision, "nothing was released since");
        Unchanged(told, await Ask(service, revision));

    }

    // Problems carry a trace id of their own.
    private static void Unchanged(Dictionary<string, Answer> before, Dictionary<string, Answer> after) => Assert.All(before, answer =>
        Assert.True(after[answer.Key].Status == answer.Value.Status && (answer.Value.Status >= 400 || after[answer.Key].Text == answer.Value.Text), $"{answer.Key} has another answer"));

    [Fact]
    public async Task Errors_and_answers_name_no_key_of_the_sender()
    {
        await using var service = await Service.StartAsync();
        const string canary = "canary-7f3a";
        var sessions = Enumerable.Range(0, 24).Select(i => Messages.Pair($"{canary}-{i}", $"{canary}-t{i % 4}", 1, 3 + i % 7 * 0.2, 20 + i % 5)).ToArray();
        await service.Post(sessions).ShouldSucceed();
        foreach (var (question, answer) in await Answers(service, [.. Questions(""), "/meta/pool?source=sessions&level=nobody", "/associations", "/meta/options", "/meta/references", "/effects", "/studies"]))
        {
            Assert.False(answer.Text.Contains(canary, StringComparison.Ordinal), question);
        }

        Assert.Single((await service.Get("/meta/pool?source=sessions")).ShouldBe(200).At("studies")!.AsArray());
    }

    private static IEnumerable<string> Questions(string asOf) =>
        from path in new[] { "pool", "sensitivity", "bias", "moderators" }
        from source in new[] { "sessions", "all" }
        from filter in s_filters
        let level = filter.Contains("level=", StringComparison.Ordinal) ? "" : "&level=all"
        where path == "pool" || filter.Length == 0
        select $"/meta/{path}?source={source}{level}{(filter.Length > 0 ? "&" : "")}{filter}{(path == "moderators" ? "&by=outcomeMeasure" : path == "pool" ? "&dependence=independent" : "")}{asOf}";

    private static async Task<Dictionary<string, Answer>> Ask(Service service, long newest)
    {
        var told = await Answers(service, Enumerable.Range(1, (int)newest).SelectMany(revision => Questions($"&asOf={revision}")));
        foreach (var (question, answer) in await Answers(service, Enumerable.Range(1, (int)newest - 1).Select(r => $"/meta/changes?source=sessions&level=all&from={r}&to={r + 1}")))
        {
            told.Add(question, answer);
        }

        return told;
    }

    private static async Task<Dictionary<string, Answer>> Answers(Service service, IEnumerable<string> questions)
    {
        var answers = new Dictionary<string, Answer>(StringComparer.Ordinal);
        foreach (var question in questions)
        {
            answers.Add(question, await service.Get(question));
        }

        return answers;
    }

    private static IEnumerable<string> Rows(Answer answer) => answer.Status == 200 && answer.Json is JsonObject members && members["studies"] is JsonArray rows
        ? rows.Where(r => r!["study"] is { } study && r["effect"] is not null && r["n"] is not null && study.GetValue<string>().StartsWith("site:", StringComparison.Ordinal))
            .Select(r => Number(r.At("effect")!.GetValue<double>(), r.At("standardError")!.GetValue<double>(), r.At("n")!.GetValue<double>()))
        : [];

    private static IEnumerable<string> Suppressed(Answer answer) => answer.Status == 200 && answer.Json is JsonObject members && members["suppressed"] is JsonArray cells
        ? cells.Select(c => c.At("reason")!.GetValue<string>())
        : [];

    private static string Number(double effect, double error, double n) => string.Create(CultureInfo.InvariantCulture, $"{effect:G9} {error:G9} {n}");
}

file static class Sent
{
    public static async Task ShouldSucceed(this Task<Answer> sent)
    {
        var answer = await sent;
        Assert.True(answer.Status is 200 or 201 or 207 && !answer.Text.Contains("\"status\":4", StringComparison.Ordinal), answer.Text);
    }
}
