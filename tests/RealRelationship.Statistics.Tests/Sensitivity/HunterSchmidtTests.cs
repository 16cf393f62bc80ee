namespace RealRelationship.Statistics.Tests.Sensitivity;

/// <summary>Artefact distributions and range restriction against constructions whose answer is known, and against published numbers.</summary>
public sealed class HunterSchmidtTests
{
    private const double Huge = 1e15; // participants, so that there is no sampling error

    /// <summary>Every combination of two distributions attenuates one ρ: nothing but artefacts varies.</summary>
    [Fact]
    public void Crossed_attenuations_of_one_correlation_leave_no_variance()
    {
        double[] x = [0.9, 0.8, 0.7], y = [0.85, 0.6];
        double[] r = [.. x.SelectMany(_ => y, (a, b) => 0.5 * Math.Sqrt(a * b))], n = [.. r.Select(_ => Huge)];
        var fit = HunterSchmidt.ByDistributions(r, n, x, y, ArtifactDistributionMethod.Interactive);
        Assert.Equal(0.5, fit.Result.MeanCorrelation, 1e-14);
        Assert.Equal(fit.Result.ObservedVariance, fit.ArtifactVariance, 1e-14);
        Assert.True(fit.Result.ObservedVariance > 1e-3);
        Assert.Equal(0, fit.Result.ResidualVariance, 1e-14);
        Assert.Equal(100, fit.Result.PercentOfVariance!.Value, 1e-10);
        // The multiplicative form leaves out the product of both relative variances.
        var additive = HunterSchmidt.ByDistributions(r, n, x, y, ArtifactDistributionMethod.Noninteractive);
        double Relative(ArtifactDistribution a) => Math.Pow(a.StandardDeviation / a.Mean, 2);
        Assert.Equal(fit.Result.ObservedVariance - 0.25 * Relative(fit.X) * Relative(fit.Y), additive.ArtifactVariance, 1e-14);
        Assert.Equal((3, 2), (fit.X.Count, fit.Y.Count));
    }

    /// <summary>By hand: r̄ .15, variances .0025 and .9775²/99; √.81 and √.49 (mean .8, variance .01); √.64.</summary>
    [Fact]
    public void Distributions_by_hand()
    {
        var fit = HunterSchmidt.ByDistributions([0.1, 0.2], [100, 100], [0.81, 0.49], [0.64], ArtifactDistributionMethod.Noninteractive);
        Assert.Equal((0.8, 0.1), (Math.Round(fit.X.Mean, 14), Math.Round(fit.X.StandardDeviation, 14)));
        Assert.Equal((0.8, 0.0), (fit.Y.Mean, fit.Y.StandardDeviation));
        var mean = 0.15 / 0.64;
        Assert.Equal(mean, fit.Result.MeanCorrelation, 1e-14);
        Assert.Equal(mean * mean * 0.01 / 0.64, fit.ArtifactVariance, 1e-14);
        Assert.Equal(0.0025 / 0.4096, fit.Result.ObservedVariance, 1e-14);
        Assert.Equal(0.9775 * 0.9775 / 99 / 0.4096 + fit.ArtifactVariance, fit.Result.ErrorVariance, 1e-14);
        Assert.Equal(Math.Sqrt(0.0025 / 2) / 0.64, fit.Result.StandardError, 1e-14);
    }

    [Fact]
    public void Without_reliabilities_distributions_are_bare_bones()
    {
        var (bare, fit) = (HunterSchmidt.BareBones([0.1, 0.4, 0.3], [50, 60, 90]),
            HunterSchmidt.ByDistributions([0.1, 0.4, 0.3], [50, 60, 90], [], [], ArtifactDistributionMethod.Interactive));
        Assert.Equal(bare, fit.Result);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => HunterSchmidt.ByDistributions([0.1], [50], [1.1], [], ArtifactDistributionMethod.Interactive));
    }

    /// <summary>Borenstein, Hedges, Higgins and Rothstein 2009, Introduction to Meta-Analysis, pp. 346–348: the variance of true correlations is .0069 before
    /// the correction for the reliability of the outcome, and .0042 after it.</summary>
    [Fact]
    public void The_worked_example_of_a_textbook()
    {
        double[] r = [0.24, 0.11, 0.05, 0.17, 0.38, 0.50], n = [130, 90, 30, 25, 50, 65], ryy = [0.75, 0.75, 0.60, 0.60, 0.90, 0.90];
        Assert.Equal(0.0069, HunterSchmidt.BareBones(r, n).ResidualVariance, 5e-5);
        Assert.Equal(0.0042, HunterSchmidt.Corrected(r, n, [1, 1, 1, 1, 1, 1], ryy).ResidualVariance, 5e-5);
    }

    /// <summary>The example of psychmeta's vignette, whose correlations are corrected for small samples and whose variances have the divisor k − 1:
    /// standard deviations .0842 and, individually corrected, .102.</summary>
    [Fact]
    public void The_example_of_psychmeta()
    {
        double[] n = [416, 241, 479, 167], r = [0.49, 0.54, 0.34, 0.37], rxx = [0.79, 0.82, 0.73, 0.78], ryy = [0.77, 0.84, 0.87, 0.79];
        double[] unbiased = [.. r.Zip(n, (value, size) => value * (2 * size - 1) / (2 * size - 2))];
        Assert.Equal(0.0842, StandardDeviation(HunterSchmidt.BareBones(unbiased, n)), 5e-5);
        Assert.Equal(0.102, StandardDeviation(HunterSchmidt.Corrected(unbiased, n, rxx, ryy)), 5e-4);

        static double StandardDeviation(HunterSchmidtResult fit) => Math.Sqrt(fit.ObservedVariance * 4 / 3 - fit.ErrorVariance);
    }

    /// <summary>r = .33, standard deviations 12 and 20: .50 in the population.</summary>
    [Fact]
    public void Direct_restriction_is_that_of_case_II()
    {
        var restriction = new RangeRestriction(RangeRestrictionKind.Direct, 12 / 20.0);
        Assert.Equal(0.503, 0.33 / restriction.Attenuation(0.33, 1, 1), 5e-4);
    }

    /// <summary>Selection by a third variable that acts through true scores: a population with ρ .5, reliabilities .8, of which a sample has a smaller variance
    /// of true scores of x, the slope and the residual variance on them unchanged.</summary>
    [Theory]
    [InlineData(RangeRestrictionKind.Indirect, 0.4)]
    [InlineData(RangeRestrictionKind.Indirect, 1.7)]
    [InlineData(RangeRestrictionKind.Direct, 0.4)]
    public void Corrections_invert_what_selection_does(RangeRestrictionKind kind, double variance)
    {
        const double Rho = 0.5;
        const double ErrorX = 0.25; // with true variance 1: reliability .8
        const double ErrorY = 0.25;
        double r, u, rxx, ryy;
        if (kind == RangeRestrictionKind.Indirect)
        {
            // y = ρ t + residual + error
            var (vx, vy) = (variance + ErrorX, Rho * Rho * variance + (1 - Rho * Rho) + ErrorY);
            (r, u, rxx) = (Rho * variance / Math.Sqrt(vx * vy), Math.Sqrt(vx / (1 + ErrorX)), variance / vx);
            ryy = 1 - ErrorY / vy;
        }
        else
        {
            // Selection on x itself: the slope of y's true score on x is kept, its reliability is that of the sample.
            var slope = Rho / (1 + ErrorX);
            var (vx, residual) = (variance * (1 + ErrorX), 1 - slope * slope * (1 + ErrorX));
            var vt = slope * slope * vx + residual;
            (r, u, rxx, ryy) = (slope * vx / Math.Sqrt(vx * (vt + ErrorY)), Math.Sqrt(variance), 1 / (1 + ErrorX), vt / (vt + ErrorY));
        }
        var a = new RangeRestriction(kind, u).Attenuation(r, rxx, ryy);
        Assert.Equal(Rho, r / a, 1e-14);
        var fit = HunterSchmidt.Corrected([r, r], [100, 200], [rxx, rxx], [ryy, ryy], new(kind, u));
        Assert.Equal(Rho, fit.MeanCorrelation, 1e-14);
        const double H = 1e-5;
        var slopeOfRho = (Corrected(r + H) - Corrected(r - H)) / (2 * H);
        Assert.Equal((100 / 99.0 + 200 / 199.0) / 300 * Math.Pow((1 - r * r) * slopeOfRho, 2), fit.ErrorVariance, 1e-9);

        double Corrected(double at) => at / new RangeRestriction(kind, u).Attenuation(at, rxx, ryy);
    }

    [Fact]
    public void No_restriction_is_disattenuation_and_impossible_ones_are_refused()
    {
        foreach (var kind in Enum.GetValues<RangeRestrictionKind>())
        {
            Assert.Equal(Math.Sqrt(0.8 * 0.7), new RangeRestriction(kind, 1).Attenuation(0.3, 0.8, 0.7), 1e-15);
            Assert.True(new RangeRestriction(kind, 0.5).Attenuation(0, 0.8, 0.7) > 0);
            Assert.Throws<ArgumentOutOfRangeException>(() => new RangeRestriction(kind, 0));
        }
        Assert.Equal("rangeContradictsReliability",
            Assert.Throws<StatisticsException>(() => new RangeRestriction(RangeRestrictionKind.Indirect, 2).Attenuation(0.3, 0.7, 0.7)).Code);
    }
}
