using System.Text;
using System.Text.Json.Nodes;

using RealRelationship.Testing.Traffic;
using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http;

/// <summary>Valid bodies with a few random bytes changed (fixed seed): every response is well-formed, and an error stores nothing.</summary>
public sealed class RequestFuzzTests : IAsyncLifetime
{
    private const int Mutations = 300;

    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [SlowTheory("It sends thousands of mutated bodies.")]
    [InlineData("/studies", "application/json", 1)]
    [InlineData("/studies/batch", "application/json", 2)]
    [InlineData("/studies/batch", "text/csv", 3)]
    [InlineData("/studies/batch?atomic=true", "application/x-ndjson", 4)]
    [InlineData("/meta/pool", "application/json", 5)]
    [InlineData("/meta/moderators", "application/json", 6)]
    [InlineData("/meta/convert", "application/json", 7)]
    [InlineData("/instruments", "application/json", 8)]
    public async Task No_mutated_body_causes_a_server_error(string path, string mediaType, int seed)
    {
        var chance = new Random(seed);
        var valid = Encoding.UTF8.GetBytes(await ValidBody(path, mediaType));
        Assert.InRange((await _service.PostBytes(path, valid, mediaType)).Status, 200, 299);
        var revision = await _service.EvidenceRevision();
        for (var i = 0; i < Mutations; i++)
        {
            var body = ByteMutation.Mutate(valid, chance);
            var answer = await _service.PostBytes(path, body, mediaType);
            var now = await _service.EvidenceRevision();
            Assert.True(answer.Status is >= 200 and < 500, $"{answer.Status} to {Convert.ToBase64String(body)}");
            if (answer.Status >= 400)
            {
                Assert.True(now == revision, $"{answer.Status}, and yet stored: {Convert.ToBase64String(body)}");
            }

            if (answer.Status >= 400)
            {
                Assert.True(answer.MediaType == "application/problem+json", $"{answer.Status} {answer.Text} to {Convert.ToBase64String(body)}");
            }

            revision = now;
        }
        // What was stored in between can still be read and pooled.
        (await _service.Get("/effects.csv")).ShouldBe(200);
        Assert.True((await _service.Get("/meta/pool?level=all")).Status is 200 or 422);
    }

    private static async Task<string> ValidBody(string path, string mediaType)
    {
        var study = TestData.Study("lee-2020", TestData.Effect().With("moderators", JsonNode.Parse("""{ "a": 1.5, "b": "x ü" }""")),
            TestData.Effect(r: -0.25, n: 1000));
        if (mediaType == "text/csv")
        {
            await using var other = await Service.StartAsync();
            await other.SubmitStudy(study);
            return (await other.Get("/effects.csv")).Text;
        }
        return path switch
        {
            "/studies" => study.ToJsonString(),
            "/studies/batch" => new JsonArray(study, TestData.Study("kim-2021")).ToJsonString(),
            "/studies/batch?atomic=true" => $"{study.ToJsonString()}\n{TestData.Study("kim-2021").ToJsonString()}\n",
            "/instruments" => """
                { "code": "clinic-form", "name": "A form ü", "construct": "alliance", "raters": ["client", "therapist"], "direction": "stronger",
                  "items": { "count": 4, "minimum": 0, "maximum": 4.5, "decimals": true }, "reversed": [2, 3], "missing": { "rule": "prorate", "atMost": 1 },
                  "scales": [{ "name": "total", "aggregation": "meanTimesTen" }, { "name": "bond", "aggregation": "sum", "items": [1, 4] }],
                  "codings": [{ "system": "https://clinic.example", "code": "x", "scale": "bond" }] }
                """,
            "/meta/convert" => """{ "type": "oddsRatio", "value": 2.5, "contrast": "groups", "lower": 1.25, "upper": 5, "n": 100 }""",
            _ => $$"""
                { {{(path.EndsWith("moderators", StringComparison.Ordinal) ? "\"by\": [\"a\", \"b\"], " : "")}}"effects": [
                  { "id": "a", "r": 0.45, "n": 88, "sample": "s", "moderators": { "a": 1.5, "b": "x" } },
                  { "r": 0.3, "n": 80, "moderators": { "a": 2.5, "b": "y" } },
                  { "yi": 0.2, "vi": 1e-3, "sample": "s", "moderators": { "a": -3, "b": "x" } } ],
                  "model": { "dependence": "aggregate", "estimator": "pmm", "test": "knappHartung", "rho": 0.7, "confidence": 0.9, "equivalence": 0.1 } }
                """,
        };
    }
}
