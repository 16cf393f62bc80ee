using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>Small-study and selection tests on every data set against metafor 5.1.12 (family <c>bias</c>).</summary>
public sealed class PublicationBiasReferenceTests
{
    private static readonly ModelOptions Reml = new() { Test = CoefficientTest.Normal };

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Regressions_on_the_size_of_studies_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var (y, v) = (file.Estimates, file.Variances);
        var agreement = new ReferenceComparison(1e-8);
        Check(agreement, "egger", EggerRegression.Linear(y, v), file.Answer("bias", "eggerLm"));
        Check(agreement, "mixed", EggerRegression.Mixed(y, v, Reml), file.Answer("bias", "eggerRma"));
        Check(agreement, "peese", EggerRegression.Peese(y, v), file.Answer("bias", "peeseLm"));
        if (file.Answer("bias", "eggerSqrtNinv").ValueKind == JsonValueKind.Object)
        {
            Check(agreement, "n", EggerRegression.Linear(y, v, 0.95, SmallStudyPredictor.InverseSquareRootN, file.SampleSizes),
                file.Answer("bias", "eggerSqrtNinv"));
        }
        agreement.AssertAgreement(atLeast: 17);
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Counts_and_ranks_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var (y, v) = (file.Estimates, file.Variances);
        var agreement = new ReferenceComparison(1e-10);
        var (rank, failSafe, excess) = (RankCorrelation.Test(y, v), FailSafeN.Compute(y, v), ExcessSignificance.Test(y, v));
        agreement.Compare("rank", rank.Tau, file.Answer("bias", "rank"), "tau");
        agreement.Compare("rank", rank.PValue, file.Answer("bias", "rank"), "p");
        agreement.Compare("Rosenthal", failSafe.Rosenthal, file.Answer("bias", "failSafe", "Rosenthal"), "n");
        agreement.Compare("Orwin", failSafe.OrwinTarget, file.Answer("bias", "failSafe", "Orwin"), "target");
        agreement.Compare("Rosenberg", failSafe.Rosenberg, file.Answer("bias", "failSafe", "Rosenberg"), "n");
        agreement.Compare("excess", excess.Observed, file.Answer("bias", "excessSignificance"), "observed");
        agreement.Compare("excess", excess.Expected, file.Answer("bias", "excessSignificance"), "expected");
        agreement.Compare("excess", excess.PValue, file.Answer("bias", "excessSignificance"), "p");
        agreement.AssertAgreement(atLeast: 8);
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Trim_and_fill_agrees_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-8);
        foreach (var answer in file.Properties("bias", "trimFill"))
        {
            var (estimator, model) = (answer.Name[..2], answer.Name[3..]);
            var options = ReferenceFile.Options(model);
            var kind = Enum.Parse<TrimAndFillEstimator>(estimator);
            var result = TrimAndFill.Run(file.Estimates, file.Variances, options, kind);
            Assert.Equal(answer.Value.GetProperty("side").GetString(), result.Side.ToString(), ignoreCase: true);
            agreement.Compare(answer.Name, result.Missing, answer.Value, "k0");
            agreement.Compare(answer.Name, result.Fit.Effects, answer.Value, "k");
            agreement.Compare(answer.Name, result.Fit.Mean.Estimate, answer.Value, "beta");
            agreement.Compare(answer.Name, result.Fit.Mean.StandardError, answer.Value, "se");
            agreement.Compare(answer.Name, result.Fit.Mean.Lower, answer.Value, "ciLower");
            agreement.Compare(answer.Name, result.Fit.Mean.Upper, answer.Value, "ciUpper");
            agreement.Compare(answer.Name, result.Fit.Heterogeneity.TauSquared, answer.Value, "tau2");
        }
        agreement.AssertAgreement(atLeast: 6 * 7);
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Selection_models_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-6, floor: 1e-2);
        var answers = file.Properties("bias", "selection").ToList();
        foreach (var answer in answers)
        {
            double[] steps = [.. answer.Name.Split(',').Select(double.Parse)];
            var fit = SelectionModel.Fit(file.Estimates, file.Variances, steps);
            agreement.Compare(answer.Name, fit.Effect, answer.Value, "beta");
            agreement.Compare(answer.Name, fit.StandardError, answer.Value, "se");
            agreement.Compare(answer.Name, fit.TauSquared, answer.Value, "tau2");
            agreement.Compare(answer.Name, fit.LikelihoodRatio, answer.Value, "lrt");
            agreement.Compare(answer.Name, fit.LogLikelihood, answer.Value, "logLik");
            for (var j = 0; j < fit.Weights.Count; j++)
            {
                agreement.Compare(answer.Name, fit.Weights[j], answer.Value, "delta", j);
            }
            Assert.True(fit.LogLikelihood >= answer.Value.GetProperty("logLik").GetDouble() - 1e-11); // metafor stops at about 1e-8 of the parameters
        }
        agreement.AssertAgreement(atLeast: 7 * answers.Count);
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Henmi_and_Copas_agrees_with_metafor(string name) // whose root is good to 1e-4 only
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(2e-4);
        var interval = HenmiCopas.Interval(file.Estimates, file.Variances);
        agreement.Compare("hc", interval.Effect, file.Answer("bias", "henmiCopas"), "beta");
        agreement.Compare("hc", interval.Lower, file.Answer("bias", "henmiCopas"), "ciLower");
        agreement.Compare("hc", interval.Upper, file.Answer("bias", "henmiCopas"), "ciUpper");
        agreement.Compare("hc", interval.TauSquared, file.Answer("bias", "henmiCopas"), "tau2");
        agreement.AssertAgreement(atLeast: 4);
    }

    private static void Check(ReferenceComparison agreement, string where, SmallStudyTest ours, JsonElement answer)
    {
        agreement.Compare(where, ours.Statistic, answer, "stat");
        agreement.Compare(where, ours.DegreesOfFreedom, answer, "df");
        agreement.Compare(where, ours.PValue, answer, "p");
        agreement.Compare(where, ours.Limit, answer, "limit");
        agreement.Compare(where, ours.LimitLower, answer, "limitLower");
        agreement.Compare(where, ours.LimitUpper, answer, "limitUpper");
        Assert.Null(ours.NotEstimableReason);
    }
}
