namespace RealRelationship.Statistics.Tests.Bayes;

/// <summary>Averages against their parts, limits inside the probability of no effect, and the table of other priors.</summary>
public sealed class BayesianModelAveragingTests
{
    private static readonly double[] s_y = [0.31, -0.08, 0.45, 0.12, 0.6, 0.22, 0.05];
    private static readonly double[] s_v = [0.01, 0.02, 0.05, 0.004, 0.03, 0.008, 0.013];

    public static TheoryData<TauPrior> Priors => [TauPrior.HalfNormal, TauPrior.HalfCauchy, TauPrior.Uniform];

    [Theory]
    [MemberData(nameof(Priors))]
    public void Marginal_likelihoods_are_those_of_the_models(TauPrior prior)
    {
        var average = BayesianModelAveraging.Fit(s_y, s_v, new BayesianOptions { PriorTau = prior });
        var (logs, p) = (average.LogMarginalLikelihoods, average.Probabilities);
        Assert.Equal(s_y.Zip(s_v, (y, v) => -0.5 * (Math.Log(2 * Math.PI * v) + y * y / v)).Sum(), logs.FixedNull, 1e-10);
        Assert.Equal(BayesianMeanModel.Fit(s_y, s_v, Fixed(0.5)).LogMarginalLikelihood, logs.FixedEffect, 1e-7);
        Assert.Equal(BayesianMeanModel.Fit(s_y, s_v, new BayesianOptions { PriorTau = prior, PriorMuSd = 1e-9 }).LogMarginalLikelihood, logs.RandomNull, 1e-9);
        Assert.Equal(BayesianMeanModel.Fit(s_y, s_v, new BayesianOptions { PriorTau = prior }).LogMarginalLikelihood, logs.RandomEffect);
        Assert.Equal(1, p.FixedNull + p.FixedEffect + p.RandomNull + p.RandomEffect, 1e-12);
        Assert.Equal(average.LogBayesFactorOfEffect, Math.Log((p.FixedEffect + p.RandomEffect) / (p.FixedNull + p.RandomNull)), 1e-9);
        Assert.Equal(average.LogBayesFactorOfEffect, Math.Log(average.BayesFactorOfEffect!.Value), 1e-12);
        Assert.Equal(average.BayesFactorOfHeterogeneity!.Value, (p.RandomNull + p.RandomEffect) / (p.FixedNull + p.FixedEffect), 1e-9);

        static BayesianOptions Fixed(double sd) => new() { PriorMuSd = sd, PriorTau = TauPrior.Uniform, PriorTauScale = 1e-7 };
    }

    [Theory]
    [InlineData(0.02, "lower")]
    [InlineData(0.09, "lower")]
    [InlineData(-0.09, "upper")]
    [InlineData(0.5, "none")]
    [InlineData(0, "both")]
    public void Limits_leave_no_more_than_their_share_outside(double shift, string atZero)
    {
        var y = Enumerable.Range(0, 10).Select(i => shift + 0.05 * Math.Sin(3 * i)).ToArray();
        var average = BayesianModelAveraging.Fit(y, [.. Enumerable.Repeat(0.01, 10)]);
        var (lower, upper) = average.Interval;
        Assert.True(Below(lower, orAt: false) <= 0.025 + 1e-10 && Below(lower, orAt: true) >= 0.025 - 1e-10);
        Assert.True(Below(upper, orAt: false) <= 0.975 + 1e-10 && Below(upper, orAt: true) >= 0.975 - 1e-10);
        Assert.True(average.Mean * (shift == 0 ? 0 : shift) >= 0 && Math.Abs(average.Mean) <= Math.Abs(average.MeanGivenEffect.Mean!.Value));
        if (atZero == "none")
        {
            Assert.True(lower > 0);
        }

        double Below(double x, bool orAt)
        {
            var (p, given) = (average.Probabilities, average.MeanGivenEffect);
            return (p.FixedEffect + p.RandomEffect) * (1 - given.UpperTail(x)) + (x > 0 || orAt && x == 0 ? p.FixedNull + p.RandomNull : 0);
        }
    }

    [Fact]
    public void Bayes_factors_beyond_double_precision_have_their_logarithms()
    {
        var average = BayesianModelAveraging.Fit([.. Enumerable.Range(0, 2_000).Select(i => 0.9 + 0.3 * Math.Sin(i))], [.. Enumerable.Repeat(0.001, 2_000)]);
        Assert.Null(average.BayesFactorOfEffect);
        Assert.Null(average.BayesFactorOfHeterogeneity);
        Assert.True(average.LogBayesFactorOfEffect > 710);
        Assert.Equal(1, average.Probabilities.RandomEffect);
        Assert.Equal(average.Random.Mean.Central.Lower, average.Interval.Lower, 1e-12);
    }

    [Fact]
    public void Flat_priors_are_refused()
    {
        Assert.Throws<ArgumentException>(() => BayesianModelAveraging.Fit(s_y, s_v, new BayesianOptions { PriorTau = TauPrior.Flat }));
        Assert.Throws<ArgumentException>(() => BayesianModelAveraging.Fit(s_y, s_v, new BayesianOptions { PriorMuSd = double.PositiveInfinity }));
    }

    [Theory]
    [MemberData(nameof(Priors))]
    public void Each_row_of_other_priors_is_the_average_under_them(TauPrior prior)
    {
        var chosen = new BayesianOptions { PriorTau = prior, PriorTauScale = 0.2, PriorMuSd = 0.4, PriorMuMean = 0.1, Probability = 0.9 };
        var rows = PriorSensitivity.Run(s_y, s_v, chosen);
        Assert.Equal(9, rows.Count);
        Assert.Equal(chosen, rows[0].Random.Options);
        Assert.Equal(rows.Count, rows.Select(row => row.Random.Options).Distinct().Count());
        Assert.All(rows, row => Assert.Equal((0.1, 0.9), (row.Random.Options.PriorMuMean, row.Random.Options.Probability)));
        Assert.Equal(Priors.Count, rows.Select(row => row.Random.Options.PriorTau).Distinct().Count());
        Assert.Contains(rows, row => (row.Random.Options.PriorMuSd, row.Random.Options.PriorTauScale) == (0.8, 0.4));
        Assert.All(rows, row =>
        {
            var alone = BayesianModelAveraging.Fit(s_y, s_v, row.Random.Options);
            Assert.Equal(alone.LogBayesFactorOfEffect, row.LogBayesFactorOfEffect);
            Assert.Equal(alone.Random.Mean.Central, row.Random.Mean.Central);
        });
    }
}
