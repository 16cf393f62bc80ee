namespace Benchmarks.Load.Scale;

/// <summary>How a cost should grow with what is stored.</summary>
internal enum Law { None, Constant, Linear }

/// <summary>A cost.</summary>
/// <param name="Name">Of what.</param>
/// <param name="Unit">ms, MB, …</param>
/// <param name="Law">How it should grow.</param>
internal sealed record Cost(string Name, string Unit, Law Law);

/// <summary>Costs by what is stored.</summary>
/// <param name="title">What grows.</param>
/// <param name="stored">What is counted.</param>
/// <param name="costs">In the order of their values.</param>
internal sealed class GrowthTable(string title, string stored, params IReadOnlyList<Cost> costs)
{
    private readonly List<(long Size, IReadOnlyList<double> Values)> _rows = [];

    public string Title => title;

    public string Stored => stored;

    public IReadOnlyList<Cost> Costs => costs;

    public IReadOnlyList<long> Sizes => _rows.ConvertAll(row => row.Size);

    public void Add(long size, params IReadOnlyList<double> values) => _rows.Add((size, values));

    /// <summary>The values of one cost.</summary>
    public IReadOnlyList<double> Values(Cost cost) => _rows.ConvertAll(row => row.Values[costs.Index().First(c => c.Item == cost).Index]);

    /// <summary>As a table, with the power of size by which each cost grew in the last step.</summary>
    public void Write(Report report)
    {
        report.Head(title, [stored, .. costs.Select(cost => $"{cost.Name}, {cost.Unit}")]);
        foreach (var (size, values) in _rows)
        {
            report.Line([$"{size:N0}", .. values.Select(Figures.Short)]);
        }

        if (_rows.Count > 1)
        {
            report.Line(["grew last with the power", .. costs.Select(cost => $"{LastPower(cost):0.00}")]);
        }

        report.Line(["should", .. costs.Select(cost => cost.Law switch { Law.Constant => "0", Law.Linear => "1", _ => "–" })]);
    }

    private double LastPower(Cost cost)
    {
        var values = Values(cost);
        return Math.Log(values[^1] / values[^2]) / Math.Log((double)_rows[^1].Size / _rows[^2].Size);
    }
}
