using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests.Bayes;

/// <summary>Posteriors against the definition by another rule for every prior and for extreme effects, and what must not change them.</summary>
public sealed class BayesianMeanModelTests
{
    private static readonly double[] s_y = [0.31, -0.08, 0.45, 0.12, 0.6, 0.22, 0.05];
    private static readonly double[] s_v = [0.01, 0.02, 0.05, 0.004, 0.03, 0.008, 0.013];

    private static readonly Dictionary<string, (double[] Y, double[] V)> s_effects = new(StringComparer.Ordinal)
    {
        ["seven"] = (s_y, s_v),
        ["one"] = ([0.4], [0.02]),
        ["two"] = ([0.4, -0.3], [0.02, 0.001]),
        ["identical"] = ([.. Enumerable.Repeat(0.3, 8)], [.. Enumerable.Repeat(0.01, 8)]),
        ["tau on 0"] = ([0.30, 0.31, 0.29, 0.30, 0.305], [0.02, 0.03, 0.01, 0.05, 0.02]),
        ["outlier"] = ([.. s_y, 4.5], [.. s_v, 0.01]),
        ["tiny variances"] = ([.. s_y], [.. s_v.Select(v => 1e-9 * v)]),
        ["unequal variances"] = ([.. s_y], [1e-12, 1e-6, 0.01, 1, 100, 1e6, 0.01]),
        ["no information"] = ([0.3, 0.2], [1e9, 1e9]),
        ["thousand"] = Thousand(),
    };

    public static TheoryData<string, TauPrior, double, double> Cases
    {
        get
        {
            var cases = new TheoryData<string, TauPrior, double, double>();
            foreach (var name in s_effects.Keys)
            {
                foreach (var prior in Enum.GetValues<TauPrior>().Where(prior => prior != TauPrior.Flat))
                {
                    cases.Add(name, prior, 0, 0.5);
                }
            }
            foreach (var prior in Enum.GetValues<TauPrior>())
            {
                cases.Add("seven", prior, 0.2, 0.1);
                cases.Add("seven", prior, 0, double.PositiveInfinity);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_posterior_agrees_with_its_definition_by_another_rule(string name, TauPrior prior, double mean, double sd)
    {
        var (y, v) = s_effects[name];
        var fit = BayesianMeanModel.Fit(y, v, new BayesianOptions { PriorMuMean = mean, PriorMuSd = sd, PriorTau = prior });
        var other = new PosteriorOnGrid(y, v, fit.Options);
        Assert.Equal(other.LogMarginal, fit.LogMarginalLikelihood, 1e-9 * Math.Max(1, Math.Abs(other.LogMarginal)));
        AssertClose(other.Expect(node => node.Mean), fit.Mean.Mean!.Value);
        AssertClose(Math.Sqrt(other.Expect(n => n.Variance + n.Mean * n.Mean) - Math.Pow(other.Expect(n => n.Mean), 2)), fit.Mean.StandardDeviation!.Value);
        AssertQuantiles(fit.Mean, x => other.Expect(n => Normal.LowerTail((x - n.Mean) / Math.Sqrt(n.Variance))));
        AssertQuantiles(fit.NewEffect, x => other.Expect(n => Normal.LowerTail((x - n.Mean) / Math.Sqrt(n.Variance + n.Tau * n.Tau))));
        if (fit.Tau.Mean is { } ofTau)
        {
            AssertClose(other.Expect(n => n.Tau), ofTau);
        }
        for (var i = 0; i < Math.Min(8, y.Length); i++)
        {
            var (yi, vi, row) = (y[i], v[i], fit.ShrunkenEffects[i]);
            double Rest(PosteriorOnGrid.Node n) => vi / (vi + n.Tau * n.Tau);
            double MeanOf(PosteriorOnGrid.Node n) => yi + Rest(n) * (n.Mean - yi);
            double Deviation(PosteriorOnGrid.Node n) => Math.Sqrt(Rest(n) * n.Tau * n.Tau + Rest(n) * Rest(n) * n.Variance);
            AssertClose(other.Expect(MeanOf), row.Mean);
            Assert.Equal(0.025, other.Expect(n => Normal.LowerTail((row.Lower - MeanOf(n)) / Deviation(n))), 1e-8);
            Assert.Equal(0.025, other.Expect(n => Normal.UpperTail((row.Upper - MeanOf(n)) / Deviation(n))), 1e-8);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Intervals_have_their_probability_and_none_is_shorter_than_the_shortest(string name, TauPrior prior, double mean, double sd)
    {
        var (y, v) = s_effects[name];
        var fit = BayesianMeanModel.Fit(y, v, new BayesianOptions { PriorMuMean = mean, PriorMuSd = sd, PriorTau = prior, Probability = 0.9 });
        foreach (var posterior in new[] { fit.Mean, fit.Tau, fit.NewEffect })
        {
            foreach (var (lower, upper) in new[] { posterior.Central, posterior.Shortest })
            {
                Assert.Equal(0.9, posterior.UpperTail(lower) - posterior.UpperTail(upper), 1e-9);
            }
            Assert.Equal(0.05, posterior.UpperTail(posterior.Central.Upper), 1e-9);
            var width = posterior.Shortest.Upper - posterior.Shortest.Lower;
            Assert.All(Enumerable.Range(1, 49).Select(i => 0.002 * i), p =>
                Assert.True(posterior.Quantile(p + 0.9) - posterior.Quantile(p) >= width * (1 - 1e-10), $"{name}, {p}"));
        }
        Assert.True(fit.Tau.Shortest.Lower >= 0);
    }

    [Fact]
    public void A_posterior_with_two_modes_has_the_shortest_interval_of_all()
    {
        // Two precise effects far from each other, and a prior of tau that hardly lets them differ: the mean is near the one or near the other.
        var fit = BayesianMeanModel.Fit([-0.5, 0.5, 0.52, -0.51], [1e-4, 1.2e-4, 0.5, 0.5], new BayesianOptions { PriorTauScale = 0.05, PriorMuSd = 0.1 });
        double[] xs = [.. Enumerable.Range(0, 400).Select(i => fit.Mean.Quantile((i + 0.5) / 400))];
        var least = Enumerable.Range(0, 50).Min(i => fit.Mean.Quantile(0.95 + 0.001 * i + 1e-6) - fit.Mean.Quantile(0.001 * i + 1e-6));
        Assert.True(fit.Mean.Shortest.Upper - fit.Mean.Shortest.Lower <= least + 1e-9);
        Assert.Equal(xs.Order(), xs);
    }

    [Fact]
    public void The_order_of_effects_does_not_matter_to_the_last_bit()
    {
        var (fit, reversed) = (BayesianMeanModel.Fit(s_y, s_v), BayesianMeanModel.Fit([.. s_y.Reverse()], [.. s_v.Reverse()]));
        Assert.Equal(fit.LogMarginalLikelihood, reversed.LogMarginalLikelihood);
        Assert.Equal(fit.Mean.Shortest, reversed.Mean.Shortest);
        Assert.Equal(fit.Tau.Central, reversed.Tau.Central);
        Assert.Equal(fit.ShrunkenEffects, reversed.ShrunkenEffects.Reverse());
    }

    [Theory]
    [InlineData(TauPrior.HalfNormal)]
    [InlineData(TauPrior.HalfCauchy)]
    [InlineData(TauPrior.Uniform)]
    public void A_shift_a_change_of_sign_and_a_change_of_scale_pass_through(TauPrior prior)
    {
        const double Shift = 3, Scale = -40;
        var options = new BayesianOptions { PriorTau = prior, PriorTauScale = 0.4, PriorMuMean = 0.1 };
        var fit = BayesianMeanModel.Fit(s_y, s_v, options);
        var moved = BayesianMeanModel.Fit([.. s_y.Select(y => Scale * (y + Shift))], [.. s_v.Select(v => Scale * Scale * v)], options with
        {
            PriorMuMean = Scale * (0.1 + Shift),
            PriorMuSd = -Scale * options.PriorMuSd,
            PriorTauScale = -Scale * options.PriorTauScale,
        });
        Assert.Equal(fit.LogMarginalLikelihood - s_y.Length * Math.Log(-Scale), moved.LogMarginalLikelihood, 1e-10);
        Assert.Equal(fit.Mean.Shortest.Upper, moved.Mean.Shortest.Lower / Scale - Shift, 1e-9);
        Assert.Equal(fit.NewEffect.Central.Lower, moved.NewEffect.Central.Upper / Scale - Shift, 1e-9);
        Assert.Equal(fit.Tau.Median, moved.Tau.Median / -Scale, 1e-9);
        Assert.Equal(fit.ShrunkenEffects[2].Lower, moved.ShrunkenEffects[2].Upper / Scale - Shift, 1e-9);
    }

    [Fact]
    public void Effects_without_information_leave_the_priors()
    {
        var fit = BayesianMeanModel.Fit([0.3, 0.2], [1e12, 1e12], new BayesianOptions { PriorMuMean = 0.2 });
        Assert.Equal(0.2, fit.Mean.Median, 1e-9);
        Assert.Equal(0.5, fit.Mean.StandardDeviation!.Value, 1e-9);
        Assert.Equal(0.3 * Normal.Quantile(0.75), fit.Tau.Median, 1e-9);
        Assert.Equal(0, fit.Tau.Shortest.Lower);
    }

    [Fact]
    public void A_tiny_scale_of_tau_leaves_the_fixed_effect_model()
    {
        var fit = BayesianMeanModel.Fit(s_y, s_v, new BayesianOptions { PriorTau = TauPrior.Uniform, PriorTauScale = 1e-9 });
        var (w, wy) = (s_v.Sum(v => 1 / v) + 4, s_y.Zip(s_v, (y, v) => y / v).Sum());
        Assert.Equal(wy / w, fit.Mean.Mean!.Value, 1e-12);
        Assert.Equal(1 / Math.Sqrt(w), fit.Mean.StandardDeviation!.Value, 1e-12);
        Assert.All(fit.ShrunkenEffects, effect => Assert.Equal(wy / w, effect.Mean, 1e-9));
    }

    [Fact]
    public void Moments_that_do_not_exist_are_null()
    {
        var one = BayesianMeanModel.Fit([0.4], [0.02], new BayesianOptions { PriorTau = TauPrior.HalfCauchy });
        Assert.NotNull(one.Tau.Mean);
        Assert.Null(one.Tau.StandardDeviation);
        Assert.Null(one.NewEffect.StandardDeviation);
        Assert.NotNull(one.Mean.StandardDeviation);
        var three = BayesianMeanModel.Fit([0.4, 0.1, 0.2], [0.02, 0.01, 0.03], Flat);
        Assert.Null(three.Tau.Mean);
        Assert.Null(three.Mean.Mean);
        Assert.Null(three.NewEffect.Mean);
        Assert.InRange(three.Mean.Median, 0.1, 0.4);
    }

    [Fact]
    public void Flat_priors_with_too_few_effects_are_refused() =>
        Assert.Equal("improperPosterior", Assert.Throws<StatisticsException>(() => BayesianMeanModel.Fit([0.4, 0.1], [0.02, 0.01], Flat)).Code);

    [Fact]
    public void Numbers_beyond_double_precision_are_refused() =>
        Assert.Equal("outOfRange", Assert.Throws<StatisticsException>(() => BayesianMeanModel.Fit([1e200, -1e200], [1e-200, 1e-200])).Code);

    [Fact]
    public void Options_outside_their_ranges_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BayesianOptions { PriorMuSd = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BayesianOptions { PriorMuSd = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BayesianOptions { PriorTauScale = double.PositiveInfinity });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BayesianOptions { PriorMuMean = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BayesianOptions { Probability = 1 });
        Assert.Throws<ArgumentException>(() => BayesianMeanModel.Fit([], []));
        Assert.Throws<ArgumentException>(() => BayesianMeanModel.Fit([0.1], [0.0]));
    }

    [Fact]
    public void Intervals_hold_what_was_drawn_from_the_priors_as_often_as_they_say()
    {
        const int Draws = 400;
        var (random, hits, options) = (new SeededRandom(71_000_001), new int[3], new BayesianOptions());
        for (var draw = 0; draw < Draws; draw++)
        {
            var (mu, tau) = (random.Normal(0, 0.25), Math.Abs(random.Normal(0, 0.09)));
            double[] v = [.. Enumerable.Range(0, 6).Select(_ => 1.0 / (random.Integer(20, 200) - 3))];
            var fit = BayesianMeanModel.Fit([.. v.Select(vi => random.Normal(random.Normal(mu, tau * tau), vi))], v, options);
            var truths = new[] { mu, tau, random.Normal(mu, tau * tau) };
            foreach (var (posterior, i) in new[] { fit.Mean, fit.Tau, fit.NewEffect }.Select((posterior, i) => (posterior, i)))
            {
                hits[i] += posterior.Central.Lower <= truths[i] && truths[i] <= posterior.Central.Upper ? 1 : 0;
            }
        }
        Assert.All(hits, hit => Assert.InRange(hit / (double)Draws, 0.92, 0.98)); // .95 ± 2.75 standard errors
    }

    private static BayesianOptions Flat => new() { PriorMuSd = double.PositiveInfinity, PriorTau = TauPrior.Flat };

    private static void AssertQuantiles(PosteriorDistribution posterior, Func<double, double> lowerTail)
    {
        foreach (var p in new[] { 1e-4, 0.025, 0.5, 0.975 })
        {
            Assert.Equal(p, lowerTail(posterior.Quantile(p)), 1e-9);
        }
    }

    private static void AssertClose(double expected, double actual) => Assert.Equal(expected, actual, 1e-8 * Math.Max(1e-3, Math.Abs(expected)));

    private static (double[] Y, double[] V) Thousand()
    {
        var random = new SeededRandom(5);
        double[] v = [.. Enumerable.Range(0, 1_000).Select(_ => 1.0 / (random.Integer(20, 400) - 3))];
        return ([.. v.Select(vi => random.Normal(0.3, 0.02 + vi))], v);
    }
}
