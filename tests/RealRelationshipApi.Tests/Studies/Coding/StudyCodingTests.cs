using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies.Coding;

/// <summary>Second codings of studies and their agreement.</summary>
public sealed class StudyCodingTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync();
        await _service.SubmitStudy(Study("lee-2020", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_coding_is_stored_replaced_and_kept()
    {
        var revision = await _service.EvidenceRevision();
        var first = (await Code("lee-2020", Coding("B. Second", 0.1))).ShouldBe(201);
        Assert.Equal("/studies/lee-2020/codings", first.Header("Location"));
        Assert.Equal(Math.Atanh(0.1), first.Number("effects/0/stored/yi"), 1e-15);
        Assert.Equal((1, "development"), (first.Number("version"), first.String("changedBy/tenant")));
        Assert.Equal(1, (await Code("lee-2020", Coding("B. Second", 0.1))).ShouldBe(200).Number("version"));
        Assert.Equal(2, (await Code("lee-2020", Coding("b.  SECOND", 0.2))).ShouldBe(200).Number("version"));
        (await Code("lee-2020", Coding("A. Third", 0.3))).ShouldBe(201);

        var codings = (await _service.Get("/studies/lee-2020/codings")).ShouldBe(200).At("codings")!.AsArray();
        Assert.Equal(["A. Third", "b.  SECOND"], codings.Select(c => c.At("coder")!.GetValue<string>()));
        Assert.Equal(revision, await _service.EvidenceRevision());
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Theory]
    [InlineData("UPDATE study_coding SET content = replace(content, '0.1', '0.9')", "Version 1 of 'coding/lee-2020/second' is not what change")]
    [InlineData("DELETE FROM study_coding", "Version 1 of 'coding/lee-2020/second' is missing: change")]
    public async Task An_edited_coding_is_found(string edit, string error)
    {
        (await Code("lee-2020", Coding("Second", 0.1))).ShouldBe(201);
        RealRelationship.Testing.RawStore.Execute(_service.StorePath, edit);
        Assert.StartsWith(error, _service.FindIntegrityErrors().Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_coder_of_the_study_is_refused()
    {
        Assert.Equal(["#/coder sameCoder"], (await Code("lee-2020", Coding("Fírst  coder", 0.1))).ShouldBeProblem(422).Errors);
        Assert.Empty((await _service.Get("/studies/lee-2020/codings")).At("codings")!.AsArray());
    }

    [Theory]
    [InlineData("""{ "coder": "x", "date": "2026-01-01" }""", 400, "#/effects required")]
    [InlineData("""{ "coder": "x", "date": "2026-01-01", "effects": [] }""", 422, "#/effects empty")]
    [InlineData("""{ "coder": " ", "date": "2026-01-01", "effects": [] }""", 422, "#/coder empty,#/effects empty")]
    [InlineData("""{ "coder": "x", "date": "yesterday", "effects": [] }""", 400, "#/date notAValue")]
    [InlineData("""{ "coder": "x", "date": "2999-01-01", "effects": [] }""", 422, "#/date future,#/effects empty")]
    [InlineData("""{ "coder": "x", "date": "2026-01-01", "effects": [null] }""", 400, "#/effects/0 null")]
    [InlineData("""{ "coder": "x", "date": "2026-01-01", "effects": [], "note": "x" }""", 400, "#/note unknownMember,#/effects empty")]
    public async Task A_malformed_coding_is_refused(string body, int status, string errors) =>
        Assert.Equal(errors, string.Join(',', (await _service.PostText("/studies/lee-2020/codings", body)).ShouldBeProblem(status).Errors));

    [Fact]
    public async Task Effects_have_the_rules_of_the_kind_of_study()
    {
        var pooled = Coding("x", 0.1);
        pooled["effects"]![0]!["statistic"] = JsonNode.Parse("""{ "type": "pooled", "r": 0.3, "lower": 0.2, "upper": 0.4, "k": 5 }""");
        (await Code("lee-2020", pooled)).ShouldBeProblem(422, "#/effects/0", "kindMismatch");
        var incomplete = Coding("x", 0.1);
        incomplete["effects"]![0]!.AsObject().Remove("outcomeType");
        (await Code("lee-2020", incomplete)).ShouldBeProblem(400, "#/effects/0/outcomeType", "required");
        var twice = Coding("x", 0.1, 0.2);
        twice["effects"]![1]!["key"] = "e1";
        (await Code("lee-2020", twice)).ShouldBeProblem(422, "#/effects/1/key", "repeatedKey");
        (await Code("nobody", Coding("x", 0.1))).ShouldBeProblem(404);
        (await _service.Get("/studies/nobody/codings")).ShouldBeProblem(404);
        (await _service.Get("/studies/nobody/agreement")).ShouldBeProblem(404);
        await _service.SubmitStudy(TestData.Study("gone"));
        (await _service.Delete("/studies/gone", ("If-Match", "*"))).ShouldBe(204);
        (await Code("gone", Coding("x", 0.1))).ShouldBeProblem(410);
    }

    [Fact]
    public async Task Agreement_compares_fields_and_z()
    {
        var raters = Study("lee-2020", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6);
        raters["effects"]![5]!["outcomeRater"] = "therapist";
        (await _service.Put("/studies/lee-2020", raters, ("If-Match", "*"))).ShouldBe(200);
        var coding = Coding("Second", 0.1, 0.2, 0.3, 0.4, 0.5, 0.7);
        coding["design"] = "concurrent";
        coding["effects"]![5]!["outcomeRater"] = "therapist";
        coding["effects"]![0]!["outcomeRater"] = "therapist";
        coding["effects"]![1]!["timing"] = "early";
        coding["effects"]!.AsArray().Add(TestData.Effect(r: 0.9).With("key", "more").With("sample", "others"));
        (await Code("lee-2020", coding)).ShouldBe(201);

        var agreement = (await _service.Get("/studies/lee-2020/agreement")).ShouldBe(200);
        Assert.Equal((1, 1), (agreement.Number("studies"), agreement.Number("codings")));
        var fields = agreement.At("fields")!.AsArray().ToDictionary(f => f.At("field")!.GetValue<string>());
        Assert.Equal(["outcomeType", "raters", "measures", "scales", "direction", "level", "timing", "design"], fields.Keys);
        Assert.Equal((6, 100), (fields["outcomeType"].At("n")!.GetValue<int>(), fields["outcomeType"].At("percent")!.GetValue<double>()));
        Assert.Null(fields["outcomeType"].At("kappa"));
        Assert.Equal(100 * 5 / 6.0, fields["raters"].At("percent")!.GetValue<double>(), 1e-9);
        // Agreement of 5/6 where 22/36 were to be expected.
        Assert.Equal(8 / 14.0, fields["raters"].At("kappa/value")!.GetValue<double>(), 1e-12);
        // The study does not say its design.
        Assert.Equal((1, 0), (fields["design"].At("n")!.GetValue<int>(), fields["design"].At("percent")!.GetValue<double>()));

        Assert.Equal((6, "ICC(A,1)"), (agreement.Number("z/n"), agreement.String("z/icc/form")));
        Assert.InRange(agreement.Number("z/icc/value"), 0.9, 0.999);
        var difference = Assert.Single(agreement.At("z/differences")!.AsArray())!;
        Assert.Equal(("e6", "Second"), (difference.At("effect")!.GetValue<string>(), difference.At("coder")!.GetValue<string>()));
        Assert.Equal(Math.Atanh(0.7) - Math.Atanh(0.6), difference.At("difference")!.GetValue<double>(), 1e-12);
        Assert.Equal(1, agreement.Number("unmatched/n"));
        Assert.Equal(("more", "study"), (agreement.String("unmatched/effects/0/effect"), agreement.String("unmatched/effects/0/missingFrom")));
    }

    [Fact]
    public async Task Effects_are_matched_by_key_then_identity_then_sample_and_statistic()
    {
        await _service.SubmitStudy(Study("keys", 0.1, 0.2, 0.3, 0.4));
        var coding = Coding("Second", 0.15, 0.25, 0.3, 0.45);
        var effects = coding["effects"]!.AsArray();
        effects[0]!["sample"] = "renamed";
        (effects[1]!["key"], effects[1]!["sample"]) = ("other-2", "keys.2");
        (effects[2]!["key"], effects[2]!["sample"], effects[2]!["level"]) = ("other-3", "Keys.3", "betweenTherapist");
        (effects[3]!["key"], effects[3]!["sample"]) = ("other-4", "nobody");
        (await Code("keys", coding)).ShouldBe(201);
        var agreement = (await _service.Get("/studies/keys/agreement")).ShouldBe(200);
        Assert.Equal(["e1", "e2"], agreement.At("z/differences")!.AsArray().Select(d => d.At("effect")!.GetValue<string>()).Order());
        Assert.Equal(3, agreement.Number("z/n"));
        Assert.Null(agreement.At("z/icc"));
        Assert.Equal(["e4", "other-4"], agreement.At("unmatched/effects")!.AsArray().Select(d => d.At("effect")!.GetValue<string>()));
    }

    [Fact]
    public async Task Where_coders_vary_the_correlation_is_one_way()
    {
        (await Code("lee-2020", Coding("Second", 0.1, 0.2, 0.3))).ShouldBe(201);
        (await Code("lee-2020", Coding("Third", 0.1, 0.2, 0.3, 0.4, 0.5, 0.65))).ShouldBe(201);
        var agreement = (await _service.Get("/studies/lee-2020/agreement")).ShouldBe(200);
        Assert.Equal((6, "ICC(1,1)", 3), (agreement.Number("z/n"), agreement.String("z/icc/form"), agreement.Number("unmatched/n")));
        Assert.Equal(9, agreement.Number("fields/0/n"));
    }

    [Fact]
    public async Task Meta_agreement_is_over_the_selected_effects_and_sees_new_codings()
    {
        var none = (await _service.Get("/meta/agreement")).ShouldBe(200);
        Assert.Equal((0, 0), (none.Number("codings"), none.Number("z/n")));
        Assert.Null(none.At("fields/0/percent"));
        (await Code("lee-2020", Coding("Second", 0.1, 0.2, 0.3, 0.4, 0.5, 0.7))).ShouldBe(201);
        var other = Study("other-2021", 0.2);
        other["effects"]![0]!["outcomeType"] = "sessionOutcome";
        await _service.SubmitStudy(other);
        (await Code("other-2021", Coding("Second", 0.2))).ShouldBe(201);

        var all = (await _service.Get("/meta/agreement", ("If-None-Match", none.ETag!))).ShouldBe(200);
        Assert.Equal((2, 7), (all.Number("studies"), all.Number("z/n")));
        (await _service.Get("/meta/agreement", ("If-None-Match", all.ETag!))).ShouldBe(304);
        var selected = (await _service.Get("/meta/agreement?outcomeType=treatmentOutcome&exclude=other-2021")).ShouldBe(200);
        Assert.Equal((1, 6), (selected.Number("studies"), selected.Number("z/n")));
        Assert.Equal(0, (await _service.Get("/meta/agreement?outcomeType=followUp")).ShouldBe(200).Number("codings"));
        (await _service.Get("/meta/agreement?outcomeType=all-of-it")).ShouldBeProblem(400);
        (await _service.Get("/meta/agreement?estimator=REML")).ShouldBeProblem(400);
    }

    [Fact]
    public async Task A_coder_who_later_codes_the_study_is_left_out()
    {
        (await Code("lee-2020", Coding("Second", 0.1))).ShouldBe(201);
        var replaced = Study("lee-2020", 0.1);
        replaced["effects"]![0]!["coding"]!["coder"] = "second";
        (await _service.Put("/studies/lee-2020", replaced, ("If-Match", "*"))).ShouldBe(200);
        Assert.Equal(0, (await _service.Get("/studies/lee-2020/agreement")).ShouldBe(200).Number("codings"));
    }

    private Task<ServiceResponse> Code(string key, JsonObject coding) => _service.Post($"/studies/{key}/codings", coding);

    private static JsonObject Study(string key, params double[] r)
    {
        var study = TestData.Study(key, [.. r.Select(value => TestData.Effect(value))]);
        foreach (var effect in study["effects"]!.AsArray())
        {
            effect!["coding"] = new JsonObject { ["coder"] = "First coder" };
        }

        return study;
    }

    private static JsonObject Coding(string coder, params double[] r) => new()
    {
        ["coder"] = coder,
        ["date"] = "2025-03-03",
        ["effects"] = new JsonArray([.. r.Select((value, i) => TestData.Effect(value).With("key", $"e{i + 1}").With("sample", $"lee-2020.{i + 1}"))]),
    };
}
