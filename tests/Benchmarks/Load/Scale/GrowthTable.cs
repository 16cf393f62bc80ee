namespace Benchmarks.Load.Scale;

/// <summary>How a cost should grow with what is stored.</summary>
internal enum GrowthLaw { None, Constant, Linear }

/// <summary>A cost.</summary>
/// <param name="Name">Of what.</param>
/// <param name="Unit">ms, MB, …</param>
/// <param name="ExpectedLaw">How it should grow.</param>
internal sealed record MeasuredCost(string Name, string Unit, GrowthLaw ExpectedLaw);

/// <summary>Costs by what is stored.</summary>
/// <param name="title">What grows.</param>
/// <param name="sizeUnit">What is counted.</param>
/// <param name="costs">In the order of their values.</param>
internal sealed class GrowthTable(string title, string sizeUnit, params IReadOnlyList<MeasuredCost> costs)
{
    private readonly List<(long Size, IReadOnlyList<double> Values)> _rows = [];

    public string Title => title;

    public string SizeUnit => sizeUnit;

    public IReadOnlyList<MeasuredCost> Costs => costs;

    public IReadOnlyList<long> Sizes => _rows.ConvertAll(row => row.Size);

    public void Add(long size, params IReadOnlyList<double> values) => _rows.Add((size, values));

    /// <summary>The values of one cost.</summary>
    public IReadOnlyList<double> Values(MeasuredCost cost) => _rows.ConvertAll(row => row.Values[costs.Index().First(c => c.Item == cost).Index]);

    /// <summary>As a table, with the power of size by which each cost grew in the last step.</summary>
    public void Write(BenchmarkReport report)
    {
        report.BeginTable(title, [sizeUnit, .. costs.Select(cost => $"{cost.Name}, {cost.Unit}")]);
        foreach (var (size, values) in _rows)
        {
            report.WriteCells([$"{size:N0}", .. values.Select(FigureFormat.ThreeDigits)]);
        }

        if (_rows.Count > 1)
        {
            report.WriteCells(["grew last with the power", .. costs.Select(cost => $"{LastExponent(cost):0.00}")]);
        }

        report.WriteCells(["should", .. costs.Select(cost => cost.ExpectedLaw switch { GrowthLaw.Constant => "0", GrowthLaw.Linear => "1", _ => "–" })]);
    }

    private double LastExponent(MeasuredCost cost)
    {
        var values = Values(cost);
        return Math.Log(values[^1] / values[^2]) / Math.Log((double)_rows[^1].Size / _rows[^2].Size);
    }
}
