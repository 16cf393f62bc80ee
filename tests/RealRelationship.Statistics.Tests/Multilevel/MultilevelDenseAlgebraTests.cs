using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace RealRelationship.Statistics.Tests;

/// <summary>Blocks in closed form against <see cref="DenseMultilevelModel"/>.</summary>
public sealed class MultilevelDenseAlgebraTests
{
    private static readonly Gen<MultilevelOptions> Options = Gen.Select(
        Gen.Bool, Gen.Double[0, 0.9], Gen.Bool, Gen.Enum<RobustVariance>(),
        (three, rho, restricted, robust) => new MultilevelOptions
        {
            Model = three ? DependenceModel.ThreeLevel : DependenceModel.CorrelatedHierarchical,
            Rho = rho,
            Restricted = restricted,
            Robust = robust,
            ProfileIntervals = false,
        });

    [Fact]
    public void A_fit_is_weighted_least_squares_with_the_inverse_of_its_covariance() => Gen.Select(NestedEffects.Generator, Options)
        .Sample((effects, options) =>
    {
        var fit = effects.Fit(effects.Design, options with { Robust = RobustVariance.None });
        var dense = Dense(effects, effects.Design, fit);
        for (var j = 0; j < 2; j++)
        {
            Close(dense.Coefficients[j], fit.Coefficients[j].Estimate);
            Close(Math.Sqrt(dense.Covariance[j, j]), fit.Coefficients[j].StandardError);
        }
        Close(dense.Covariance[0, 1], fit.Covariance[0, 1]);
        Close(dense.LogLikelihood(options.Restricted), fit.LogLikelihood);
        var sums = dense.Weights.RowSums();
        Assert.All(sums, (sum, i) => Close(100 * sum / sums.Sum(), fit.Weights[i]));
    });

    [Fact]
    public void Q_and_I_squared_rest_on_sampling_variances_alone() => Gen.Select(NestedEffects.Generator, Options).Sample((effects, options) =>
    {
        var fit = effects.Fit(effects.Design, options);
        var dense = new DenseMultilevelModel(effects, effects.Design, Rho(options), 0, 0);
        Close(dense.Q, fit.Q);
        var typical = fit.QDegreesOfFreedom / dense.TraceP;
        Close(100 * fit.TauSquared / (fit.TauSquared + typical), fit.ISquared);
        Close(fit.ISquaredBetween * fit.TauSquared, fit.ISquared * fit.BetweenVariance);
    });

    [Fact]
    public void No_pair_of_variances_has_a_higher_likelihood() =>
        Gen.Select(NestedEffects.Generator, Options, Gen.Double[0, 0.8], Gen.Double[0, 0.8]).Sample((effects, options, b, w) =>
        {
            var fit = effects.Fit(effects.Design, options);
            var other = new DenseMultilevelModel(effects, effects.Design, Rho(options), b * b, w * w);
            Assert.True(other.LogLikelihood(options.Restricted) <= fit.LogLikelihood + 1e-9);
            Assert.True(fit.Converged);
        });

    [Fact]
    public void Samples_that_share_size_and_variance_are_summed_as_defined() => Gen.Select(NestedEffects.Generator, Options).Sample((effects, options) =>
    {
        var alike = effects with { V = [.. effects.Samples.Select(sample => sample % 2 == 0 ? 0.02 : 0.05)] };
        var fit = alike.Fit(alike.TwoTerms, options with { Robust = RobustVariance.None });
        var dense = Dense(alike, alike.TwoTerms, fit);
        for (var j = 0; j < 3; j++)
        {
            Close(dense.Coefficients[j], fit.Coefficients[j].Estimate);
            Close(Math.Sqrt(dense.Covariance[j, j]), fit.Coefficients[j].StandardError);
        }
        Close(dense.LogLikelihood(options.Restricted), fit.LogLikelihood);
        foreach (var (between, within) in new[] { (1.1, 1.0), (0.9, 1.0), (1.0, 1.1), (1.0, 0.9) })
        {
            var near = new DenseMultilevelModel(alike, alike.TwoTerms, Rho(options), between * fit.BetweenVariance, within * fit.WithinVariance);
            Assert.True(near.LogLikelihood(options.Restricted) <= fit.LogLikelihood + 1e-9);
        }
    });

    [Fact]
    public void Robust_variances_and_their_degrees_of_freedom_follow_the_definition() => Gen.Select(NestedEffects.Generator, Options)
        .Sample((effects, options) =>
    {
        // Where a cluster has nearly all information on a coefficient, I − H is nearly singular, and neither way has more digits.
        var fit = effects.Fit(effects.Design, options with { Robust = Robust(options) });
        var dense = Dense(effects, effects.Design, fit);
        for (var j = 0; j < 2; j++)
        {
            var contrast = Unit(2, j);
            Close(Math.Sqrt(dense.Robust(contrast, Robust(options))[0, 0]), fit.Coefficients[j].StandardError, 1e-6);
            Close(dense.DegreesOfFreedom(contrast, Robust(options)), fit.Coefficients[j].DegreesOfFreedom!.Value, 1e-6);
        }
        var combination = fit.LinearCombination("both", 1, 0.5);
        var both = Matrix<double>.Build.DenseOfRowArrays([1, 0.5]);
        Close(fit.Coefficients[0].Estimate + 0.5 * fit.Coefficients[1].Estimate, combination.Estimate);
        Close(Math.Sqrt(dense.Robust(both, Robust(options))[0, 0]), combination.StandardError, 1e-6);
        Close(dense.DegreesOfFreedom(both, Robust(options)), combination.DegreesOfFreedom!.Value, 1e-6);
    });

    [Fact]
    public void A_sample_of_forty_effects_with_forty_variances_is_adjusted_as_defined()
    {
        var effects = new NestedEffects(
            [.. Enumerable.Range(0, 60).Select(i => 0.3 + 0.2 * Math.Sin(7 * i))], [.. Enumerable.Range(0, 60).Select(i => 0.01 + 0.0005 * i)],
            [.. Enumerable.Range(0, 60).Select(i => i < 40 ? 0 : i / 5)], [.. Enumerable.Range(0, 60).Select(i => Math.Cos(3 * i))]);
        var fit = effects.Fit(effects.Design, new MultilevelOptions { ProfileIntervals = false });
        var dense = Dense(effects, effects.Design, fit);
        Close(Math.Sqrt(dense.Robust(Unit(2, 1), RobustVariance.CR2)[0, 0]), fit.Coefficients[1].StandardError);
        Close(dense.DegreesOfFreedom(Unit(2, 1), RobustVariance.CR2), fit.Coefficients[1].DegreesOfFreedom!.Value);
    }

    /// <summary>From 64 rows on, clusters of several samples are adjusted by quadrature; one of two clusters has most of the information.</summary>
    [Theory]
    [InlineData(RobustVariance.CR2, 140, 2)]
    [InlineData(RobustVariance.CR2, 140, 5)]
    [InlineData(RobustVariance.CR2, 70, 3)]
    [InlineData(RobustVariance.CR1, 140, 3)]
    [InlineData(RobustVariance.CR0, 140, 3)]
    public void A_large_cluster_of_several_samples_is_adjusted_as_defined(RobustVariance robust, int large, int clusters)
    {
        const int k = 160;
        var effects = new NestedEffects(
            [.. Enumerable.Range(0, k).Select(i => 0.3 + 0.2 * Math.Sin(7 * i) + 0.2 * Math.Cos(i / 3))],
            [.. Enumerable.Range(0, k).Select(i => i % 7 == 0 ? 1e-4 : 0.01 + 0.0005 * (i % 40))],
            [.. Enumerable.Range(0, k).Select(i => i / 3)], [.. Enumerable.Range(0, k).Select(i => Math.Cos(3 * i))]);
        int[] ofSamples = [.. effects.Samples.Select(sample => sample * 3 < large ? 0 : 1 + sample % (clusters - 1))];
        foreach (var (design, p) in new[] { (DesignMatrix.WithIntercept(k), 1), (effects.Design, 2), (effects.TwoTerms, 3) })
        {
            var fit = effects.Fit(design, new MultilevelOptions { ProfileIntervals = false, Robust = robust, Clusters = ofSamples });
            var dense = new DenseMultilevelModel(effects, design, Rho(fit.Options), fit.BetweenVariance, fit.WithinVariance, ofSamples);
            for (var j = 0; j < p; j++)
            {
                Close(Math.Sqrt(dense.Robust(Unit(p, j), robust)[0, 0]), fit.Coefficients[j].StandardError, 1e-9);
                Close(dense.DegreesOfFreedom(Unit(p, j), robust), fit.Coefficients[j].DegreesOfFreedom!.Value, 1e-8);
            }
        }
    }

    [Fact]
    public void A_cluster_of_thousands_of_samples_is_adjusted_without_a_matrix_of_them()
    {
        const int k = 20_000;
        var random = new Random(7);
        double[] y = [.. Enumerable.Range(0, k).Select(_ => random.NextDouble())], v = [.. Enumerable.Range(0, k).Select(i => 0.01 + 1e-6 * i)];
        int[] samples = [.. Enumerable.Range(0, k).Select(i => i / 2)];
        var fit = MultilevelModel.Fit(y, v, samples, new() { ProfileIntervals = false, Clusters = [.. samples.Select(s => s < 9_990 ? -1 : s)] });
        Assert.InRange(fit.Mean.DegreesOfFreedom!.Value, 1e-9, 10);
        Assert.True(fit.Mean.StandardError > 0);
    }

    [Fact]
    public void The_robust_test_of_two_coefficients_follows_the_definition() =>
        Gen.Select(NestedEffects.Generator.Where(effects => effects.Samples.Distinct().Count() >= 5), Options).Sample((effects, options) =>
        {
            var fit = effects.Fit(effects.TwoTerms, options with { Robust = Robust(options) });
            var dense = Dense(effects, effects.TwoTerms, fit);
            var contrasts = Matrix<double>.Build.DenseOfRowArrays([0, 1, 0], [0, 0, 1]);
            var eta = dense.DegreesOfFreedom(contrasts, Robust(options));
            var slopes = contrasts * dense.Coefficients;
            var q = slopes * (dense.Robust(contrasts, Robust(options)).Inverse() * slopes);
            Close(Math.Max(0, eta - 1) / eta * q / 2, fit.RobustOmnibus!.F, 1e-6);
            if (eta - 1 >= 1)
            {
                Close(eta - 1, fit.RobustOmnibus.DenominatorDegreesOfFreedom!.Value, 1e-6);
                Close(FDistribution.UpperTail(fit.RobustOmnibus.F, 2, eta - 1), fit.RobustOmnibus.PValue!.Value, 1e-6);
            }
            else
            {
                Assert.Null(fit.RobustOmnibus.PValue);
            }
        });

    private static RobustVariance Robust(MultilevelOptions options) => options.Robust == RobustVariance.None ? RobustVariance.CR2 : options.Robust;

    private static double Rho(MultilevelOptions options) => options.Model == DependenceModel.ThreeLevel ? 0 : options.Rho;

    private static DenseMultilevelModel Dense(NestedEffects effects, DesignMatrix design, MultilevelFit fit) =>
        new(effects, design, Rho(fit.Options), fit.BetweenVariance, fit.WithinVariance);

    private static Matrix<double> Unit(int length, int index) => Matrix<double>.Build.Dense(1, length, (_, j) => j == index ? 1 : 0);

    private static void Close(double expected, double actual, double tolerance = 1e-9) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)), $"expected {expected:R}, was {actual:R}");
}
