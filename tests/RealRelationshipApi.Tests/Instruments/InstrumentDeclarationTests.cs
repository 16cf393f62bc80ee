using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Testing;

using RealRelationshipApi.Instruments;
using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Instruments;

/// <summary>What a site declares, and what becomes of it.</summary>
public sealed class InstrumentDeclarationTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Shipped_instruments_are_listed_in_pages()
    {
        var all = (await _service.Get("/instruments")).ShouldBe(200);
        Assert.Equal(47, all.At("instruments")!.AsArray().Count);
        var codes = all.At("instruments")!.AsArray().Select(i => i.At("code")!.GetValue<string>()).ToList();
        Assert.Equal(codes.Order(StringComparer.Ordinal), codes);
        var first = (await _service.Get("/instruments?limit=25")).ShouldBe(200);
        var second = (await _service.Get($"/instruments?limit=25&cursor={first.String("next")}")).ShouldBe(200);
        Assert.Equal(codes, first.At("instruments")!.AsArray().Concat(second.At("instruments")!.AsArray()).Select(i => i.At("code")!.GetValue<string>()));
        Assert.Null(second.At("next"));
    }

    [Fact]
    public async Task An_instrument_describes_its_scoring()
    {
        var read = (await _service.Get("/instruments/OQ-45")).ShouldBe(200);
        Assert.Equal(("oq-45", "worse", "allNeeded", 0),
            (read.String("code"), read.String("direction"), read.String("missing/rule"), read.Number("version")));
        Assert.Equal("[1,12,13,20,21,24,31,37,43]", read.At("reversed")!.ToJsonString());
        (await _service.Get("/instruments/oq-45", ("If-None-Match", read.ETag!))).ShouldBe(304);
        Assert.Contains("wai-sr", (await _service.Get("/instruments/wai")).ShouldBeProblem(404).String("detail"), StringComparison.Ordinal);
        (await _service.Get("/instruments/oq-45?version=1")).ShouldBeProblem(404);
        (await _service.Get("/instruments/oq-45?version=one")).ShouldBeProblem(400);
    }

    [Fact]
    public async Task An_instrument_names_the_sources_of_its_facts()
    {
        var read = (await _service.Get("/instruments/pcl-5")).ShouldBe(200);
        Assert.Contains("camcops", read.String("sources/0/url"), StringComparison.Ordinal);
        Assert.Contains("cutOff", read.At("sources/0/facts")!.AsArray().Select(fact => fact!.GetValue<string>()));
        Assert.StartsWith("Not copyrighted", read.String("licence"), StringComparison.Ordinal);
        var reliability = (await _service.Get("/instruments/k10")).ShouldBe(200).At("reliability/0")!;
        Assert.Equal((0.91, 694, true), (reliability["value"]!.GetValue<double>(), reliability["n"]!.GetValue<int>(),
            reliability["source"]!.GetValue<string>().Contains("https://", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_custom_instrument_is_created_at_its_Location()
    {
        var created = (await _service.Post("/instruments", CustomInstrument())).ShouldBe(201);
        Assert.Equal("/instruments/clinic-form", created.Header("Location"));
        var read = (await _service.Get("/instruments/clinic-form")).ShouldBe(200);
        Assert.Equal((created.Text, created.ETag), (read.Text, read.ETag));
        Assert.Equal((1, 0, 16), (read.Number("version"), read.Number("scales/0/minimum"), read.Number("scales/0/maximum")));
        Assert.Equal(48, (await _service.Get("/instruments")).At("instruments")!.AsArray().Count);
    }

    [Fact]
    public async Task An_equal_declaration_is_stored_once_and_a_different_one_is_a_new_version()
    {
        var first = (await _service.Post("/instruments", CustomInstrument())).ShouldBe(201);
        Assert.Equal(first.Text, (await _service.Post("/instruments", CustomInstrument())).ShouldBe(200).Text);
        var second = (await _service.Post("/instruments", CustomInstrument().With("reversed", new JsonArray(1)))).ShouldBe(201);
        Assert.Equal(2, second.Number("version"));
        Assert.Equal(first.Text, (await _service.Get("/instruments/clinic-form?version=1")).ShouldBe(200).Text);
        Assert.Equal(second.Text, (await _service.Get("/instruments/clinic-form")).ShouldBe(200).Text);
        Assert.Equal(3, (await _service.Post("/instruments", CustomInstrument())).ShouldBe(201).Number("version"));
        (await _service.Get("/instruments/clinic-form?version=0")).ShouldBeProblem(404);
    }

    [Fact]
    public async Task A_declaration_is_logged_and_leaves_the_evidence_revision()
    {
        await _service.SubmitStudy(TestData.Study());
        var tag = (await _service.Get("/meta/pool")).ETag!;
        await _service.Post("/instruments", CustomInstrument());
        await _service.Post("/instruments", CustomInstrument().With("name", "Another"));
        (await _service.Get("/meta/pool", ("If-None-Match", tag))).ShouldBe(304);
        Assert.Equal(["1|1|1|submitted|lee-2020|1", "2|1|0|submitted|instrument/clinic-form|1", "3|1|0|replaced|instrument/clinic-form|2"],
            RawStore.Query(_service.StorePath,
                "SELECT number, evidence, moves, kind, subject, version FROM change JOIN change_subject USING (number) ORDER BY number"));
        Assert.Equal(2, (await _service.SubmitStudy(TestData.Study("kim-2021"))).Number("revision"));
    }

    [Fact]
    public async Task A_declared_scoring_key_enables_item_scores_of_a_shipped_instrument() // an invented key
    {
        var declared = (await _service.Post("/instruments", ScoringKeyDeclaration("rri-c-sf"))).ShouldBe(201);
        Assert.Equal(("site", 1, 5), (declared.String("key"), declared.Number("scales/1/minimum"), declared.Number("scales/1/maximum")));
        Assert.Equal(0.91, declared.Number("reliability/0/value"));
        var instrument = await Find("rri-c-sf");
        Assert.Equal(4.5, ScorerTestData.Score(instrument, items: "5 1 4 5 5 4 2 4").Value);
        Assert.Equal(4.5, ScorerTestData.Score(instrument, 4.5, scale: "genuineness").Value); // the key says that it is a mean
        Assert.Equal(["#/items needsScoringKey"], ScorerTestData.Errors(await Find("rri-c-sf", 0), items: "5 1 4 5 5 4 2 4"));
    }

    [Fact]
    public async Task A_non_public_instrument_can_be_declared()
    {
        (await _service.Post("/instruments",
            JsonNode.Parse("""{ "code": "ses", "items": { "count": 5, "minimum": 1, "maximum": 5 }, "reversed": [] }""")!)).ShouldBe(201);
        Assert.Equal(4.2, ScorerTestData.Score(await Find("ses"), items: "4 4 4 4 5").Value);
        (await _service.Post("/instruments", JsonNode.Parse("""{ "code": "com", "scales": [{ "name": "total", "minimum": 1, "maximum": 7 }] }""")!)).ShouldBe(
            201);
        Assert.Equal(6.5, ScorerTestData.Score(await Find("com"), 6.5).Value);
        (await _service.Post("/instruments", JsonNode.Parse("""
            { "code": "rri-t-sf", "items": { "count": 6, "minimum": 1, "maximum": 5 }, "scales": [{ "name": "total", "aggregation": "mean" }] }
            """)!)).ShouldBe(201);
        Assert.Equal(3, ScorerTestData.Score(await Find("rri-t-sf"), 3).Value);
    }

    [Fact]
    public async Task OQ_subscales_are_declared_by_the_site() // invented ones
    {
        (await _service.Post("/instruments",
            JsonNode.Parse("""{ "code": "oq-45", "scales": [{ "name": "first", "aggregation": "sum", "items": [4, 2, 3, 1] }] }""")!)).ShouldBe(201);
        Assert.Equal(3, ScorerTestData.Score(await Find("oq-45"), items: "0 2 0 1 41*0", scale: "first").Value);
        (await _service.Post("/instruments", JsonNode.Parse("""
            { "code": "own", "name": "Own form", "construct": "treatmentOutcome", "raters": ["client"], "direction": "worse",
              "items": { "count": 3, "minimum": 0, "maximum": 4 }, "reversed": [], "missing": { "rule": "subscaleMean" }, "scales": [
              { "name": "first", "aggregation": "sum", "items": [1, 2] }, { "name": "second", "aggregation": "sum", "items": [2, 3] }] }
            """)!)).ShouldBeProblem(422, "#/scales", "overlap");
    }

    [Fact]
    public async Task A_declaration_equal_to_a_shipped_instrument_returns_that_instrument()
    {
        var read = await _service.Get("/instruments/phq-9");
        var answer =
            (await _service.Post("/instruments",
                JsonNode.Parse("""{ "code": "phq-9", "direction": "worse", "missing": { "rule": "allNeeded" }, "reversed": [] }""")!)).ShouldBe(200);
        Assert.Equal(read.Text, answer.Text);
        Assert.Empty(RawStore.Query(_service.StorePath, "SELECT code FROM instrument_version"));
    }

    [Fact]
    public async Task An_external_code_identifies_a_scale()
    {
        (await _service.Post("/instruments",
            CustomInstrument().With("codings", JsonNode.Parse("""[{ "system": "https://clinic.example/scores", "code": "wb" }]""")))).ShouldBe(201);
        using var connection = _service.Services.GetRequiredService<Database>().OpenSnapshot();
        var known = _service.Services.GetRequiredService<InstrumentCatalogue>().GetInstruments(connection, Caller.DevelopmentTenant);
        Assert.Equal(("clinic-form", "total"),
            (known.FindCoding("https://clinic.example/scores", "wb").Instrument!.Code, known.FindCoding("https://clinic.example/scores", "wb").Scale));
        (await _service.Post("/instruments",
            CustomInstrument("other").With("codings", JsonNode.Parse("""[{ "system": "https://clinic.example/scores", "code": "wb" }]"""))))
            .ShouldBeProblem(422, "#/codings", "codingTaken");
    }

    [Fact]
    public async Task A_repeated_request_with_the_same_idempotency_key_is_replayed()
    {
        var key = ("Idempotency-Key", "order-66");
        var first = (await _service.Post("/instruments", CustomInstrument(), key)).ShouldBe(201);
        (await _service.Post("/instruments", CustomInstrument().With("name", "Another"))).ShouldBe(201);
        var replayed = (await _service.Post("/instruments", CustomInstrument(), key)).ShouldBe(201);
        Assert.Equal("true", replayed.Header("Idempotent-Replayed"));
        Assert.Equal((first.Text, first.ETag), (replayed.Text, replayed.ETag));
        (await _service.Post("/instruments", CustomInstrument("other"), key)).ShouldBeProblem(422);
    }

    [Fact]
    public async Task Declarations_survive_a_restart_and_tampered_rows_are_detected()
    {
        using var folder = new TemporaryFolder();
        ServiceResponse read;
        await using (var first = await Service.StartInAsync(folder))
        {
            await first.Post("/instruments", CustomInstrument());
            read = await first.Get("/instruments/clinic-form");
        }

        await using (var second = await Service.StartInAsync(folder))
        {
            Assert.Equal(read.Text, (await second.Get("/instruments/clinic-form")).Text);
        }

        RawStore.Execute(folder.StorePath, "UPDATE instrument_version SET content = replace(content, 'better', 'worse')");
        await using var third = await Service.StartInAsync(folder);
        Assert.Contains("clinic-form", (await third.Get("/instruments/clinic-form")).ShouldBeProblem(503).String("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sixteen_concurrent_equal_declarations_make_one_version()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _service.Post("/instruments", CustomInstrument())));
        Assert.True(answers.All(a => a.Status < 300), string.Join("\n", answers.Where(a => a.Status >= 300).Select(a => a.Text)));
        Assert.Equal([201, .. Enumerable.Repeat(200, 15)], answers.Select(a => a.Status).OrderDescending());
        Assert.All(answers, a => Assert.Equal(1, a.Number("version")));
    }

    internal static JsonObject CustomInstrument(string code = "clinic-form") => JsonNode.Parse($$"""
        {
          "code": "{{code}}", "name": "A form", "construct": "treatmentOutcome", "raters": ["client"], "direction": "better",
          "items": { "count": 4, "minimum": 0, "maximum": 4 }, "reversed": [], "scales": [{ "name": "total", "aggregation": "sum" }]
        }
        """)!.AsObject();

    private static JsonNode ScoringKeyDeclaration(string code) => JsonNode.Parse($$"""
        { "code": "{{code}}", "reversed": [7, 2], "scales": [{ "name": "genuineness", "items": [1, 3, 5, 7], "aggregation": "mean" }] }
        """)!;

    private async Task<Instrument> Find(string code, long? version = null)
    {
        using var connection = _service.Services.GetRequiredService<Database>().OpenSnapshot();
        return _service.Services.GetRequiredService<InstrumentCatalogue>().Find(connection, Caller.DevelopmentTenant, code, version).Instrument!;
    }
}

/// <summary>What a site declares is its own.</summary>
public sealed class InstrumentTenantTests(ProductionService guarded) : IClassFixture<ProductionService>
{
    [Fact]
    public async Task Another_tenants_instrument_returns_404()
    {
        var (north, south) = (await guarded.CreateKeyHeaderAsync("north", Scopes.SessionsWrite, Scopes.MetaRead),
            await guarded.CreateKeyHeaderAsync("south", Scopes.SessionsWrite, Scopes.MetaRead));
        (await guarded.Service.Post("/instruments", InstrumentDeclarationTests.CustomInstrument(), north)).ShouldBe(201);
        (await guarded.Service.Get("/instruments/clinic-form", north)).ShouldBe(200);
        foreach (var other in new[] { south, ("X-API-Key", guarded.AdminKey) })
        {
            (await guarded.Service.Get("/instruments/clinic-form", other)).ShouldBeProblem(404);
            (await guarded.Service.Get("/instruments/clinic-form?version=1", other)).ShouldBeProblem(404);
            Assert.DoesNotContain("clinic-form", (await guarded.Service.Get("/instruments?limit=200", other)).ShouldBe(200).Text, StringComparison.Ordinal);
        }

        Assert.Equal(1,
            (await guarded.Service.Post("/instruments", InstrumentDeclarationTests.CustomInstrument().With("direction", "worse"), south)).ShouldBe(201)
                .Number("version"));
        Assert.Equal("better", (await guarded.Service.Get("/instruments/clinic-form", north)).String("direction"));
    }

    [Fact]
    public async Task A_scoring_key_of_one_tenant_does_not_apply_to_another()
    {
        var (north, south) = (await guarded.CreateKeyHeaderAsync("north", Scopes.SessionsWrite), await guarded.CreateKeyHeaderAsync("south", Scopes.MetaRead));
        (await guarded.Service.Post("/instruments", JsonNode.Parse("""{ "code": "seq", "reversed": [1] }""")!, north)).ShouldBe(201);
        Assert.Equal((0, "unpublished"),
            ((await guarded.Service.Get("/instruments/seq", south)).Number("version"), (await guarded.Service.Get("/instruments/seq", south)).String("key")));
    }
}
