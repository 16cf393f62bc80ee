namespace RealRelationship.Statistics;

/// <summary>A test of the median over specifications.</summary>
/// <param name="Median">Of the estimates, those that the weights give.</param>
/// <param name="PValue">Two-sided: the share of sign changes whose median is at least as far from 0, the observed one included.</param>
/// <param name="Permutations">Number of sign changes, or all if there are fewer.</param>
/// <param name="IsExact">True when all sign changes were used.</param>
public sealed record SpecificationCurveTestResult(double Median, double PValue, int Permutations, bool IsExact);

/// <summary>Whether the typical result of many specifications (models and selections of effects) differs from 0, although they share their data.</summary>
/// <remarks>
/// Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4; Voracek, Kossmeier and Tran 2019, Zeitschrift für Psychologie 227. Under the null hypothesis
/// an effect is as likely as its negative; the effects of one sample change sign together. Each specification keeps its weights, so that its estimate is a
/// sum over samples of terms that change sign.
/// </remarks>
public static class SpecificationCurveTest
{
    private const int MaxExactSamples = 12;

    /// <summary>Runs the test.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="samples">Sample of each effect.</param>
    /// <param name="weights">Of each specification the weight of each effect in its estimate, 0 where it is left out.</param>
    /// <param name="permutations">Number of sign changes, at least 1; all if there are no more than 2¹² or that number.</param>
    /// <param name="seed">Of the sign changes, which are the same on every machine.</param>
    /// <exception cref="ArgumentException">No effects, no specifications, lengths that differ, a number that is not finite.</exception>
    public static SpecificationCurveTestResult Run(
        ReadOnlySpan<double> estimates, ReadOnlySpan<int> samples, IReadOnlyList<double[]> weights, int permutations = 999, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfLessThan(permutations, 1);
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        if (weights.Count == 0 || estimates.IsEmpty)
        {
            throw new ArgumentException("There are no specifications.", nameof(weights));
        }
        var (terms, m) = Terms(estimates, samples, weights);
        var medians = new double[weights.Count];
        var signs = new double[m];
        Array.Fill(signs, 1);
        var observed = Median(terms, signs, medians);
        Guard.FiniteResult(observed);
        var far = Math.Abs(observed) * (1 - 1e-12);
        var exact = m <= MaxExactSamples;
        var total = exact ? 1 << m : permutations;
        var chance = new SplitMix64(seed);
        var count = exact ? 0 : 1; // the observed one is among all, and beside those that are drawn
        for (var draw = 0; draw < total; draw++)
        {
            CancellationScope.ThrowIfCancelled();
            var bits = (ulong)draw;
            for (var i = 0; i < m; i++)
            {
                bits = exact || i % 64 != 0 ? bits : chance.NextUInt64();
                signs[i] = (bits & 1) == 0 ? 1 : -1;
                bits >>= 1;
            }
            count += Math.Abs(Median(terms, signs, medians)) >= far ? 1 : 0;
        }
        return new SpecificationCurveTestResult(observed, (double)count / (exact ? total : total + 1), total, exact);
    }

    /// <summary>Σwy of each sample in each specification.</summary>
    private static (double[][] Terms, int Samples) Terms(ReadOnlySpan<double> estimates, ReadOnlySpan<int> samples, IReadOnlyList<double[]> weights)
    {
        var codes = new Dictionary<int, int>();
        var places = new int[samples.Length];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = codes.TryGetValue(samples[i], out var code) ? code : codes[samples[i]] = codes.Count;
        }
        var terms = new double[weights.Count][];
        for (var s = 0; s < terms.Length; s++)
        {
            Guard.SameLength(estimates.Length, weights[s].Length, nameof(weights));
            terms[s] = new double[codes.Count];
            for (var i = 0; i < places.Length; i++)
            {
                CancellationScope.ThrowIfCancelled(i);
                terms[s][places[i]] += weights[s][i] * estimates[i];
            }
            if (!terms[s].AsSpan().AllFinite())
            {
                throw new ArgumentException("A weight or an estimate is not finite.", nameof(weights));
            }
        }
        return (terms, codes.Count);
    }

    private static double Median(double[][] terms, double[] signs, double[] estimates)
    {
        for (var s = 0; s < terms.Length; s++)
        {
            CancellationScope.ThrowIfCancelled(s);
            estimates[s] = VectorMath.Dot(terms[s], signs);
        }
        Array.Sort(estimates);
        var middle = estimates.Length / 2;
        return estimates.Length % 2 == 1 ? estimates[middle] : (estimates[middle - 1] + estimates[middle]) / 2;
    }
}
