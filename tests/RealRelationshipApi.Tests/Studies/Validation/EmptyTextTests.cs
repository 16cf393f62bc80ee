using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies.Validation;

/// <summary>Empty texts are invalid, because CSV cannot distinguish them from absent ones.</summary>
public sealed class EmptyTextTests(EmptyService empty) : IClassFixture<EmptyService>
{
    [Theory]
    [InlineData("note")]
    [InlineData("setting")]
    [InlineData("effects/0/relationshipScale")]
    public async Task An_optional_text_must_not_be_empty(string path) =>
        (await empty.Service.Post("/studies?validateOnly=true", TestData.Study("lee-2020").With(path, ""))).ShouldBeProblem(422, $"#/{path}", "empty");

    [Fact]
    public async Task A_null_among_names_is_reported_once() =>
        Assert.Equal(["#/effects/0/adjustedFor/0 null"],
            (await empty.Service.Post("/studies?validateOnly=true",
                TestData.Study("lee-2020").With("effects/0/adjustedFor", new JsonArray((JsonNode?)null)))).ShouldBeProblem(400).Errors);
}
