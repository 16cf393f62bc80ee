using System.Text.Json.Nodes;

namespace Benchmarks.Load.Requests;

/// <summary>Invented studies that differ in all moderators; every other one has two effects of one sample.</summary>
internal static class MixedStudies
{
    private const double Mean = 0.39;
    private const double BetweenStudies = 0.12;
    private const double WithinStudies = 0.08;

    private static readonly (string Type, string[] Measures)[] s_outcomes =
        [("treatmentOutcome", ["oq-45", "phq-9", "core-10"]), ("treatmentProgress", ["com"]), ("sessionOutcome", ["ses", "seq"])];

    private static readonly string[] s_raters = ["client", "therapist"];
    private static readonly string[] s_timings = ["early", "mid", "late"];
    private static readonly string[] s_countries = ["US", "IT", "DE", "GB", "CN"];
    private static readonly string[] s_designs = ["prospective", "concurrent"];
    private static readonly string[] s_settings = ["clinic", "private", "university"];

    /// <summary>Studies as NDJSON, the same for the same numbers.</summary>
    public static string Ndjson(int from, int to) => string.Join('\n', Enumerable.Range(from, to - from).Select(i => Study(i).ToJsonString()));

    private static JsonObject Study(int number)
    {
        var random = new Random(number);
        var (outcome, n) = (Pick(random, s_outcomes), random.Next(20, 300));
        var mean = Mean + (BetweenStudies * StandardNormal(random));
        return new()
        {
            ["key"] = $"study-{number}",
            ["kind"] = "primary",
            ["country"] = Pick(random, s_countries),
            ["design"] = Pick(random, s_designs),
            ["citation"] = new JsonObject { ["authors"] = $"Author{number}, A.", ["year"] = random.Next(1995, 2026), ["title"] = $"Title {number}" },
            ["effects"] = new JsonArray([.. Enumerable.Range(0, 1 + number % 2).Select(effect => Effect(random, number, effect, outcome, mean, n))]),
        };
    }

    private static JsonObject Effect(Random random, int study, int number, (string Type, string[] Measures) outcome, double mean, int n)
    {
        var rater = Pick(random, s_raters);
        var z = mean + (WithinStudies * StandardNormal(random)) + (StandardNormal(random) / Math.Sqrt(n - 3));
        return new()
        {
            ["key"] = $"e{number}",
            ["sample"] = $"s-{study}",
            ["statistic"] = new JsonObject { ["type"] = "r", ["value"] = Math.Round(Math.Tanh(z), 3), ["n"] = n },
            ["outcomeType"] = outcome.Type,
            ["relationshipRater"] = rater,
            ["outcomeRater"] = Pick(random, s_raters),
            ["relationshipMeasure"] = rater == "client" ? "rri-c" : "rri-t",
            ["outcomeMeasure"] = Pick(random, outcome.Measures),
            ["outcomeDirection"] = "higherIsBetter",
            ["level"] = "betweenClient",
            ["timing"] = s_timings[number],
            ["moderators"] = new JsonObject { ["meanAge"] = random.Next(20, 60), ["setting"] = Pick(random, s_settings) },
        };
    }

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];

    private static double StandardNormal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
