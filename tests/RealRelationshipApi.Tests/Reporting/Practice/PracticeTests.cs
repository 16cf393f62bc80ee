using System.Text.Json.Nodes;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Practice;

/// <summary><c>/practice</c>: statements for practice.</summary>
public sealed class PracticeTests(DemoService demo) : IClassFixture<DemoService>
{
    [Fact]
    public async Task The_shipped_statements_are_those_of_the_abstract_and_can_be_asked()
    {
        var shipped = (await demo.Service.Get("/practice")).ShouldBe(200);
        var statements = shipped.At("statements")!.AsArray();
        Assert.Equal(["relationship-and-outcome", "types-of-outcome", "raters"], statements.Select(s => Text(s, "id")));
        Assert.Contains("r = .38, 95% CI [.30, .44], over 16 studies with 1,502 participants", Text(statements[0], "text"), StringComparison.Ordinal);
        foreach (var statement in statements)
        {
            Assert.Contains("https://doi.org/10.1037/pst0000183", Text(statement, "source"), StringComparison.Ordinal);
            Assert.Equal("correlational", Text(statement, "basis"));
            Assert.Null(statement.At("signedBy"));
            Assert.Null(statement.At("signedAt"));
            (await demo.Service.Get(Text(statement, "query"))).ShouldBe(200);
        }

        var page = (await demo.Service.Get("/")).ShouldBe(200).Text;
        Assert.Contains("<a class=\"present\" href=\"/meta/moderators?by=outcomeType\">", page, StringComparison.Ordinal);
        Assert.Contains("by no curator of this service", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_curator_signs_each_statement()
    {
        await using var service = await Service.StartAsync();
        var two = new JsonObject { ["statements"] = new JsonArray(Statement("one"), Statement("two")) };
        (await service.Put("/practice", two, ("If-Match", "*"))).ShouldBe(200);
        var first = (await service.Get("/practice")).ShouldBe(200);
        Assert.Equal((1, 2), (first.Number("version"), first.At("statements")!.AsArray().Count));
        var changed = first.Json;
        changed["statements"]![1]!["text"] = "Another text.";
        var second = (await service.Put("/practice", changed, ("If-Match", first.ETag!))).ShouldBe(200);
        Assert.Equal(first.String("statements/0/signedAt"), second.String("statements/0/signedAt"));
        Assert.NotEqual(first.String("statements/1/signedAt"), second.String("statements/1/signedAt"));
        Assert.Contains("Another text.", (await service.Get("/")).Text, StringComparison.Ordinal);
        (await service.Put("/practice", new JsonObject { ["statements"] = new JsonArray() }, ("If-Match", "*"))).ShouldBe(200);
        Assert.DoesNotContain("id=\"practice\"", (await service.Get("/")).Text, StringComparison.Ordinal);
        Assert.Empty(service.FindIntegrityErrors());
    }

    [Theory]
    [InlineData("query", "/meta/forest.svg", "notAQuery")]
    [InlineData("query", "https://elsewhere.example/meta/pool", "notAQuery")]
    [InlineData("query", "/meta/pool?outcome=session", "notAQuery")]
    [InlineData("query", "/meta/pool?confidence=2", "notAQuery")]
    [InlineData("query", "/meta/moderators", "notAQuery")]
    [InlineData("query", "", "empty")]
    [InlineData("id", "Two Words", "badFormat")]
    [InlineData("text", " ", "empty")]
    public async Task A_faulty_statement_is_refused(string member, string value, string code)
    {
        var statement = Statement("one");
        statement[member] = value;
        (await demo.Service.Put("/practice?validateOnly=true", new JsonObject { ["statements"] = new JsonArray(statement) }, ("If-Match", "*")))
            .ShouldBeProblem(422, $"#/statements/0/{member}", code);
    }

    [Fact]
    public async Task Structure_ids_and_scope_are_checked()
    {
        await using var service = await Service.StartAsync();
        (await service.Put("/practice", new JsonObject { ["statements"] = new JsonArray(Statement("one"), Statement("one")) }, ("If-Match", "*")))
            .ShouldBeProblem(422, "#/statements/1", "repeatedValue");
        (await service.Put("/practice", new JsonObject(), ("If-Match", "*"))).ShouldBeProblem(400);
        (await service.Put("/practice", new JsonObject { ["statements"] = new JsonArray(Statement("one").With("signedBy", null)) }, ("If-Match", "*")))
            .ShouldBeProblem(400, "#/statements/0/signedBy", "required");
        (await service.Put("/practice", new JsonObject { ["statements"] = new JsonArray(Statement("one").With("basis", "causal")) }, ("If-Match", "*")))
            .ShouldBeProblem(400);
        var key = await ProductionService.CreateKeyAsync(service, "host", [Scopes.Admin]);
        (await service.Put("/practice", new JsonObject { ["statements"] = new JsonArray() }, ("If-Match", "*"), ("X-API-Key", key))).ShouldBeProblem(403);
    }

    private static JsonNode Statement(string id) => JsonNode.Parse($$"""
        { "id": "{{id}}", "text": "A text.", "source": "A source.", "basis": "expert", "query": "/meta/pool?outcomeType=sessionOutcome&outcomeType=followUp",
          "signedBy": "Curator, A." }
        """)!;

    private static string Text(JsonNode? node, string member) => node.At(member)!.GetValue<string>();
}
