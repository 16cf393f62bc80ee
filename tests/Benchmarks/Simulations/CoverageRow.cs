using System.Globalization;

using RealRelationship.Testing.Simulations;

namespace Benchmarks.Simulations;

/// <param name="Interval">What is covered, and how.</param>
/// <param name="Model">What is true.</param>
/// <param name="CoversTruth">Whether the interval of one set holds the truth; null when there is none.</param>
internal sealed record CoverageRow(string Interval, string Model, Func<SeededRandom, bool?> CoversTruth)
{
    private const double Nominal = 0.95;

    /// <summary>Why it may be too short; null when it should not be.</summary>
    public string? ReasonTooShort { get; init; }

    /// <summary>Why it may be too long; null when it should not be.</summary>
    public string? ReasonTooLong { get; init; }

    /// <summary>Writes a table; beyond two Monte-Carlo errors it says why, and beyond three without a reason that it does not know.</summary>
    public static void Write(TextWriter output, int sets, IEnumerable<CoverageRow> rows)
    {
        output.WriteLine("| interval | model | nominal | observed | Monte-Carlo error | why it deviates |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var row in rows)
        {
            output.WriteLine(row.Run(sets));
        }
    }

    private string Run(int sets)
    {
        var answers = Enumerable.Range(0, sets).Select(i => CoversTruth(new SeededRandom(1_000_003 + i))).OfType<bool>().ToList();
        var observed = answers.Count(covers => covers) / (double)answers.Count;
        var error = Math.Sqrt(observed * (1 - observed) / answers.Count);
        var deviation = (observed - Nominal) / Math.Sqrt(Nominal * (1 - Nominal) / answers.Count);
        var missing = answers.Count < sets ? $" ({sets - answers.Count} without an interval)" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"| {Interval} | {Model}{missing} | {100 * Nominal:F0} % | {100 * observed:F1} % | {100 * error:F1} % | {Explain(deviation)} |");
    }

    private string Explain(double deviation) => Math.Abs(deviation) switch
    {
        <= 2 => "",
        var size => (deviation < 0 ? ReasonTooShort : ReasonTooLong) ?? (size <= 3 ? "" : "**unexplained**"),
    };
}
