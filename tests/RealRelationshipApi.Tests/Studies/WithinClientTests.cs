using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>Correlations of sessions within clients: <c>n</c> counts clients, and sessions decide the variance.</summary>
public sealed class WithinClientTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 20 }""", 120, 1d / 98, "varianceLowerBound")] // df = S − C − 1 = 99, v = 1/(df − 1)
    [InlineData("""{ "type": "r", "value": 0.3, "n": 20, "df": 79 }""", null, 1d / 78, "varianceLowerBound")]
    [InlineData("""{ "type": "partialR", "value": 0.3, "n": 20, "covariates": 2 }""", 120, 1d / 96, "varianceLowerBound")]
    [InlineData("""{ "type": "partialR", "value": 0.3, "n": 20, "covariates": 30, "df": 79 }""", 240, 1d / 78, "varianceLowerBound")]
    [InlineData("""{ "type": "fisherZ", "value": 0.3, "n": 20 }""", 120, 1d / 98, "varianceLowerBound")]
    [InlineData("""{ "type": "p", "value": 0.04, "n": 20, "tails": 2, "sign": 1 }""", 120, 1d / 98, "varianceLowerBound")]
    [InlineData("""{ "type": "semiPartialR", "value": 0.2, "n": 20, "covariates": 2, "rSquared": 0.3 }""", 120, 1d / 96, "varianceLowerBound")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 20 }""", null, 1d / 17, "sessionsUnknown")]
    [InlineData("""{ "type": "fisherZ", "value": 0.3, "n": 20 }""", null, 1d / 17, "sessionsUnknown")]
    [InlineData("""{ "type": "fisherZ", "value": 0.3, "se": 0.2 }""", 120, 0.04, "")]
    [InlineData("""{ "type": "effect", "yi": 0.3, "vi": 0.02 }""", null, 0.02, "")]
    [InlineData("""{ "type": "t", "value": 2, "df": 79 }""", null, 1d / 78, "varianceLowerBound")]
    public async Task Sessions_decide_the_variance(string statistic, int? sessions, double vi, string note)
    {
        var answer = (await _service.Post("/studies?validateOnly=true", Study("a", statistic, sessions))).ShouldBe(200);
        Assert.Equal(vi, answer.Number("effects/0/stored/vi"), 1e-14);
        Assert.Equal(statistic.Contains("\"n\"", StringComparison.Ordinal) ? 20 : null, answer.At("effects/0/stored/n")?.GetValue<double>());
        Assert.Equal(note, string.Join(' ', answer.At("effects/0/stored/notes")!.AsArray()));
        Assert.Equal(note, string.Join(' ', answer.Warnings));
    }

    [Theory]
    [InlineData("spearman")]
    [InlineData("kendall")]
    public async Task A_rank_correlation_has_the_variance_of_as_many_independent_people(string type) // S − C + 1 = 101
    {
        var rank = $$"""{ "type": "{{type}}", "value": 0.3, "n": 20 }""";
        var within = (await _service.Post("/studies?validateOnly=true", Study("a", rank, 120))).ShouldBe(200);
        var between = await _service.PostText("/meta/convert", rank.Replace("20", "101", StringComparison.Ordinal));
        Assert.Equal(between.Number("fisherZ/vi"), within.Number("effects/0/stored/vi"), 1e-15);
        Assert.Equal(20, within.Number("effects/0/stored/n"));
    }

    [Theory]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 20 }""", 22, "sessions tooSmall")]
    [InlineData("""{ "type": "partialR", "value": 0.3, "n": 20, "covariates": 2 }""", 24, "sessions tooSmall")]
    [InlineData("""{ "type": "spearman", "value": 0.3, "n": 20 }""", 28, "sessions tooSmall")]
    [InlineData("""{ "type": "kendall", "value": 0.3, "n": 20 }""", 28, "sessions tooSmall")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 20 }""", 0, "sessions outOfRange")]
    [InlineData("""{ "type": "counts", "a": 9, "b": 4, "c": 5, "d": 8 }""", 120, "statistic/type notForThisLevel")]
    [InlineData("""{ "type": "means", "mean1": 5, "sd1": 2, "n1": 20, "mean2": 4, "sd2": 2, "n2": 20 }""", 120, "statistic/type notForThisLevel")]
    [InlineData("""{ "type": "t", "value": 3, "n1": 20, "n2": 30 }""", 120, "statistic/n1 notForThisLevel")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 20, "dichotomized": "one" }""", 120, "statistic/dichotomized notForThisLevel")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 20, "df": 1 }""", null, "statistic/df outOfRange")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 20, "df": 100 }""", 120, "statistic/df tooLarge")]
    public async Task Sessions_that_leave_no_degrees_of_freedom_are_refused(string statistic, int? sessions, string error)
    {
        var (member, code) = (error.Split(' ')[0], error.Split(' ')[1]);
        (await _service.Post("/studies", Study("a", statistic, sessions))).ShouldBeProblem(422, $"#/effects/0/{member}", code);
    }

    [Fact]
    public async Task Pools_count_clients_and_a_subset_takes_all_by_clients()
    {
        await _service.SubmitStudy(Study("a", """{ "type": "r", "value": 0.3, "n": 20 }""", 120));
        await _service.SubmitStudy(Study("b", """{ "type": "r", "value": 0.5, "n": 30 }""", 400));
        var pool = (await _service.Get("/meta/pool?level=withinClient")).ShouldBe(200);
        Assert.Equal(50, pool.Number("counts/participants"));
        Assert.Contains("varianceLowerBound", pool.Warnings);
        Assert.DoesNotContain("sessionsUnknown", pool.Warnings);
        Assert.DoesNotContain("withinClientByClients", await Subsets());

        await _service.SubmitStudy(Study("c", """{ "type": "r", "value": 0.1, "n": 24 }""", null));
        Assert.Contains("withinClientByClients", await Subsets());
        var detail = (await _service.Get("/meta/pool?level=withinClient")).At("warnings")!.AsArray()
            .Single(w => w.At("code")!.GetValue<string>() == "sessionsUnknown").At("detail")!.GetValue<string>();
        Assert.StartsWith("1 of 3 effects (c/e1): ", detail, StringComparison.Ordinal);
        var row = (await _service.Get("/meta/sensitivity?level=withinClient&estimator=common&test=z")).At("subsets")!.AsArray()
            .Single(subset => subset.At("name")!.GetValue<string>() == "withinClientByClients");
        var expected = (17 * Math.Atanh(0.3) + 27 * Math.Atanh(0.5) + 21 * Math.Atanh(0.1)) / 65;
        Assert.Equal(expected, row.At("pooled/effect")!.GetValue<double>(), 1e-14);
        Assert.Equal(1 / Math.Sqrt(65), row.At("pooled/standardError")!.GetValue<double>(), 1e-14);
        Assert.Equal(3, row.At("counts/effects")!.GetValue<int>());
    }

    [Fact]
    public async Task Notes_stand_wherever_the_number_is()
    {
        await _service.SubmitStudy(Study("c", """{ "type": "r", "value": 0.1, "n": 24 }""", null));
        await _service.SubmitStudy(Study("d", """{ "type": "r", "value": 0.2, "n": 24 }""", 90));
        Assert.Equal("sessionsUnknown", (await _service.Get("/studies/c")).String("effects/0/stored/notes/0"));
        Assert.Equal(90, (await _service.Get("/studies/d")).Number("effects/0/sessions"));
        Assert.Equal("sessionsUnknown", (await _service.Get("/effects")).String("effects/0/notes/0"));
        Assert.Equal(["c,sessionsUnknown,", "d,varianceLowerBound,90"], Columns((await _service.Get("/effects.csv")).Text, "study", "notes", "sessions"));
        foreach (var address in new[] { "/?level=withinClient", "/meta/report?level=withinClient", "/meta/forest.svg?level=withinClient" })
        {
            Assert.Contains("Provide sessions", (await _service.Get(address)).ShouldBe(200).Text, StringComparison.Ordinal);
        }

        Assert.Equal(["sessionsUnknown", "varianceLowerBound"], (await _service.Get("/meta/pool?level=withinClient")).At("studies")!.AsArray()
            .Select(row => row.At("notes/0")!.GetValue<string>()));
        Assert.Equal(["c,sessionsUnknown", "d,varianceLowerBound"],
            Columns((await _service.Get("/meta/pool.csv?level=withinClient")).Text, "study", "notes"));
        Assert.Contains("sessionsUnknown", (await _service.Get("/meta/pool.csv?table=warnings&level=withinClient")).ShouldBe(200).Text,
            StringComparison.Ordinal);
        // What was exported goes in again, and means the same.
        await using var other = await Service.StartAsync();
        (await other.PostText("/studies/batch", (await _service.Get("/effects.csv")).Text, "text/csv")).ShouldBe(201);
        Assert.Equal((await _service.Get("/meta/pool?level=all")).String("data/fingerprint"),
            (await other.Get("/meta/pool?level=all")).String("data/fingerprint"));
    }

    private async Task<string[]> Subsets() => [.. (await _service.Get("/meta/sensitivity?level=withinClient")).ShouldBe(200).At("subsets")!.AsArray()
        .Select(subset => subset.At("name")!.GetValue<string>())];

    private static string[] Columns(string csv, params string[] names)
    {
        string[][] rows = [.. csv.TrimEnd().Split('\n').Select(line => line.Split(','))];
        return [.. rows.Skip(1).Select(row => string.Join(',', names.Select(name => row[Array.IndexOf(rows[0], name)])))];
    }

    private static JsonObject Study(string key, string statistic, int? sessions)
    {
        var effect = TestData.Effect(JsonNode.Parse(statistic)!.AsObject()).With("level", "withinClient");
        return TestData.Study(key, sessions is { } count ? effect.With("sessions", count) : effect).With("citation/authors", "Lee");
    }
}
