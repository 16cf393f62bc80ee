using System.Text.Json.Nodes;

namespace RealRelationshipApi.Tests.Support;

/// <summary>metafor's results for published data sets, from the reference files of the statistics tests.</summary>
internal static class MetaforReference
{
    /// <summary>Estimator names of metafor and of the API.</summary>
    public static readonly Dictionary<string, string> EstimatorNames =
        "EE:common DL:dl HE:he HS:hs HSk:hsk SJ:sj ML:ml REML:reml EB:eb PM:pm PMM:pmm DLIT:dlit".Split(' ')
        .Select(pair => pair.Split(':')).ToDictionary(pair => pair[0], pair => pair[1]);

    public static readonly Dictionary<string, string> TestNames = new()
    {
        ["z"] = "z", ["t"] = "t", ["knha"] = "knappHartung",
        ["adhoc"] = "knappHartungAdHoc"
    };

    /// <summary>Our member of <c>pooled</c>, and their name of it.</summary>
    public static readonly (string Ours, string Theirs)[] PooledMembers =
    [
        ("effect", "beta"), ("standardError", "se"), ("statistic", "stat"), ("df", "df"), ("p", "p"), ("lower", "ciLower"), ("upper", "ciUpper"),
        ("predictionLower", "piLower"), ("predictionUpper", "piUpper"),
    ];

    public static JsonNode Read(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reference", $"{name}.json")))!;

    public static JsonObject ModelJson(string estimator, string test) =>
        new() { ["measure"] = "raw", ["estimator"] = estimator, ["test"] = test, ["prediction"] = "test" };

    /// <summary>The effects of a data set, with a moderator to break down by where one is named.</summary>
    public static JsonObject RequestBody(JsonNode file, string? moderator = null)
    {
        var body = new JsonObject { ["effects"] = EffectsJson(file, moderator) };
        if (moderator is not null)
        {
            body["by"] = new JsonArray(moderator);
        }

        return body;
    }

    /// <summary>The same, with effects marked by their samples.</summary>
    public static JsonObject NestedRequestBody(JsonNode file, string? term = null)
    {
        var effects = EffectsJson(file, term);
        foreach (var (i, cluster) in file.At("data/cluster")!.AsArray().Index())
        {
            effects[i]!["sample"] = cluster!.ToString();
        }

        var body = new JsonObject { ["effects"] = effects };
        if (term is not null)
        {
            body["terms"] = new JsonArray(term);
        }

        return body;
    }

    public static void AssertAgrees(string what, JsonNode? expected, JsonNode? actual, double tolerance = 1e-8)
    {
        if (expected is null)
        {
            Assert.True(actual is null, $"{what}: should be null, but is {actual}");
            return;
        }
        var (theirs, ours) = (expected.GetValue<double>(), actual?.GetValue<double>() ?? double.NaN);
        Assert.True(Math.Abs(ours - theirs) <= tolerance * Math.Max(Math.Abs(theirs), 1e-3), $"{what}: {ours:R} should be {theirs:R}");
    }

    private static JsonArray EffectsJson(JsonNode file, string? moderator) => new([.. file.At("data/yi")!.AsArray().Select((yi, i) =>
    {
        var effect = new JsonObject { ["yi"] = yi!.DeepClone(), ["vi"] = file.At($"data/vi/{i}")!.DeepClone() };
        if (moderator is not null
            && file.At($"data/mods/{moderator}/{i}") is { } value) { effect["moderators"] = new JsonObject { [moderator] = value.DeepClone() }; } return effect;
    })]);
}
