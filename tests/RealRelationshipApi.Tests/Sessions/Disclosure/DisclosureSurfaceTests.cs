using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;
using RealRelationship.Testing;

using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Disclosure;

/// <summary>All ways to query effects of sites, at every revision: only released numbers are visible.</summary>
public sealed class DisclosureSurfaceTests
{
    private static readonly string[] s_filters =
    [
        "", "level=withinClient", "level=betweenClient", "level=betweenTherapist", "adjusted=true", "adjusted=false", "outcomeType=sessionOutcome",
        "outcomeType=treatmentOutcome",
        "relationshipRater=therapist", "outcomeRater=client", "relationshipMeasure=rri-c-sf", "relationshipMeasure=rri-t", "outcomeMeasure=ses",
        "outcomeMeasure=phq-9", "timing=early",
        "timing=concurrent", "published=false", "published=true", "kind=siteSummary", "converted=true", "yearFrom=2020", "synthetic=exclude", "exclude=nobody",
        "level=withinClient&outcomeMeasure=ses",
    ];

    [SlowFact("Every way to ask, at every revision: some 2,000 requests.")]
    public async Task Only_released_effects_are_disclosed()
    {
        await using var service = await Service.StartAsync();
        var history = new RandomSiteHistory(4);
        var published = await DifferencingAttackTests.RunHistoryAsync(service, history, 90);
        var revision = await service.EvidenceRevision();
        Assert.True(revision > 3, "too little was released to ask about");
        var told = await RunQueriesAsync(service, revision);
        var now = await GetAllAsync(service, Queries(""));

        var frozen = published.Select(p => Number(p.Effect.Yi, Math.Sqrt(p.Effect.Vi), p.Effect.Patients)).ToHashSet(StringComparer.Ordinal);
        var numbers = told.Values.SelectMany(Rows).ToList();
        Assert.True(numbers.Count > 100);
        Assert.Empty(told.SelectMany(t => Rows(t.Value).Where(row => !frozen.Contains(row)).Select(row => $"{row} of {t.Key}")));
        Assert.Equal(await VisibleAsync(service), numbers.ToHashSet(StringComparer.Ordinal));
        Assert.All(told.Values.Concat(now.Values).SelectMany(SuppressedCells),
            s => Assert.Contains(s, (string[])["tooFewPatients", "tooFewTherapists", "notEstimable", "dominated", "withdrawn"]));

        // A single new patient changes no result unless it is the eleventh; nor does correcting, withdrawing or erasing one.
        var visitor = 0;
        for (long before = -1; before != await service.EvidenceRevision(); visitor++)
        {
            (before, now) = (await service.EvidenceRevision(), await GetAllAsync(service, Queries("")));
            await service.PostSessions(SessionTestData.RelationshipAndOutcome($"visitor{visitor + 1}", "t1", 1, 5, 40),
                SessionTestData.RelationshipAndOutcome($"visitor{visitor + 1}", "t1", 2, 1, 0)).ShouldSucceedAsync();
        }

        ShouldBeUnchanged(now, await GetAllAsync(service, Queries("")));
        await service.PostSessions(SessionTestData.EnteredInError($"visitor{visitor}.1.x")).ShouldSucceedAsync();
        ShouldBeUnchanged(now, await GetAllAsync(service, Queries("")));
        (await service.Post("/erasures", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = $"visitor{visitor}" })).ShouldBe(200);
        ShouldBeUnchanged(now, await GetAllAsync(service, Queries("")));

        // Results at a revision never change, those with a number aside that was withdrawn since.
        var visible = await VisibleAsync(service);
        await DifferencingAttackTests.RunHistoryAsync(service, history, 60);
        Assert.True(await service.EvidenceRevision() > revision, "nothing was released since");
        visible.ExceptWith(await VisibleAsync(service));
        var later = await RunQueriesAsync(service, revision);
        Assert.DoesNotContain(later.Values.SelectMany(Rows), visible.Contains);
        var affected = told.Where(t => Rows(t.Value).Any(visible.Contains)).Select(t => t.Key).ToList();
        ShouldBeUnchanged(told.Where(t => !affected.Contains(t.Key) && (IsPool(t.Key) || !affected.Exists(a => AsOf(a) == AsOf(t.Key)))).ToDictionary(), later);
    }

    // Answers to other questions do not list their numbers.
    private static bool IsPool(string question) => question.StartsWith("/meta/pool", StringComparison.Ordinal);

    private static string AsOf(string question) => question[(question.LastIndexOf('=') + 1)..];

    // The numbers of all releases that were not withdrawn.
    private static async Task<HashSet<string>> VisibleAsync(Service service)
    {
        using var connection = service.Services.GetRequiredService<Database>().OpenSnapshot();
        return [.. ReleaseQueries.All(connection, service.Services.GetRequiredService<ChangeLog>()).SelectMany(r => r.Content.Effects)
            .Select(e => Number(e.Yi, Math.Sqrt(e.Vi), e.Patients))];
    }

    // Problems carry a trace id of their own.
    private static void ShouldBeUnchanged(Dictionary<string, ServiceResponse> before, Dictionary<string, ServiceResponse> after) => Assert.All(before, answer =>
        Assert.True(after[answer.Key].Status == answer.Value.Status && (answer.Value.Status >= 400 || after[answer.Key].Text == answer.Value.Text),
            $"{answer.Key} has another answer"));

    [Fact]
    public async Task Errors_and_responses_contain_no_source_key()
    {
        await using var service = await Service.StartAsync();
        const string canary = "canary-7f3a";
        var sessions = Enumerable.Range(0, 24)
            .Select(i => SessionTestData.RelationshipAndOutcome($"{canary}-{i}", $"{canary}-t{i % 4}", 1, 3 + i % 7 * 0.2, 20 + i % 5)).ToArray();
        await service.PostSessions(sessions).ShouldSucceedAsync();
        foreach (var (question, answer) in await GetAllAsync(service,
            [.. Queries(""), "/meta/pool?source=sessions&level=nobody", "/associations", "/meta/options", "/meta/references", "/effects", "/studies"]))
        {
            Assert.False(answer.Text.Contains(canary, StringComparison.Ordinal), question);
        }

        Assert.Single((await service.Get("/meta/pool?source=sessions")).ShouldBe(200).At("studies")!.AsArray());
    }

    private static IEnumerable<string> Queries(string asOf) =>
        from path in new[] { "pool", "sensitivity", "bias", "moderators" }
        from source in new[] { "sessions", "all" }
        from filter in s_filters
        let level = filter.Contains("level=", StringComparison.Ordinal) ? "" : "&level=all"
        where path == "pool" || filter.Length == 0
        let needed = path switch { "moderators" => "&by=outcomeMeasure", "pool" => "&dependence=independent", _ => "" }
        select $"/meta/{path}?source={source}{level}{(filter.Length > 0 ? "&" : "")}{filter}{needed}{asOf}";

    private static async Task<Dictionary<string, ServiceResponse>> RunQueriesAsync(Service service, long newest)
    {
        var told = await GetAllAsync(service, Enumerable.Range(1, (int)newest).SelectMany(revision => Queries($"&asOf={revision}")));
        foreach (var (question, answer) in await GetAllAsync(service,
            Enumerable.Range(1, (int)newest - 1).Select(r => $"/meta/changes?source=sessions&level=all&from={r}&to={r + 1}")))
        {
            told.Add(question, answer);
        }

        return told;
    }

    private static async Task<Dictionary<string, ServiceResponse>> GetAllAsync(Service service, IEnumerable<string> questions)
    {
        var answers = new Dictionary<string, ServiceResponse>(StringComparer.Ordinal);
        foreach (var question in questions)
        {
            answers.Add(question, await service.Get(question));
        }

        return answers;
    }

    private static IEnumerable<string> Rows(ServiceResponse answer) =>
        answer.Status == 200 && answer.Json is JsonObject members && members["studies"] is JsonArray rows
        ? rows.Where(
            r => r!["study"] is { } study && r["effect"] is not null && r["n"] is not null
                && study.GetValue<string>().StartsWith("site:", StringComparison.Ordinal))
            .Select(r => Number(r.At("effect")!.GetValue<double>(), r.At("standardError")!.GetValue<double>(), r.At("n")!.GetValue<double>()))
        : [];

    private static IEnumerable<string> SuppressedCells(ServiceResponse answer) =>
        answer.Status == 200 && answer.Json is JsonObject members && members["suppressed"] is JsonArray cells
        ? cells.Select(c => c.At("reason")!.GetValue<string>())
        : [];

    private static string Number(double effect, double error, double n) => string.Create(CultureInfo.InvariantCulture, $"{effect:G9} {error:G9} {n}");
}

file static class ResponseAssertions
{
    public static async Task ShouldSucceedAsync(this Task<ServiceResponse> sent)
    {
        var answer = await sent;
        Assert.True(answer.Status is 200 or 201 or 207 && !answer.Text.Contains("\"status\":4", StringComparison.Ordinal), answer.Text);
    }
}
