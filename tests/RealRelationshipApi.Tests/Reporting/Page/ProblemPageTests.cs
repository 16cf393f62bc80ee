using System.Net;

using RealRelationshipApi.Tests.Architecture;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Page;

/// <summary>A wrong address of a page is a page for browsers, and a problem document for programs.</summary>
public sealed class ProblemPageTests(DemoService demo) : IClassFixture<DemoService>
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    private readonly Service _service = demo.Service;

    [Theory]
    [InlineData("/?add=abc:3", 400, "Your study: 'abc:3' must be R:N")]
    [InlineData("/?add=.5:2", 422, "Your study: '.5:2': participants must be from 4")]
    [InlineData("/?nonsense=1", 400, "<code>nonsense</code> is not known here")]
    [InlineData("/?rho=2", 422, "<code>rho</code>")]
    [InlineData("/?asOf=99999", 422, "<code>asOf</code>")]
    [InlineData("/?estimator=dl&dependence=threeLevel", 422, "<code>estimator</code> must be reml or ml")]
    [InlineData("/?yearFrom=<script>", 400, "<code>yearFrom</code>")]
    [InlineData("/clinic?x=1", 400, "<code>x</code> is not known: this operation takes no query parameters")]
    [InlineData("/embed?nonsense=1", 400, "<code>nonsense</code>")]
    [InlineData("/embed?rho=2", 422, "<code>rho</code>")]
    [InlineData("/embed?sequential=anytime", 400, "<code>sequential</code> has no effect here")]
    public async Task The_page_says_what_is_wrong(string address, int status, string said)
    {
        var page = (await _service.Get(address, ("Accept", Browser))).ShouldBe(status);
        Assert.Equal("text/html", page.MediaType);
        Assert.Contains(said, WebUtility.HtmlDecode(page.Text), StringComparison.Ordinal);
        Assert.Contains("Accept", page.Header("Vary"), StringComparison.Ordinal);
        Assert.Equal("no-store", page.Header("Cache-Control"));
        Assert.StartsWith("default-src 'none'; img-src 'self'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page.Text, StringComparison.Ordinal);

        foreach (var accept in new[] { "*/*", "text/html, application/problem+json" })
        {
            (await _service.Get(address, ("Accept", accept))).ShouldBeProblem(status);
        }
    }

    [Theory]
    [InlineData("/nowhere", 404, "There is no such path")]
    [InlineData("/studies/nobody", 404, "nobody")]
    [InlineData("/meta/forest.svg?x=1", 400, "<code>x</code> is not known here")]
    [InlineData("/meta/pool?rho=2", 422, "<code>rho</code>")]
    public async Task Every_address_that_a_browser_opens_answers_errors_as_a_page(string address, int status, string said)
    {
        var page = (await _service.Get(address, ("Accept", Browser))).ShouldBe(status);
        Assert.Equal("text/html", page.MediaType);
        Assert.Contains(said, WebUtility.HtmlDecode(page.Text), StringComparison.Ordinal);
        (await _service.Get(address, ("Accept", "*/*"))).ShouldBeProblem(status);
    }

    [Fact]
    public async Task The_fields_of_a_study_that_cannot_be_read_are_shown_as_sent_and_the_rest_of_the_question_stays()
    {
        var redirect = (await _service.Get("/?r=abc&n=3&level=all", ("Accept", Browser))).ShouldBe(302);
        foreach (var address in new[] { redirect.Header("Location")!, "/?r=abc&n=3&level=all&nonsense=1" })
        {
            var page = (await _service.Get(address, ("Accept", Browser))).ShouldBe(400).Text;
            Assert.Contains("name=\"n\" min=\"4\" max=\"10000000\" step=\"1\" required value=\"3\"", page, StringComparison.Ordinal);
            Assert.Contains("<option value=\"all\" selected>", page, StringComparison.Ordinal);
            Assert.DoesNotContain("name=\"nonsense\"", page, StringComparison.Ordinal);
        }
    }

    /// <summary>Nothing of a wrong value depends on which parameter has it.</summary>
    [Theory]
    [InlineData("getPage", "/")]
    [InlineData("getEmbeddedPage", "/embed")]
    public async Task Every_parameter_with_a_wrong_value_gives_a_page(string operation, string path)
    {
        var parameters = OpenApiOperation.ReadAll(System.Text.Json.Nodes.JsonNode.Parse(RepositoryFiles.Read("openapi/openapi.json"))!)
            .Single(o => o.Id == operation).Parameters("query").Select(p => p.At("name")!.GetValue<string>()).ToList();
        Assert.True(parameters.Count > 30);
        foreach (var name in parameters.Where(name => name is not ("r" or "n")))
        {
            var page = await _service.Get($"{path}?{name}=%C3%BC%26", ("Accept", Browser));
            // A country, a setting or a measure that nobody has is no wrong value.
            Assert.True(page.Status is 200 or 400 or 422, $"{name}: {page.Status}");
            Assert.Equal("text/html", page.MediaType);
        }
    }
}
