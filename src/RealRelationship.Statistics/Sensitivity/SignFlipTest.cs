namespace RealRelationship.Statistics;

/// <summary>Tests a mean by turning the signs of effects, which are as likely as not if they lie symmetrically about 0; Follmann and Proschan 1999,
/// Biometrics 55.</summary>
public static class SignFlipTest
{
    private const int MaxExactFlips = 5000;
    private const double Rounding = 1.4901161193847656e-8; // metafor's: √2⁻⁵²

    /// <summary>Compares |mean/standard error| over the signs of the effects, with τ² re-estimated for each. Agrees with metafor's <c>permutest</c> of a model
    /// without moderators.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Estimator and test; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <param name="permutations">How many random combinations of signs, the data's own among them, when there are more than 5,000, and more than this many,
    /// of them.</param>
    /// <param name="seed">Seed of the random signs; the same seed gives the same result.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite, or a variance that is not positive and
    /// finite.</exception>
    public static PermutationTestResult Run(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions? options = null,
        int permutations = 1000, int seed = 1)
    {
        Guard.ValidEffects(estimates, variances);
        ArgumentOutOfRangeException.ThrowIfLessThan(permutations, 1);
        options ??= new ModelOptions();
        var (y, v) = (estimates.ToArray(), variances.ToArray());
        var observed = Square(y, v, options);
        var tally = new PermutationTally([observed - Math.Max(Rounding, 1e-10 * observed)]);
        var exact = y.Length < 31 && 1 << y.Length <= Math.Max(MaxExactFlips, permutations);
        if (!exact)
        {
            tally.AddObserved();
        }
        var (random, flipped) = (new SplitMix64((ulong)seed), new double[y.Length]);
        while (tally.Count < (exact ? 1 << y.Length : permutations))
        {
            CancellationScope.ThrowIfCancelled();
            var bits = 0UL;
            for (var i = 0; i < y.Length; i++)
            {
                bits = i % 64 != 0 ? bits >> 1 : exact ? (ulong)tally.Count : random.NextUInt64();
                flipped[i] = (bits & 1) == 0 ? y[i] : -y[i];
            }
            tally.Add([Square(flipped, v, options)]);
        }
        return new PermutationTestResult(tally.Share(0), exact, tally.Count) { CoefficientPValues = [tally.Share(0)] };
    }

    /// <summary>(mean/standard error)².</summary>
    private static double Square(double[] y, double[] v, ModelOptions options)
    {
        var fit = new LinearModelFit(new LinearModel(y, v), options);
        var (mean, variance) = fit.Model.MeanAt(fit.TauSquared.Value);
        var square = mean * mean / (variance * fit.Multiplier);
        return double.IsNaN(square) ? 0 : square;
    }
}
