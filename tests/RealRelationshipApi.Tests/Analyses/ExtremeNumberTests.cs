using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses;

/// <summary>Numbers of any size under any model: a response with finite numbers or a named problem, never a 500.</summary>
public sealed class ExtremeNumberTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const int RequestsPerSeed = 150;

    private static readonly (string Name, string[] Values)[] s_options =
    [
        ("estimator", ["reml", "common", "dl", "he", "hs", "hsk", "sj", "ml", "eb", "pm", "pmm", "dlit"]),
        ("test", ["auto", "z", "t", "knappHartung", "knappHartungAdHoc"]),
        ("dependence", ["auto", "independent", "aggregate", "threeLevel", "correlatedHierarchical"]),
        ("robust", ["auto", "none", "cr0", "cr2"]),
        ("prediction", ["auto", "confidenceDistribution", "test", "riley"]),
    ];

    [SlowTheory("Extreme numbers go through every analysis.")]
    [InlineData("/meta/pool", "{}", 1)]
    [InlineData("/meta/moderators", """{ "by": ["x", "z"] }""", 2)]
    [InlineData("/meta/moderators", """{ "by": ["x"], "tauSquared": "separate" }""", 3)]
    [InlineData("/meta/regression", """{ "terms": ["z"] }""", 4)]
    [InlineData("/meta/bias", """{ "steps": [0.025, 0.5] }""", 5)]
    [InlineData("/meta/sensitivity", "{}", 6)]
    public async Task Extreme_numbers_give_finite_results_or_a_named_error(string path, string question, int seed)
    {
        var chance = new Random(seed);
        var answered = 0;
        for (var i = 0; i < RequestsPerSeed; i++)
        {
            var body = JsonNode.Parse(question)!.AsObject();
            body["effects"] = new JsonArray([.. Enumerable.Range(0, chance.Next(1, 10)).Select(_ => Effect(chance))]);
            body["model"] = Model(chance);
            var answer = await empty.Service.Post(path, body);
            Assert.True(answer.Status is 200 or 422, $"{answer.Status} to {body.ToJsonString()}");
            answered += answer.Status == 200 ? 1 : 0;
        }
        Assert.True(answered > RequestsPerSeed / 20, $"only {answered} of {RequestsPerSeed} were answered");
    }

    private static JsonObject Effect(Random chance)
    {
        var effect = new JsonObject
        {
            ["yi"] = chance.Next(4) switch
            {
                0 => 0,
                1 => 0.3,
                2 => chance.NextDouble(),
                _ => (chance.NextDouble() - 0.5)
                * Math.Pow(10, chance.Next(-12, 12))
            },
            ["vi"] = chance.Next(2) == 0 ? 0.01 : Math.Pow(10, chance.NextDouble() * 18 - 12),
            ["moderators"] = new JsonObject { ["x"] = "pqr"[chance.Next(3)].ToString(), ["z"] = Math.Round(chance.NextDouble() * 4, chance.Next(3)) },
        };
        if (chance.Next(3) > 0)
        {
            effect["sample"] = "abc"[chance.Next(3)].ToString();
        }
        return effect;
    }

    private static JsonObject Model(Random chance)
    {
        var model = new JsonObject { ["measure"] = "raw", ["rho"] = chance.Next(3) switch { 0 => 0, 1 => 0.6, _ => 0.999 } };
        foreach (var (name, values) in s_options.Where(_ => chance.Next(3) == 0))
        {
            model[name] = values[chance.Next(values.Length)];
        }
        return model;
    }
}
