using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Evidence;

/// <summary>Ten effects: a baseline, and nine that each differ from it in what the key of their study says.</summary>
public sealed class VariedEvidence : SharedService
{
    protected override async Task SeedAsync()
    {
        var plain = TestData.Study("plain", TestData.Effect(r: 0.30).With("timing", "concurrent")).With("design", "concurrent").With("country", "IT");
        await SubmitVariant(plain, "plain", ("note", null));
        await SubmitVariant(plain, "partial", ("effects/0/statistic", JsonNode.Parse("""{ "type": "partialR", "value": 0.25, "n": 60, "covariates": 2 }""")));
        await SubmitVariant(plain, "converted", ("effects/0/statistic", JsonNode.Parse("""{ "type": "t", "value": 3, "df": 60 }""")));
        await SubmitVariant(plain, "therapist", ("effects/0/relationshipRater", "therapist"), ("effects/0/outcomeRater", "observer"),
            ("effects/0/outcomeType", "followUp"));
        await SubmitVariant(plain, "instruments", ("effects/0/relationshipMeasure", "RRI-T"), ("effects/0/relationshipScale", "Genuineness"),
            ("effects/0/outcomeMeasure", "GAD-7"));
        await SubmitVariant(plain, "within", ("effects/0/level", "withinClient"));
        await SubmitVariant(plain, "early", ("effects/0/timing", "early"), ("design", "prospective"), ("country", "DE"));
        await SubmitVariant(plain, "drawer", ("published", false), ("kind", "siteSummary"), ("citation/year", 2001));
        await SubmitVariant(plain, "invented", ("synthetic", true));
        await SubmitVariant(plain, "bare", ("design", null), ("country", null), ("effects/0/timing", null));
        await SubmitVariant(plain, "clinics", ("setting", "university clinic"), ("therapists", 12), ("riskOfBias", JsonNode.Parse("""
            { "tool": "QUIPS", "domains": [{ "name": "attrition", "judgement": "high", "reason": "half left" }], "overall": "high" }
            """)), ("effects/0/outcomeScale", "Distress"), ("effects/0/moderators", JsonNode.Parse("""{ "meanAge": 34.5, "language": "de-AT" }""")));
        await SubmitVariant(plain, "bounded", ("effects/0/coding", JsonNode.Parse("""{ "coder": "AB", "date": "2026-01-31", "certainty": "upperBound" }""")));
        (await Service.Post("/studies", TestData.Study("gone").With("citation/year", 2001))).ShouldBe(201);
        (await Service.Delete("/studies/gone", ("If-Match", "*"))).ShouldBe(204);
    }

    private Task<ServiceResponse> SubmitVariant(JsonObject plain, string key, params (string Path, JsonNode? Value)[] changes) =>
        Service.SubmitStudy(
            changes.Aggregate(plain.With("key", key).With("effects/0/sample", $"{key}-people"), (study, change) => study.With(change.Path, change.Value)));
}

public sealed class FilterTests(VariedEvidence evidence) : IClassFixture<VariedEvidence>
{
    private readonly Service _service = evidence.Service;

    [Theory]
    [InlineData("", "bare clinics converted drawer early instruments invented partial plain therapist",
        "retracted 1, level 1, bounds 1")]
    [InlineData("adjusted=true", "partial", "retracted 1, level 1, adjusted 10")]
    [InlineData("adjusted=false", "bare clinics converted drawer early instruments invented plain therapist",
        "retracted 1, level 1, adjusted 1, bounds 1")]
    [InlineData("converted=true", "converted", "retracted 1, level 1, converted 10")]
    [InlineData("outcomeType=followUp", "therapist", "retracted 1, level 1, outcomeType 10")]
    [InlineData("outcomeType=followUp&outcomeType=treatmentOutcome", "bare clinics converted drawer early instruments invented partial plain therapist",
        "retracted 1, level 1, bounds 1")]
    [InlineData("relationshipRater=therapist", "therapist", "retracted 1, level 1, relationshipRater 10")]
    [InlineData("outcomeRater=observer", "therapist", "retracted 1, level 1, outcomeRater 10")]
    [InlineData("relationshipMeasure=rri-T", "instruments", "retracted 1, level 1, relationshipMeasure 10")]
    [InlineData("relationshipScale=genuineness", "instruments", "retracted 1, level 1, relationshipScale 10")]
    [InlineData("outcomeMeasure=gad-7", "instruments", "retracted 1, level 1, outcomeMeasure 10")]
    [InlineData("level=withinClient", "within", "retracted 1, level 11")]
    [InlineData("level=all", "bare clinics converted drawer early instruments invented partial plain therapist within",
        "retracted 1, bounds 1")]
    [InlineData("level=withinClient&level=betweenClient", "bare clinics converted drawer early instruments invented partial plain therapist within",
        "retracted 1, bounds 1")]
    [InlineData("design=prospective", "early", "retracted 1, level 1, design 10")]
    [InlineData("timing=early", "early", "retracted 1, level 1, timing 10")]
    [InlineData("country=DE", "early", "retracted 1, level 1, country 10")]
    [InlineData("published=false", "drawer", "retracted 1, level 1, published 10")]
    [InlineData("kind=siteSummary", "drawer", "retracted 1, level 1, kind 10")]
    [InlineData("synthetic=only", "invented", "retracted 1, level 1, synthetic 10")]
    [InlineData("synthetic=exclude", "bare clinics converted drawer early instruments partial plain therapist",
        "retracted 1, level 1, synthetic 1, bounds 1")]
    [InlineData("yearTo=2001", "drawer", "retracted 1, level 1, bounds 1, yearTo 9")]
    [InlineData("yearFrom=2002&yearTo=2020&country=DE", "early", "retracted 1, level 1, country 10")]
    [InlineData("source=all", "bare clinics converted drawer early instruments invented partial plain therapist",
        "retracted 1, level 1, bounds 1")]
    [InlineData("outcomeConstruct=all", "bare clinics converted drawer early instruments invented partial plain therapist",
        "retracted 1, level 1, bounds 1")]
    [InlineData("exclude=plain&exclude=early-people&exclude=nobody", "bare clinics converted drawer instruments invented partial therapist",
        "retracted 1, level 1, bounds 1, exclude 2")]
    [InlineData("outcomeScale=distress", "clinics", "retracted 1, level 1, outcomeScale 10")]
    [InlineData("setting=university%20clinic", "clinics", "retracted 1, level 1, setting 10")]
    [InlineData("therapists=12&therapists=13", "clinics", "retracted 1, level 1, therapists 10")]
    [InlineData("riskOfBias=high", "clinics", "retracted 1, level 1, riskOfBias 10")]
    [InlineData("scales=parts", "clinics instruments", "retracted 1, level 1, scales 9")]
    [InlineData("bounds=include&country=IT&design=concurrent&timing=concurrent&outcomeRater=client",
        "bounded clinics converted drawer instruments invented partial plain", "retracted 1, level 1, outcomeRater 1, design 2")]
    public async Task A_filter_selects_matching_effects_and_counts_the_excluded(string query, string studies, string excluded)
    {
        query = query.Contains("synthetic", StringComparison.Ordinal) ? query : $"synthetic=include&{query}";
        var answer = (await _service.Get("/meta/pool?" + query)).ShouldBe(200);
        Assert.Equal(studies.Split(' '), answer.At("studies")!.AsArray().Select(s => s.At("study")!.GetValue<string>()));
        Assert.Equal(excluded, string.Join(", ", answer.At("excluded")!.AsArray().Select(e => $"{e.At("reason")} {e.At("count")}")));
        Assert.Equal(13, answer.Number("given"));
        Assert.Equal(answer.Number("given") - answer.Number("used"), answer.At("excluded")!.AsArray().Sum(e => e.At("count")!.GetValue<int>()));

        var inBody = (await _service.Post("/meta/pool", new JsonObject { ["filter"] = AsBody(query) })).ShouldBe(200);
        Assert.Equal(answer.Text, inBody.Text);
    }

    [Theory]
    [InlineData("moderators.meanAge=34.5", """{ "meanAge": { "values": ["34.5"] } }""", "clinics")]
    [InlineData("moderators.meanAge.from=30&moderators.meanAge.to=34.5", """{ "meanAge": { "from": 30, "to": 34.5 } }""", "clinics")]
    [InlineData("moderators.meanAge.from=35", """{ "meanAge": { "from": 35 } }""", "")]
    [InlineData("moderators.language=de-AT&moderators.language=en", """{ "language": { "values": ["de-AT", "en"] } }""", "clinics")]
    [InlineData("moderators.language.from=1", """{ "language": { "from": 1 } }""", "")]
    public async Task Moderators_are_filters_by_value_and_by_range(string query, string body, string studies)
    {
        var answer = await _service.Get("/meta/pool?" + query);
        var inBody = await _service.Post("/meta/pool", new JsonObject { ["filter"] = new JsonObject { ["moderators"] = JsonNode.Parse(body) } });
        if (studies.Length == 0)
        {
            Assert.Contains("by moderators.", answer.ShouldBeProblem(422, "#", "noEffects").String("detail"), StringComparison.Ordinal);
            inBody.ShouldBeProblem(422, "#", "noEffects");
            return;
        }

        Assert.Equal(studies.Split(' '), answer.ShouldBe(200).At("studies")!.AsArray().Select(s => s.At("study")!.GetValue<string>()));
        Assert.Equal(answer.Text, inBody.ShouldBe(200).Text);
    }

    [Theory]
    [InlineData("moderators.meanAge.from=3&moderators.meanAge.to=2", 422)]
    [InlineData("moderators.meanAge.from=young", 400)]
    [InlineData("moderators.language=", 400)]
    [InlineData("therapists=0", 422)]
    [InlineData("riskOfBias=medium", 400)]
    public async Task A_filter_that_selects_nothing_by_mistake_is_refused(string query, int status) =>
        (await _service.Get("/meta/pool?" + query)).ShouldBeProblem(status);

    [Theory]
    [InlineData("""{ "meanAge": null }""")]
    [InlineData("""{ "meanAge": { "from": 3, "to": 2 } }""")]
    [InlineData("""{ "meanAge": { "values": [null] } }""")]
    [InlineData("""{ "meanAge": 34.5 }""")]
    public async Task A_filter_of_moderators_in_the_body_that_selects_nothing_is_refused(string moderators)
    {
        var answer = await _service.Post("/meta/pool", new JsonObject { ["filter"] = new JsonObject { ["moderators"] = JsonNode.Parse(moderators) } });
        Assert.Contains(answer.Status, (int[])[400, 422]);
    }

    [Fact]
    public async Task The_new_fields_are_moderators()
    {
        var answer = (await _service.Get("/meta/moderators?by=riskOfBias&by=setting&by=outcomeScale&bounds=include")).ShouldBe(200);
        Assert.Equal(["high"], answer.At("moderators/0/levels")!.AsArray().Select(l => l.At("level")!.GetValue<string>()));
        var slope = (await _service.Get("/meta/regression?terms=moderators.meanAge")).Status;
        Assert.Equal(422, slope);
    }

    [Fact]
    public async Task Every_filter_is_covered_by_the_cases_above()
    {
        var options = (await _service.Get("/meta/options")).At("filter")!.AsArray().Select(o => o.At("name")!.GetValue<string>());
        var tried = typeof(FilterTests).GetMethod(nameof(A_filter_selects_matching_effects_and_counts_the_excluded))!.CustomAttributes
            .Where(a => a.AttributeType == typeof(InlineDataAttribute))
            .SelectMany(
                a => ((IEnumerable<System.Reflection.CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!).First().Value!.ToString()!.Split('&'))
            .Select(pair => pair.Split('=')[0]);
        Assert.Empty(options.Except(tried).Except(["asOf", "minRevision", "moderators.NAME"]));
    }

    [Theory]
    [InlineData("source=sessions")]
    [InlineData("country=FR")]
    [InlineData("yearFrom=2100")]
    [InlineData("level=betweenTherapist")]
    public async Task An_empty_selection_gives_its_reason(string query)
    {
        var answer = (await _service.Get("/meta/pool?" + query)).ShouldBeProblem(422, "#", "noEffects");
        Assert.Contains(query.Split('=')[0], answer.String("detail"), StringComparison.Ordinal);
        (await _service.Get("/meta/moderators?by=country&" + query)).ShouldBeProblem(422, "#", "noEffects");
    }

    [Theory]
    [InlineData("", "mixedEstimands designUnknown syntheticLeftOut emptyInterval repeatedLooks")]
    [InlineData("synthetic=include", "synthetic mixedEstimands designUnknown emptyInterval repeatedLooks")] // the effects are nearly equal
    [InlineData("adjusted=false&synthetic=exclude", "designUnknown emptyInterval repeatedLooks")]
    [InlineData("adjusted=false&synthetic=exclude&level=all", "mixedLevels designUnknown sessionsUnknown emptyInterval repeatedLooks")]
    public async Task Mixed_constructs_give_a_warning(string query, string warnings) =>
        Assert.Equal(warnings, string.Join(' ', (await _service.Get("/meta/pool?test=z&" + query)).Warnings));

    [Theory]
    [InlineData("yearFrom=2020&yearTo=2010", "?yearTo tooSmall", 422)]
    [InlineData("outcomeType=followup", "?outcomeType notAValue", 400)]
    [InlineData("published=yes", "?published notAValue", 400)]
    [InlineData("yearFrom=2020.5", "?yearFrom notAValue", 400)]
    [InlineData("country=", "?country notAValue", 400)]
    [InlineData("kind=reference", "?kind notAValue", 400)]
    public async Task An_invalid_filter_is_refused(string query, string error, int status) =>
        Assert.Equal([error], (await _service.Get("/meta/pool?" + query)).ShouldBeProblem(status).Errors);

    [Fact]
    public async Task Stored_effects_are_grouped_by_a_field_or_moderator_and_the_rest_is_counted()
    {
        var answer = (await _service.Get("/meta/moderators?by=country&by=timing&by=relationshipScale")).ShouldBe(200);
        Assert.Equal(["DE", "IT"], answer.At("moderators/0/levels")!.AsArray().Select(l => l.At("level")!.GetValue<string>()));
        Assert.Equal(["genuineness"], answer.At("moderators/2/levels")!.AsArray().Select(l => l.At("level")!.GetValue<string>()));
        Assert.Contains("""{"reason":"moderatorMissing","count":1,"moderator":"country"}""", answer.At("excluded")!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_moderator_is_reported_by_name() =>
        (await _service.Get("/meta/moderators?by=country&by=moderators.shoeSize")).ShouldBeProblem(422, "?by", "unknownModerator");

    [Fact]
    public async Task The_moderators_endpoint_requires_by() => (await _service.Get("/meta/moderators")).ShouldBeProblem(400, "?by", "required");

    // Flags and years are JSON values; a single value may be given without an array.
    private static JsonObject AsBody(string query)
    {
        var filter = new JsonObject();
        foreach (var name in query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).GroupBy(pair => pair[0], pair => pair[1]))
        {
            var values =
                name.Select(v => v is "true" or "false" || name.Key.StartsWith("year", StringComparison.Ordinal) || name.Key == "therapists"
                    ? JsonNode.Parse(v) : JsonValue.Create(Uri.UnescapeDataString(v)))
                    .ToArray();
            filter[name.Key] = values.Length == 1 ? values[0] : new JsonArray(values);
        }
        return filter;
    }
}
