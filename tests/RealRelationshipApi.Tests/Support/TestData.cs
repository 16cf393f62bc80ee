using System.Text.Json.Nodes;

namespace RealRelationshipApi.Tests.Support;

/// <summary>Valid things to send: <c>A.Study("lee-2020", A.Effect(r: .3, n: 80))</c>.</summary>
public static class TestData
{
    /// <summary>A study of one effect unless effects are given. An effect without a sample has one of its own, named like the study.</summary>
    public static JsonObject Study(string key = "lee-2020", params JsonObject[] effects)
    {
        JsonNode[] all = [.. (effects.Length > 0 ? effects : [Effect()]).Select(e => e.DeepClone())];
        foreach (var (i, effect) in all.Index())
        {
            effect.AsObject().TryAdd("key", $"e{i + 1}");
            effect.AsObject().TryAdd("sample", all.Length > 1 ? $"{key}.{i + 1}" : key);
        }
        return new JsonObject
        {
            ["key"] = key,
            ["citation"] = new JsonObject { ["authors"] = "Lee et al.", ["year"] = 2020, ["title"] = "A study" },
            ["kind"] = "primary",
            ["effects"] = new JsonArray(all),
        };
    }

    public static JsonObject Effect(double r = 0.3, long n = 80) => Effect(new JsonObject { ["type"] = "r", ["value"] = r, ["n"] = n });

    public static JsonObject Effect(JsonObject statistic) => new()
    {
        ["statistic"] = statistic,
        ["outcomeType"] = "treatmentOutcome",
        ["relationshipRater"] = "client",
        ["outcomeRater"] = "client",
        ["relationshipMeasure"] = "rri-c",
        ["outcomeMeasure"] = "ors",
        ["outcomeDirection"] = "higherIsBetter",
        ["level"] = "betweenClient",
    };

    /// <summary>Synthetic studies of session outcome rated by clients, with which a clinic can be compared.</summary>
    public static IEnumerable<JsonObject> SessionOutcomeStudies() => new[] { 0.25, 0.30, 0.38, 0.44, 0.51 }.Select((r, i) =>
        Study($"comparison-{i}", Effect(r).With("sample", $"comparison-{i}").With("outcomeType", "sessionOutcome").With("outcomeMeasure", "ses"))
            .With("synthetic", true));
}
