using System.Globalization;

using RealRelationship.Statistics;
using RealRelationship.Testing.Simulations;

namespace Benchmarks.Simulations;

/// <summary>Checks e-values and confidence sequences in series of studies with a look after each: how often the line of 20 is crossed where nothing is there,
/// whether the sequence covers the truth at all looks together, its width beside the ordinary interval, and its power. Every series has its own seed.</summary>
/// <remarks>Fails if a series of no effect crosses the line more often than in .05, or if less than .95 of the series are covered at all looks.</remarks>
internal sealed class AnytimeReport(TextWriter output, int series)
{
    private const int Studies = 40;
    private const double Alpha = 0.05;
    private const int FirstSeed = 30_000_001;
    private static readonly double[] s_tauSquared = [0, 0.014, 0.05];
    private static readonly double[] s_correlations = [0, 0.1, 0.2, 0.38];
    private static readonly int[] s_shown = [5, 16, 40];
    private static readonly int[] s_looks = [.. Enumerable.Range(1, Studies)];
    private static readonly bool[] s_isFirst = [.. s_looks.Select(look => look % 2 == 0)];

    private int _failures;

    /// <summary>Writes the tables.</summary>
    /// <returns>The number of bounds that are broken.</returns>
    public int Write()
    {
        output.WriteLine($"{series} series a row, of {Studies} studies of 25 to 200 people, with a look after each.");
        output.WriteLine();
        output.WriteLine("| r | τ² | E ≥ 20 at some look | covered at all looks | width over that of the ordinary interval, k = 5 | 16 | 40 | "
            + "E ≥ 20 by k = 5 | 16 | 40 | |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var (r, tau2) in from r in s_correlations from tau2 in s_tauSquared select (r, tau2))
        {
            WriteMean(r, tau2);
        }
        output.WriteLine();
        output.WriteLine("| two groups of equal means, in turn, τ² | E ≥ 20 at some look | |");
        output.WriteLine("|---|---|---|");
        foreach (var tau2 in s_tauSquared)
        {
            WriteDifference(tau2);
        }
        return _failures;
    }

    private void WriteMean(double r, double tau2)
    {
        var (crossed, covered, widths) = (new int[series], new bool[series], new double[series][]);
        var z = FisherZ.FromCorrelation(r);
        Parallel.For(0, series, i =>
        {
            var (y, v) = Simulate(i, z, tau2);
            crossed[i] = AnytimeInference.FirstCrossed(y, v, [], s_looks) ?? int.MaxValue;
            covered[i] = AnytimeInference.LogEValues(y, v, s_looks, z).All(e => e < Math.Log(1 / Alpha));
            widths[i] = [.. AnytimeInference.Path(y, v, s_shown).Select(fit => (fit.Upper - fit.Lower) / OrdinaryWidth(y[..fit.Effects], v[..fit.Effects]))];
        });
        var (ever, coverage) = (Share(i => crossed[i] < Studies), Share(i => covered[i]));
        Row([Number(r), Number(tau2), Percent(ever), Percent(coverage), .. s_shown.Select((_, look) => Number(Median(widths.Select(w => w[look])))),
            .. s_shown.Select(k => Percent(Share(i => crossed[i] < k)))],
            (r == 0 && ever > Alpha) || coverage < 1 - Alpha);
    }

    private void WriteDifference(double tau2)
    {
        var crossed = new bool[series];
        Parallel.For(0, series, i =>
        {
            var (y, v) = Simulate(i, FisherZ.FromCorrelation(0.3), tau2);
            crossed[i] = AnytimeInference.FirstCrossed(y, v, s_isFirst, s_looks) is not null;
        });
        var ever = Share(i => crossed[i]);
        Row([Number(tau2), Percent(ever)], ever > Alpha);
    }

    private static (double[] Estimates, double[] Variances) Simulate(int i, double mean, double tau2)
    {
        var chance = new SeededRandom(FirstSeed + i);
        var (y, v) = (new double[Studies], new double[Studies]);
        for (var study = 0; study < Studies; study++)
        {
            v[study] = 1.0 / (chance.Integer(25, 200) - 3);
            y[study] = chance.Normal(chance.Normal(mean, tau2), v[study]);
        }
        return (y, v);
    }

    private static double OrdinaryWidth(double[] y, double[] v)
    {
        var mean = RandomEffectsModel.Fit(y, v).Mean;
        return mean.Upper!.Value - mean.Lower!.Value;
    }

    private double Share(Func<int, bool> counts) => Enumerable.Range(0, series).Count(counts) / (double)series;

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private void Row(string[] cells, bool isBroken)
    {
        _failures += isBroken ? 1 : 0;
        output.WriteLine($"| {string.Join(" | ", cells)} |{(isBroken ? " **broken**" : "")} |");
    }

    private static string Number(double x) => x.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Percent(double x) => string.Create(CultureInfo.InvariantCulture, $"{100 * x:0.0#} %");
}
