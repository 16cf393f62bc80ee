using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>An Observation and the response that it is derived from are one administration: what a site is told does not change with the copy.</summary>
public sealed class DerivationTests
{
    private static readonly JsonObject s_relationship = R.Own("rri-c-sf", 4.2, "rri", "enc-2", "2026-03-08T10:00:00+01:00");
    private static readonly JsonObject s_response = R.Phq9().With("id", "r-77");

    // An hour later: without the link the two would be a score before the relationship and one after it.
    private static readonly JsonObject s_score = R.Observation("copy", 11, session: "enc-3", at: "2026-03-15T10:00:00+01:00");

    public static TheoryData<string> Links => new(
        """{ "reference": "QuestionnaireResponse/r-77" }""",
        """{ "type": "QuestionnaireResponse", "identifier": { "value": "qr-1" } }""",
        """{ "reference": "QuestionnaireResponse?identifier=qr-1" }""");

    [Theory]
    [MemberData(nameof(Links))]
    public async Task In_either_order_a_derived_score_counts_once(string link)
    {
        var copy = s_score.With("derivedFrom", new JsonArray(JsonNode.Parse(link)));
        var once = await Told(s_relationship, s_response);
        Assert.Equal(once, await Told(s_relationship, s_response, copy));
        Assert.Equal(once, await Told(copy, s_response, s_relationship));
        Assert.NotEqual(once, await Told(s_relationship, s_response, s_score));
    }

    [Fact]
    public async Task In_one_bundle_the_address_of_the_entry_links_them()
    {
        var copy = s_score.With("derivedFrom", new JsonArray(R.Reference("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0")));
        var bundle = R.BundleOf("transaction", R.Entry(copy), R.Entry(s_response, "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"), R.Entry(s_relationship));
        Assert.Equal(await Told(s_relationship, s_response), await Told(bundle));
    }

    [Fact]
    public async Task Without_its_response_the_score_counts()
    {
        var copy = s_score.With("derivedFrom", new JsonArray(R.Reference("QuestionnaireResponse/another")));
        Assert.Equal(await Told(s_relationship, s_score), await Told(s_relationship, copy));
    }

    [Fact]
    public async Task A_response_that_was_taken_back_takes_its_score_with_it()
    {
        var copy = s_score.With("derivedFrom", new JsonArray(R.Reference("QuestionnaireResponse/r-77")));
        var withdrawal = R.Phq9(version: 2, status: "entered-in-error");
        var withoutCopy = await Told(s_relationship, s_response, withdrawal);
        Assert.Equal(withoutCopy, await Told(s_relationship, s_response, copy, withdrawal));
        Assert.Equal(withoutCopy, await Told(withdrawal, copy, s_response, s_relationship));
    }

    [Fact]
    public async Task A_score_of_another_scale_is_no_copy()
    {
        var form = R.Phq9("rri").With("questionnaire", "Questionnaire/rri-c").With("item", new JsonArray(R.Item("total", new() { ["valueDecimal"] = 4.2 }))).With("id", "w-1");
        var part = R.Own("rri-c.genuineness", 4.5, "part");
        var linked = part.With("derivedFrom", new JsonArray(R.Reference("QuestionnaireResponse/w-1")));
        Assert.Equal(await Told(form, part, s_response), await Told(form, linked, s_response));
        Assert.NotEqual(await Told(form, s_response), await Told(form, linked, s_response));
    }

    /// <summary>What a site is told after these messages.</summary>
    private static async Task<string> Told(params JsonObject[] messages)
    {
        await using var service = await Service.StartAsync();
        foreach (var message in messages)
        {
            Assert.InRange((await service.PostFhir(message)).Status, 200, 201);
        }

        var told = (await service.Get("/associations")).ShouldBe(200);
        return $"{told.At("associations")!.ToJsonString()} {told.At("excluded")!.ToJsonString()}";
    }
}
