using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Messages in the shapes that record systems send, each in a file of <c>Cases</c> with invented people and keys.</summary>
public sealed class ClinicCaseTests : IAsyncLifetime
{
    private const string Source = "https://ehr.example";

    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task US_Core_PHQ_9_with_the_question_beside_the_form()
    {
        (await PostCase("01-uscore-phq9-item69722")).ShouldBe(201);
        Assert.Equal(["phq-9 12"], await _service.GetScores("p-1", Source));
    }

    [Theory]
    [InlineData("02-core10-camcops-keyed-items", "p-core10", "core-10 8")]
    [InlineData("10-uuid-versionId", "1", "phq-9 4")]
    [InlineData("11-date-only", "1", "phq-9 4")]
    [InlineData("13-uscore-valueString-total", "1", "phq-9 12")]
    public async Task A_message_that_is_stored_once(string name, string patient, string stored)
    {
        (await PostCase(name)).ShouldBe(201);
        (await PostCase(name)).ShouldBe(200);
        Assert.Equal([stored], await _service.GetScores(patient, Source));
    }

    [Fact]
    public async Task An_alliance_form_of_the_client_answered_by_a_practitioner() =>
        (await PostCase("04-wai-sr-source-practitioner")).ShouldBeOutcome(422, "QuestionnaireResponse.source", "wrongRater");

    [Fact]
    public async Task A_form_for_children_in_a_folder_named_as_the_form_for_adults() =>
        (await PostCase("05-path-ors-child")).ShouldBeOutcome(422, "QuestionnaireResponse.questionnaire", "unknownInstrument");

    [Theory]
    [InlineData("http://localhost/fhir/Observation?identifier=https://ehr.example/obs%7Ch1")]
    [InlineData("Observation?identifier=https://ehr.example/obs|h1")]
    [InlineData("?identifier=https%3A%2F%2Fehr.example%2Fobs%7Ch1")]
    [InlineData("identifier=https://ehr.example/obs%7Ch1")]
    public async Task A_conditional_create_with_the_address_of_the_Java_client(string search)
    {
        (await PostCase("09-hapi-conditional-create", ("If-None-Exist", search))).ShouldBe(201);
        (await PostCase("09-hapi-conditional-create", ("If-None-Exist", search))).ShouldBe(200);
        Assert.Equal(["phq-9 4"], await _service.GetScores("1", Source));
    }

    [Theory]
    [InlineData("http://localhost/fhir/Observation?identifier=https://ehr.example/obs%7Ch2")]
    [InlineData("http://localhost/fhir/Observation?code=44261-6")]
    [InlineData("http://localhost/fhir/Patient?identifier=https://ehr.example/obs%7Ch1")]
    public async Task A_conditional_create_that_searches_for_something_else(string search) =>
        (await PostCase("09-hapi-conditional-create", ("If-None-Exist", search))).ShouldBeOutcome(422, "http.If-None-Exist", "notSupported");

    [Theory]
    [InlineData("?_format=json", 200)]
    [InlineData("?_format=application/fhir+json", 200)]
    [InlineData("?_format=application%2Ffhir%2Bjson&_pretty=true", 200)]
    [InlineData("?_format=xml", 406)]
    [InlineData("?_pretty=yes", 400)]
    [InlineData("?format=json", 400)]
    public async Task The_first_request_of_the_Java_client(string query, int status) => (await _service.Get("/fhir/metadata" + query, ("Accept",
        "application/fhir+xml;q=1.0, application/fhir+json;q=1.0, application/xml+fhir;q=0.9, application/json+fhir;q=0.9"))).ShouldBe(status);

    private Task<ServiceResponse> PostCase(string name, params (string Name, string Value)[] headers)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "tests/RealRelationshipApi.Tests/Fhir/Cases", $"{name}.json"));
        return _service.PostFhir(JsonNode.Parse(text)!.AsObject(), headers);
    }
}
