using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>Small-study and selection tests on every data set against metafor 5.1.12 (family <c>bias</c>).</summary>
public sealed class BiasReferenceTests
{
    private static readonly ModelOptions Reml = new() { Test = CoefficientTest.Normal };

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Regressions_on_the_size_of_studies_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var (y, v) = (file.Estimates, file.Variances);
        var agreement = new Agreement(1e-8);
        Check(agreement, "egger", EggerRegression.Linear(y, v), file.Answer("bias", "eggerLm"));
        Check(agreement, "mixed", EggerRegression.Mixed(y, v, Reml), file.Answer("bias", "eggerRma"));
        Check(agreement, "peese", EggerRegression.Peese(y, v), file.Answer("bias", "peeseLm"));
        if (file.Answer("bias", "eggerSqrtNinv").ValueKind == JsonValueKind.Object)
        {
            Check(agreement, "n", EggerRegression.Linear(y, v, 0.95, SmallStudyPredictor.InverseSquareRootN, file.SampleSizes), file.Answer("bias", "eggerSqrtNinv"));
        }
        agreement.Verify(atLeast: 17);
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Counts_and_ranks_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var (y, v) = (file.Estimates, file.Variances);
        var agreement = new Agreement(1e-10);
        var (rank, failSafe, excess) = (RankCorrelation.Test(y, v), FailSafeN.Compute(y, v), ExcessSignificance.Test(y, v));
        agreement.Check("rank", rank.Tau, file.Answer("bias", "rank"), "tau");
        agreement.Check("rank", rank.PValue, file.Answer("bias", "rank"), "p");
        agreement.Check("Rosenthal", failSafe.Rosenthal, file.Answer("bias", "failSafe", "Rosenthal"), "n");
        agreement.Check("Orwin", failSafe.Orwin, file.Answer("bias", "failSafe", "Orwin"), "n");
        agreement.Check("Orwin", failSafe.OrwinTarget, file.Answer("bias", "failSafe", "Orwin"), "target");
        agreement.Check("Rosenberg", failSafe.Rosenberg, file.Answer("bias", "failSafe", "Rosenberg"), "n");
        agreement.Check("excess", excess.Observed, file.Answer("bias", "excessSignificance"), "observed");
        agreement.Check("excess", excess.Expected, file.Answer("bias", "excessSignificance"), "expected");
        agreement.Check("excess", excess.PValue, file.Answer("bias", "excessSignificance"), "p");
        agreement.Verify(atLeast: 9);
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Trim_and_fill_agrees_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new Agreement(1e-8);
        foreach (var answer in file.Part("bias", "trimFill"))
        {
            var (estimator, model) = (answer.Name[..2], answer.Name[3..]);
            var options = ReferenceFile.Options(model);
            var kind = Enum.Parse<TrimAndFillEstimator>(estimator);
            var result = TrimAndFill.Run(file.Estimates, file.Variances, options, kind);
            Assert.Equal(answer.Value.GetProperty("side").GetString(), result.Side.ToString(), ignoreCase: true);
            agreement.Check(answer.Name, result.Missing, answer.Value, "k0");
            agreement.Check(answer.Name, result.Fit.Effects, answer.Value, "k");
            agreement.Check(answer.Name, result.Fit.Mean.Estimate, answer.Value, "beta");
            agreement.Check(answer.Name, result.Fit.Mean.StandardError, answer.Value, "se");
            agreement.Check(answer.Name, result.Fit.Mean.Lower, answer.Value, "ciLower");
            agreement.Check(answer.Name, result.Fit.Mean.Upper, answer.Value, "ciUpper");
            agreement.Check(answer.Name, result.Fit.Heterogeneity.TauSquared, answer.Value, "tau2");
        }
        agreement.Verify(atLeast: 6 * 7);
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Selection_models_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new Agreement(1e-6, floor: 1e-2);
        var answers = file.Part("bias", "selection").ToList();
        foreach (var answer in answers)
        {
            double[] steps = [.. answer.Name.Split(',').Select(double.Parse)];
            var fit = SelectionModel.Fit(file.Estimates, file.Variances, steps);
            agreement.Check(answer.Name, fit.Effect, answer.Value, "beta");
            agreement.Check(answer.Name, fit.StandardError, answer.Value, "se");
            agreement.Check(answer.Name, fit.TauSquared, answer.Value, "tau2");
            agreement.Check(answer.Name, fit.LikelihoodRatio, answer.Value, "lrt");
            agreement.Check(answer.Name, fit.LogLikelihood, answer.Value, "logLik");
            for (var j = 0; j < fit.Weights.Count; j++)
            {
                agreement.Check(answer.Name, fit.Weights[j], answer.Value, "delta", j);
            }
            Assert.True(fit.LogLikelihood >= answer.Value.GetProperty("logLik").GetDouble() - 1e-11); // metafor stops at about 1e-8 of the parameters
        }
        agreement.Verify(atLeast: 7 * answers.Count);
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Henmi_and_Copas_agrees_with_metafor(string name) // whose root is good to 1e-4 only
    {
        var file = ReferenceFile.Load(name);
        var agreement = new Agreement(2e-4);
        var interval = HenmiCopas.Interval(file.Estimates, file.Variances);
        agreement.Check("hc", interval.Effect, file.Answer("bias", "henmiCopas"), "beta");
        agreement.Check("hc", interval.Lower, file.Answer("bias", "henmiCopas"), "ciLower");
        agreement.Check("hc", interval.Upper, file.Answer("bias", "henmiCopas"), "ciUpper");
        agreement.Check("hc", interval.TauSquared, file.Answer("bias", "henmiCopas"), "tau2");
        agreement.Verify(atLeast: 4);
    }

    private static void Check(Agreement agreement, string where, SmallStudyTest ours, JsonElement answer)
    {
        agreement.Check(where, ours.Statistic, answer, "stat");
        agreement.Check(where, ours.DegreesOfFreedom, answer, "df");
        agreement.Check(where, ours.PValue, answer, "p");
        agreement.Check(where, ours.Limit, answer, "limit");
        agreement.Check(where, ours.LimitLower, answer, "limitLower");
        agreement.Check(where, ours.LimitUpper, answer, "limitUpper");
        Assert.Null(ours.NotEstimableReason);
    }
}
