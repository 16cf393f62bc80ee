using System.Globalization;
using System.Text;

using Benchmarks.Load.RawHttp;

namespace Benchmarks.Load.Requests;

/// <summary>Invented studies whose content follows from their key.</summary>
internal static class StudyRequests
{
    public const int OldYear = 2000;
    public const int NewYear = 2020;

    private const double Mean = 0.39;
    private const double Spread = 0.15;
    private const int MinSampleSize = 20;
    private const int MaxSampleSize = 100_000; // wider than in the field, so that of a million samples few are of one size

    /// <summary>A study with one effect.</summary>
    public static string Json(string key, int year = OldYear) => Json(key, 1, year);

    /// <summary>A study with several effects, each of a sample of its own, on outcomes of four kinds.</summary>
    public static string Json(string key, int effects, int year)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $$"""{"key":"{{key}}","citation":{"authors":"Lee et al.","year":{{year}},"title":"A study"},"kind":"primary","effects":[""");
        for (var i = 0; i < effects; i++)
        {
            var random = new NameSeededRandom(key, i);
            text.Append(CultureInfo.InvariantCulture,
                $$"""{{(i > 0 ? "," : "")}}{"key":"e{{i}}","sample":"{{key}}.{{i}}","statistic":{"type":"r","value":"""
                + $$"""{{Math.Round(Math.Tanh(Mean + (Spread * random.StandardNormal())), 3)}},"n":{{random.Integer(MinSampleSize, MaxSampleSize)}}},"""
                + $$""" "outcomeType":"{{Outcome(i)}}","relationshipRater":"client","outcomeRater":"{{(i % 2 == 0 ? "client" : "therapist")}}","""
                + $$""" "relationshipMeasure":"rri-c","outcomeMeasure":"phq-9","outcomeDirection":"higherIsBetter","level":"betweenClient"}""");
        }

        return text.Append("]}").ToString();
    }

    public static string Ndjson(string prefix, int from, int to, int effects = 1) =>
        string.Join('\n', Enumerable.Range(from, to - from).Select(i => Json($"{prefix}-{i}", effects, OldYear)));

    /// <summary>A new study each time.</summary>
    public static RequestSource NewStudies(string prefix, params ReadOnlySpan<string> headers)
    {
        string[] lines = [.. headers];
        return RequestSource.Numbered(i => RawHttpRequest.Post("/studies", RawHttpRequest.Json, Json($"{prefix}-{i}"), lines), 201);
    }

    private static string Outcome(int effect) => (effect % 4) switch
    {
        0 => "treatmentOutcome",
        1 => "treatmentProgress",
        2 => "sessionOutcome",
        _ =>
        "followUp"
    };

    /// <summary>Numbers that follow from a name (FNV-1a into splitmix64).</summary>
    private struct NameSeededRandom
    {
        private ulong _state;

        public NameSeededRandom(string name, int number)
        {
            _state = 14695981039346656037;
            foreach (var letter in name)
            {
                _state = (_state ^ letter) * 1099511628211;
            }

            _state ^= (ulong)number << 32;
        }

        public int Integer(int from, int to) => from + (int)(Uniform() * (to - from));

        public double StandardNormal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

        private double Uniform()
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }
}
