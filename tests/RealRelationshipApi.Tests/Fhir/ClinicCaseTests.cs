using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Messages in the shapes that record systems send, each in a file of <c>Cases</c> with invented people and keys.</summary>
public sealed class ClinicCaseTests : IAsyncLifetime
{
    private const string Source = "https://ehr.example";
    private const string Folder = "tests/RealRelationshipApi.Tests/Fhir/Cases";

    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    /// <summary>Each file of the folder: what the first and the second message get, and what is stored of the patient.</summary>
    public static readonly TheoryData<string, int, int, string, string> Cases = new()
    {
        { "01-uscore-phq9-item69722.json", 201, 200, "p-1", "phq-9 12" },
        { "02-core10-camcops-keyed-items.json", 201, 200, "p-core10", "core-10 8" },
        { "03-oq45-printed-zero.session.json", 201, 200, "p-oq", "oq-45 0" },
        { "04-wai-sr-source-practitioner.json", 422, 422, "p-1", "" },
        { "05-path-ors-child.json", 422, 422, "p-1", "" },
        { "09-hapi-conditional-create.json", 201, 200, "1", "phq-9 4" },
        { "10-uuid-versionId.json", 201, 200, "1", "phq-9 4" },
        { "11-date-only.json", 201, 200, "1", "phq-9 4" },
        { "13-uscore-valueString-total.json", 201, 200, "1", "phq-9 12" },
        { "14-mii-phq9.json", 201, 200, "example", "phq-9 27" },
        { "17-rom-nightly.csv", 201, 200, "p1", "phq-9 12, rri-c 4.2" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Each_file_is_treated_as_its_case_says(string file, int first, int again, string patient, string stored)
    {
        if (file.StartsWith("14", StringComparison.Ordinal))
        {
            (await PostFile(file)).ShouldBeOutcome(422, "QuestionnaireResponse.questionnaire", "unknownInstrument");
            (await _service.Put("/sources", JsonNode.Parse("""{ "codings": [{ "canonical": "Questionnaire/mii-qst-pro-phq-9", "instrument": "phq-9" }] }""")!,
                ("If-Match", "*"))).ShouldBe(200);
        }

        (await PostFile(file)).ShouldBe(first);
        (await PostFile(file)).ShouldBe(again);
        var source = file.EndsWith("csv", StringComparison.Ordinal) ? "rom" : file.Contains("session", StringComparison.Ordinal) ? "c" : Source;
        Assert.Equal(stored, string.Join(", ", await _service.GetScores(patient, source)));
    }

    [Fact]
    public void Each_file_has_a_case() => Assert.Equal(
        Directory.GetFiles(Path.Combine(RepositoryFiles.Root, Folder)).Select(Path.GetFileName).Order(StringComparer.Ordinal),
        Cases.Select(c => c.Data.Item1).Order(StringComparer.Ordinal));

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

    private Task<ServiceResponse> PostFile(string file) => file.EndsWith("csv", StringComparison.Ordinal)
        ? _service.PostText("/sessions?sourceSystem=rom&timeZone=Europe/Berlin", Read(file), "text/csv")
        : file.Contains("session", StringComparison.Ordinal) ? _service.PostText("/sessions", Read(file), "application/json")
        : PostCase(Path.GetFileNameWithoutExtension(file));

    private Task<ServiceResponse> PostCase(string name, params (string Name, string Value)[] headers) =>
        _service.PostFhir(JsonNode.Parse(Read($"{name}.json"))!.AsObject(), headers);

    private static string Read(string file) => RepositoryFiles.Read($"{Folder}/{file}");
}
