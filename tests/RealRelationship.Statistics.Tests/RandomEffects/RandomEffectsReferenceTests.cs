namespace RealRelationship.Statistics.Tests;

/// <summary>Every estimator and test on every data set against metafor 5.1.12 (families <c>random</c> and <c>qProfile</c>).</summary>
public sealed class RandomEffectsReferenceTests
{
    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Every_estimator_with_every_test_agrees_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-8);
        foreach (var answer in file.Properties("random"))
        {
            var options = ReferenceFile.Options(answer.Name);
            var fit = RandomEffectsModel.Fit(file.Estimates, file.Variances, options);
            Check(agreement, $"{name} {answer.Name}", fit, answer.Value);
            if (options.Test == CoefficientTest.Normal)
            {
                agreement.Compare(answer.Name, fit.LogLikelihood, answer.Value, "logLik");
                agreement.Compare(answer.Name, fit.Heterogeneity.TauSquaredStandardError, answer.Value, "tau2Se");
            }
            Assert.True(fit.Converged);
        }
        agreement.AssertAgreement(atLeast: 48 * 12);
    }

    [Fact]
    public void The_reference_has_every_combination_of_estimator_and_test()
    {
        var keys = ReferenceFile.Load("bcg").Properties("random").Select(answer => ReferenceFile.Options(answer.Name)).ToList();
        var all = Enum.GetValues<TauSquaredEstimator>()
            .SelectMany(e => Enum.GetValues<CoefficientTest>()
                .Select(t => new ModelOptions { Estimator = e, Test = t, Prediction = PredictionDistribution.SameAsTest }));
        Assert.Empty(all.Except(keys));
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Profile_intervals_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-6, floor: 1e-2);
        foreach (var answer in file.Properties("qProfile"))
        {
            var fit = RandomEffectsModel.Fit(file.Estimates, file.Variances, ReferenceFile.Options(answer.Name)).Heterogeneity;
            foreach (var (statistic, interval) in new[] { ("tau2", fit.TauSquaredInterval), ("i2", fit.ISquaredInterval), ("h2", fit.HSquaredInterval) })
            {
                if (fit.IntervalIsEmpty) // where metafor has [0, 0]
                {
                    Assert.Null(interval);
                    continue;
                }
                agreement.Compare(answer.Name, interval?.Lower, answer.Value, statistic, 1);
                agreement.Compare(answer.Name, interval?.Upper, answer.Value, statistic, 2);
            }
        }
        agreement.AssertAgreement(atLeast: 4 * 6);
    }

    internal static void Check(ReferenceComparison agreement, string where, RandomEffectsFit fit, System.Text.Json.JsonElement answer)
    {
        CheckMean(agreement, where, fit.Mean, answer);
        agreement.Compare(where, fit.Heterogeneity.TauSquared, answer, "tau2");
        agreement.Compare(where, fit.Heterogeneity.ISquared, answer, "i2");
        agreement.Compare(where, fit.Heterogeneity.HSquared, answer, "h2");
        agreement.Compare(where, fit.Heterogeneity.Q, answer, "q");
        agreement.Compare(where, fit.Heterogeneity.PValue, answer, "qP");
        agreement.Compare(where, fit.PredictionInterval?.Lower, answer, "piLower");
        agreement.Compare(where, fit.PredictionInterval?.Upper, answer, "piUpper");
    }

    internal static void CheckMean(ReferenceComparison agreement, string where, Coefficient mean, System.Text.Json.JsonElement answer, int index = 0)
    {
        agreement.Compare(where, mean.Estimate, answer, "beta", index);
        agreement.Compare(where, mean.StandardError, answer, "se", index);
        agreement.Compare(where, mean.Statistic, answer, "stat", index);
        agreement.Compare(where, mean.DegreesOfFreedom, answer, "df", index);
        agreement.Compare(where, mean.PValue, answer, "p", index);
        agreement.Compare(where, mean.Lower, answer, "ciLower", index);
        agreement.Compare(where, mean.Upper, answer, "ciUpper", index);
    }
}
