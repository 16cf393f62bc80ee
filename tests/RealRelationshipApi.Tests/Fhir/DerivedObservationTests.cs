using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>An Observation and the response that it is derived from are one administration: the copy does not change a site's results.</summary>
public sealed class DerivedObservationTests
{
    private static readonly JsonObject s_relationship = FhirTestData.InstrumentObservation("rri-c-sf", 4.2, "rri", "enc-2", "2026-03-08T10:00:00+01:00");
    private static readonly JsonObject s_response = FhirTestData.Phq9().With("id", "r-77");

    // An hour later: without the link the two would be a score before the relationship and one after it.
    private static readonly JsonObject s_score = FhirTestData.Observation("copy", 11, session: "enc-3", at: "2026-03-15T10:00:00+01:00");

    public static TheoryData<string> Links => new(
        """{ "reference": "QuestionnaireResponse/r-77" }""",
        """{ "type": "QuestionnaireResponse", "identifier": { "value": "qr-1" } }""",
        """{ "reference": "QuestionnaireResponse?identifier=qr-1" }""");

    [Theory]
    [MemberData(nameof(Links))]
    public async Task In_either_order_a_derived_score_counts_once(string link)
    {
        var copy = s_score.With("derivedFrom", new JsonArray(JsonNode.Parse(link)));
        var once = await AssociationsAfter(s_relationship, s_response);
        Assert.Equal(once, await AssociationsAfter(s_relationship, s_response, copy));
        Assert.Equal(once, await AssociationsAfter(copy, s_response, s_relationship));
        Assert.NotEqual(once, await AssociationsAfter(s_relationship, s_response, s_score));
    }

    [Fact]
    public async Task A_response_that_got_an_identifier_later_is_found_by_it()
    {
        JsonObject[] messages = [s_relationship, s_response.Without("identifier"), s_response.With("meta/versionId", "2")];
        var copy = s_score.With("derivedFrom", new JsonArray(JsonNode.Parse("""{ "type": "QuestionnaireResponse", "identifier": { "value": "qr-1" } }""")));
        Assert.Equal(await AssociationsAfter(messages), await AssociationsAfter([.. messages, copy]));
    }

    [Fact]
    public async Task In_one_bundle_fullUrl_links_response_and_score()
    {
        var copy = s_score.With("derivedFrom", new JsonArray(FhirTestData.Reference("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0")));
        var bundle = FhirTestData.BundleOf("transaction", FhirTestData.Entry(copy),
            FhirTestData.Entry(s_response, "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"), FhirTestData.Entry(s_relationship));
        Assert.Equal(await AssociationsAfter(s_relationship, s_response), await AssociationsAfter(bundle));
    }

    [Fact]
    public async Task Without_its_response_the_score_counts()
    {
        var copy = s_score.With("derivedFrom", new JsonArray(FhirTestData.Reference("QuestionnaireResponse/another")));
        Assert.Equal(await AssociationsAfter(s_relationship, s_score), await AssociationsAfter(s_relationship, copy));
    }

    [Fact]
    public async Task A_withdrawn_response_withdraws_its_derived_score()
    {
        var copy = s_score.With("derivedFrom", new JsonArray(FhirTestData.Reference("QuestionnaireResponse/r-77")));
        var withdrawal = FhirTestData.Phq9(version: 2, status: "entered-in-error");
        var withoutCopy = await AssociationsAfter(s_relationship, s_response, withdrawal);
        Assert.Equal(withoutCopy, await AssociationsAfter(s_relationship, s_response, copy, withdrawal));
        Assert.Equal(withoutCopy, await AssociationsAfter(withdrawal, copy, s_response, s_relationship));
    }

    [Fact]
    public async Task A_score_of_another_scale_is_not_a_duplicate()
    {
        var form = FhirTestData.Phq9("rri").With("questionnaire", "Questionnaire/rri-c")
            .With("item", new JsonArray(FhirTestData.Item("total", new() { ["valueDecimal"] = 4.2 }))).With("id", "w-1");
        var part = FhirTestData.InstrumentObservation("rri-c.genuineness", 4.5, "part");
        var linked = part.With("derivedFrom", new JsonArray(FhirTestData.Reference("QuestionnaireResponse/w-1")));
        Assert.Equal(await AssociationsAfter(form, part, s_response), await AssociationsAfter(form, linked, s_response));
        Assert.NotEqual(await AssociationsAfter(form, s_response), await AssociationsAfter(form, linked, s_response));
    }

    /// <summary>Results of a site after these messages.</summary>
    private static async Task<string> AssociationsAfter(params JsonObject[] messages)
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
