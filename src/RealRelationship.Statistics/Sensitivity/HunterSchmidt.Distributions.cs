namespace RealRelationship.Statistics;

/// <summary>How attenuation varies over studies that do not all report reliabilities.</summary>
public enum ArtifactDistributionMethod
{
    /// <summary>Multiplicative: relative variances of both attenuations add up. V = s_a²/ā² + s_b²/b̄².</summary>
    Noninteractive,
    /// <summary>Over all combinations of both distributions: V = (1 + s_a²/ā²)(1 + s_b²/b̄²) − 1.</summary>
    Interactive,
}

/// <summary>Mean and spread of square roots of reliabilities.</summary>
/// <param name="Count">Reliabilities known; 0 leaves the measure uncorrected, with mean 1.</param>
/// <param name="Mean">Mean of √r, above 0, at most 1.</param>
/// <param name="StandardDeviation">Of √r, with divisor <paramref name="Count"/>.</param>
public sealed record ArtifactDistribution(int Count, double Mean, double StandardDeviation);

/// <summary>A meta-analysis by artefact distributions.</summary>
/// <param name="Result">Mean and variances on the scale of the corrected correlation.</param>
/// <param name="X">Distribution of the square roots of reliabilities of x.</param>
/// <param name="Y">The same of y.</param>
/// <param name="ArtifactVariance">Variance that differences in reliability alone would give, on the scale of the corrected correlation; part of
/// <see cref="HunterSchmidtResult.ErrorVariance"/>.</param>
public sealed record ArtifactDistributionResult(HunterSchmidtResult Result, ArtifactDistribution X, ArtifactDistribution Y, double ArtifactVariance);

public static partial class HunterSchmidt
{
    /// <summary>Corrects the bare-bones mean and variance by the distributions of reliabilities, wherever these were reported: with Ā = āb̄,
    /// ρ̄ = r̄/Ā, and var ρ = (var r − var e − ρ̄²Ā²V)/Ā², V as <see cref="ArtifactDistributionMethod"/> has it; the standard error is that of r̄ over Ā.
    /// Reliabilities count once each, and are taken as independent of each other and of ρ.</summary>
    /// <remarks>Schmidt and Hunter 2015, chapter 4. Agrees with psychmeta's <c>ma_r_ad</c> for measurement error: <c>tsa</c> is noninteractive, <c>int</c>
    /// interactive, with <c>residual_ads = FALSE</c> and variances that are divided by n.</remarks>
    /// <param name="correlations">rᵢ, strictly between −1 and 1.</param>
    /// <param name="sampleSizes">nᵢ, above 1.</param>
    /// <param name="reliabilitiesX">Those that are known, of whatever studies; above 0, at most 1.</param>
    /// <param name="reliabilitiesY">The same of y.</param>
    /// <param name="method">How the distributions combine.</param>
    /// <exception cref="ArgumentException">No correlations, lengths that differ, a number out of its range.</exception>
    public static ArtifactDistributionResult ByDistributions(ReadOnlySpan<double> correlations, ReadOnlySpan<double> sampleSizes,
        ReadOnlySpan<double> reliabilitiesX, ReadOnlySpan<double> reliabilitiesY, ArtifactDistributionMethod method)
    {
        var bare = BareBones(correlations, sampleSizes);
        var (x, y) = (DistributionOf(reliabilitiesX, nameof(reliabilitiesX)), DistributionOf(reliabilitiesY, nameof(reliabilitiesY)));
        var a = x.Mean * y.Mean;
        var (vx, vy) = (VectorMath.Square(x.StandardDeviation / x.Mean), VectorMath.Square(y.StandardDeviation / y.Mean));
        var v = method == ArtifactDistributionMethod.Interactive ? vx + vy + vx * vy : vx + vy;
        var mean = bare.MeanCorrelation / a;
        var (observed, error, artifacts) = (bare.ObservedVariance / (a * a), bare.ErrorVariance / (a * a), mean * mean * v);
        var residual = Math.Max(0, observed - error - artifacts);
        var half = Normal.UpperQuantile(CredibilityTail) * Math.Sqrt(residual);
        Guard.FiniteResult(mean, observed, error, artifacts, half);
        return new ArtifactDistributionResult(
            new HunterSchmidtResult(bare.Effects, bare.TotalSampleSize, mean, observed, error + artifacts, residual, bare.StandardError / a,
                new Interval(mean - half, mean + half), observed > 0 ? Math.Min(100, 100 * (error + artifacts) / observed) : null),
            x, y, artifacts);
    }

    private static ArtifactDistribution DistributionOf(ReadOnlySpan<double> reliabilities, string parameter)
    {
        if (reliabilities.IsEmpty)
        {
            return new ArtifactDistribution(0, 1, 0);
        }
        var roots = new double[reliabilities.Length];
        for (var i = 0; i < roots.Length; i++)
        {
            roots[i] = Math.Sqrt(Reliability(reliabilities[i], parameter));
        }
        var (mean, squares) = (Sum(roots) / roots.Length, 0.0);
        foreach (var root in roots)
        {
            squares += VectorMath.Square(root - mean);
        }
        return new ArtifactDistribution(roots.Length, mean, Math.Sqrt(squares / roots.Length));
    }
}
