using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RealRelationship.Statistics;

/// <summary>The likelihood of a common mean, from the few numbers that count of each sample: as <see cref="NestedLikelihood"/> without moderators, at a
/// fraction of the time.</summary>
internal sealed class SampleLikelihood : INestedLikelihood
{
    private readonly NestedLikelihood _likelihood;
    private readonly NestedSample[] _samples;

    public SampleLikelihood(NestedLikelihood likelihood)
    {
        var data = likelihood.Data;
        (_likelihood, _samples) = (likelihood, new NestedSample[data.Samples]);
        var residuals = new double[data.Effects];
        for (var i = 0; i < residuals.Length; i++)
        {
            residuals[i] = data.Rows[i * data.Width + data.Columns];
        }
        for (var s = 0; s < _samples.Length; s++)
        {
            CancellationScope.ThrowIfCancelled(s);
            var (from, count) = (data.Starts[s], data.Starts[s + 1] - data.Starts[s]);
            _samples[s] = new(residuals.AsSpan(from, count), data.V.AsSpan(from, count), likelihood.Rho);
        }
    }

    public int Effects => _likelihood.Effects;

    public double TypicalVariance => _likelihood.TypicalVariance;

    public double RelativeError => 1e-14;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public NestedLikelihoodPoint At(double between, double within)
    {
        var sums = default(NestedTerms);
        for (var s = 0; s < _samples.Length; s++)
        {
            CancellationScope.ThrowIfCancelled(s);
            sums += _samples[s].At(between, within);
        }
        return sums.ToPoint(between, within, Effects, _likelihood.Restricted);
    }

    public IEnumerable<(double Between, double Within)> Starts(bool between, bool within)
    {
        var (rows, columns) = _likelihood.Grid(between, within);
        var values = Array.ConvertAll(rows, row => LogLikelihoods(row, columns));
        return LikelihoodGrid.Peaks(values).Select(peak => (columns[peak.Column], rows[peak.Row]));
    }

    private double[] LogLikelihoods(double within, double[] between)
    {
        var (sums, products) = (new Vector256<double>[between.Length], new double[between.Length]);
        Array.Fill(products, 1);
        for (var s = 0; s < _samples.Length; s++)
        {
            CancellationScope.ThrowIfCancelled(s);
            _samples[s].AddLikelihoods(within, between, sums, products);
        }
        return [.. sums.Zip(products, (sum, product) =>
            NestedTerms.LogLikelihood(sum + Vector256.Create(0, 0, 0, Math.Log(product)), Effects, _likelihood.Restricted))];
    }
}
