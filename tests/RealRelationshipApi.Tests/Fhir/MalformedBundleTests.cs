using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Bundles and forms with JSON of the wrong kind get an error that names the place, never 500.</summary>
public sealed class MalformedBundleTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const string Observation = """{"resourceType":"Observation"}""";

    public static TheoryData<string> WrongKinds =>
    [
        "{}", "\"x\"", "null", "1", "true", "[null]", "[{}]", "[1]", "[\"x\"]", "[true]", "[[]]", "[[{}]]",
        .. from resource in (string[])["null", "1", "\"x\"", "[]", "{}", """{"resourceType":null}""", """{"resourceType":1}""", """{"resourceType":"None"}"""]
           select $$"""[{"resource":{{resource}}}]""",
        .. from request in (string[])["null", "\"x\"", "[]", "{}", """{"method":1}""", """{"method":"POST","url":{}}"""]
           select $$"""[{"fullUrl":1,"request":{{request}},"resource":{{Observation}}}]""",
    ];

    [Theory]
    [InlineData("item/0/answer", "[null]")]
    [InlineData("item", "[null, 1]")]
    [InlineData("extension", "[[null]]")]
    public async Task A_malformed_entry_does_not_fail_those_that_refer_to_it(string path, string value)
    {
        const string Url = "https://ehr.example/QuestionnaireResponse/1";
        var derived = FhirTestData.Observation($"of-{path}");
        derived["derivedFrom"] = new JsonArray(FhirTestData.Reference(Url));
        var response = FhirTestData.Phq9().With("questionnaire", "https://ehr.example/Questionnaire/intake").With(path, JsonNode.Parse(value));
        var answer = await empty.Service.PostFhir(FhirTestData.BundleOf("batch", FhirTestData.Entry(response, Url), FhirTestData.Entry(derived)));
        Assert.Equal(["400 Bad Request", "201 Created"], answer.ShouldBe(200).Statuses());
    }

    [Theory]
    [MemberData(nameof(WrongKinds))]
    public async Task An_entry_of_the_wrong_kind_is_no_server_error(string entry)
    {
        foreach (var type in (string[])["batch", "transaction", "collection"])
        {
            var answer = await Post("/fhir", $$"""{"resourceType":"Bundle","type":"{{type}}","entry":{{entry}}}""");
            Assert.Equal("OperationOutcome", answer.Status == 200 ? answer.String("entry/0/response/outcome/resourceType") : answer.String("resourceType"));
            Assert.InRange(answer.Status == 200 ? int.Parse(answer.String("entry/0/response/status")![..3]) : answer.Status, 400, 422);
        }
    }

    [Theory]
    [InlineData("""{"resourceType":"Bundle","type":1,"entry":[]}""")]
    [InlineData("""{"resourceType":"Bundle","type":{},"entry":[]}""")]
    [InlineData("""{"resourceType":"Bundle","type":"batch","meta":1,"entry":[{}]}""")]
    [InlineData("""{"resourceType":"Bundle","type":"batch","meta":{"source":1},"entry":[null]}""")]
    [InlineData("""{"resourceType":"Bundle","type":"batch","identifier":"x","entry":null}""")]
    [InlineData("""{"resourceType":"Bundle","type":"batch","link":{},"total":"x","entry":{}}""")]
    [InlineData("""{"resourceType":"Bundle"}""")]
    [InlineData("""{"resourceType":["Bundle"]}""")]
    [InlineData("""[{"resourceType":"Bundle"}]""")]
    [InlineData("null")]
    public async Task A_bundle_of_the_wrong_kind_is_no_server_error(string body) => Assert.InRange((await Post("/fhir", body)).Status, 400, 422);

    // Each element of a valid resource is replaced by values of every kind.
    [Theory]
    [InlineData("Observation")]
    [InlineData("QuestionnaireResponse")]
    public async Task An_element_of_the_wrong_kind_is_no_server_error(string resourceType)
    {
        var valid = resourceType == "Observation" ? FhirTestData.Observation() : FhirTestData.Phq9(total: 11);
        foreach (var name in valid.Select(member => member.Key).Where(name => name != "resourceType").ToList())
        {
            foreach (var value in (string[])["null", "{}", "[]", "1", "\"x\"", "true", "[null]", "[{}]", "[1]", "[[]]"])
            {
                var answer = await Post($"/fhir/{resourceType}", valid.WithRawText(name, value));
                Assert.True(answer.Status < 500, $"{answer.Status} for {name}: {value}");
            }
        }
    }

    // Char.IsDigit and \d accept the digits of every script, which no number is parsed from.
    [Theory]
    [InlineData("q\u0661")]
    [InlineData("q\u0967")]
    [InlineData("q\uFF11")]
    [InlineData("\u0665\u0665\u0667\u0665\u0668-\u0663")]
    public async Task Digits_of_other_scripts_name_no_item(string linkId)
    {
        var form = FhirTestData.Phq9();
        form["item"]![0]!["linkId"] = linkId;
        var answer = await Post("/fhir/QuestionnaireResponse", form.ToJsonString());
        Assert.Equal(422, answer.Status);
        Assert.Contains("tooManyMissing", answer.Text, StringComparison.Ordinal);
    }

    private Task<ServiceResponse> Post(string path, string body) => empty.Service.PostText(path, body, "application/fhir+json");
}
