using System.Text;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http;

/// <summary>Requests that are wrong before anybody reads their body.</summary>
public sealed class RequestRejectionTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/meta")]
    [InlineData("/studies/Upper-Case")]
    [InlineData("/studies/lee-2020/effects")]
    [InlineData("/studies/lee-2020%0A")]
    [InlineData("/openapi/v2.json")]
    [InlineData("/../../etc/passwd")]
    public async Task An_unknown_path_is_not_found(string path) => (await _service.Get(path)).ShouldBeProblem(404);

    [Theory]
    [InlineData("DELETE", "/studies", "GET, POST")]
    [InlineData("PATCH", "/studies/lee-2020", "DELETE, GET, PUT")]
    [InlineData("PUT", "/meta/pool", "GET, POST")]
    [InlineData("GET", "/studies/batch", null)]
    [InlineData("POST", "/meta/references", "GET")]
    [InlineData("POST", "/effects", "GET")]
    [InlineData("POST", "/", "GET")]
    [InlineData("OPTIONS", "/meta/options", "GET")]
    public async Task A_wrong_method_returns_405_with_the_allowed_ones(string method, string path, string? allowed)
    {
        var answer = await _service.Send(new HttpMethod(method), path, null);
        if (allowed is null)
        {
            Assert.True(answer.Status is 404 or 405, answer.Text);
            return;
        }
        answer.ShouldBeProblem(405);
        Assert.Equal(allowed, string.Join(", ", answer.Header("Allow")!.Split(", ").Order()));
    }

    [Theory]
    [InlineData("/meta/options", "text/csv")]
    [InlineData("/meta/references", "application/xml")]
    [InlineData("/effects.csv", "application/json")]
    [InlineData("/", "application/json")]
    [InlineData("/studies", "text/html;q=0.9, image/*")]
    [InlineData("/studies", "application/json;q=0")]
    [InlineData("/studies", "nonsense")]
    public async Task An_unsupported_media_type_in_Accept_returns_406(string path, string accept) =>
        (await _service.Get(path, ("Accept", accept))).ShouldBeProblem(406);

    [Theory]
    [InlineData("*/*")]
    [InlineData("application/*")]
    [InlineData("text/html, application/xhtml+xml, */*;q=0.8")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/problem+json, application/json")]
    public async Task JSON_is_returned_for_any_matching_Accept(string accept) =>
        Assert.Equal("application/json", (await _service.Get("/studies", ("Accept", accept))).ShouldBe(200).MediaType);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=klingon")]
    public async Task A_body_of_another_type_or_charset_is_refused(string mediaType)
    {
        foreach (var path in new[] { "/studies", "/meta/pool", "/meta/moderators", "/meta/convert" })
        {
            (await _service.PostBytes(path, Encoding.UTF8.GetBytes(TestData.Study().ToJsonString()), mediaType)).ShouldBeProblem(415);
        }

        if (mediaType is not "text/plain")
        {
            (await _service.PostBytes("/studies/batch", "[]"u8.ToArray(), mediaType)).ShouldBeProblem(415);
        }
    }

    [Theory]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/json")]
    public async Task The_UTF_8_charset_is_optional(string mediaType) =>
        (await _service.PostBytes("/studies?validateOnly=true", Encoding.UTF8.GetBytes(TestData.Study().ToJsonString()), mediaType)).ShouldBe(200);

    [Theory]
    [InlineData("/meta/pool?outcometype=followUp", "?outcometype unknownParameter")]
    [InlineData("/meta/pool?confidence=0,95", "?confidence notAValue")]
    [InlineData("/meta/pool?confidence=", "?confidence notAValue")]
    [InlineData("/meta/pool?confidence=NaN", "?confidence notAValue")]
    [InlineData("/meta/pool?confidence=1e400", "?confidence notAValue")]
    [InlineData("/meta/pool?confidence=0.9&confidence=0.95", "?confidence repeated")]
    [InlineData("/meta/pool?test=T", "?test notAValue")]
    [InlineData("/meta/pool?test=0", "?test notAValue")]
    [InlineData("/meta/pool?synthetic=only&synthetic=include", "?synthetic repeated")]
    [InlineData("/meta/pool?by=year", "?by unknownParameter")]
    [InlineData("/meta/moderators?by=year&equivalenceMargin=x", "?equivalenceMargin notAValue")]
    [InlineData("/meta/moderators?by=", "?by notAValue")]
    [InlineData("/meta/references?limit=3", "?limit unknownParameter")]
    [InlineData("/meta/convert?value=3", "?type required")]
    [InlineData("/meta/convert?type=t&value=drei&df=58", "?value notAValue")]
    [InlineData("/studies?key=lee-2020", "?key unknownParameter")]
    [InlineData("/effects.csv?bom=1", "?bom notAValue")]
    [InlineData("/?pretty=true", "?pretty unknownParameter")]
    [InlineData("/health/live?x", "?x unknownParameter")]
    public async Task An_unparseable_query_is_malformed(string path, string error) =>
        Assert.Contains(error, (await _service.Get(path)).ShouldBeProblem(400).Errors);

    [Theory]
    [InlineData("/meta/pool?confidence=2", "?confidence outOfRange")]
    [InlineData("/meta/pool?confidence=0.5", "?confidence outOfRange")]
    [InlineData("/meta/pool?rho=1", "?rho tooLarge")]
    [InlineData("/meta/pool?rho=-0.1", "?rho tooSmall")]
    [InlineData("/meta/pool?equivalence=1", "?equivalence outOfRange")]
    [InlineData("/meta/moderators?by=year&equivalenceMargin=0", "?equivalenceMargin outOfRange")]
    [InlineData("/meta/convert?type=r&value=1&n=50", "?value outOfRange")]
    [InlineData("/meta/convert?type=r&value=0.3&n=3", "?n outOfRange")]
    public async Task A_query_parameter_out_of_range_is_reported_by_name(string path, string error) =>
        Assert.Contains(error, (await _service.Get(path)).ShouldBeProblem(422).Errors);

    [Fact]
    public async Task All_query_errors_are_reported_at_once() =>
        Assert.Equal(["?confidence outOfRange", "?outcomeType notAValue", "?rho tooLarge", "?yearFrom notAValue"],
            (await _service.Get("/meta/pool?confidence=2&rho=7&outcomeType=bad&yearFrom=now")).ShouldBeProblem(400).Errors.Order());

    [Fact]
    public async Task A_POST_also_refuses_unknown_query_parameters() =>
        (await _service.Post("/studies?validateonly=true", TestData.Study())).ShouldBeProblem(400, "?validateonly", "unknownParameter");

    [Fact]
    public async Task Responses_have_no_Server_header() => Assert.Null((await _service.Get("/studies")).Header("Server"));
}
