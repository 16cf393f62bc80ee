using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>Dependent effects against metafor 5.1.12 and clubSandwich 0.6.0 (family <c>dependent</c>).</summary>
public sealed class MultilevelReferenceTests
{
    private static readonly MultilevelOptions ThreeLevel = new() { Model = DependenceModel.ThreeLevel, Robust = RobustVariance.None, ProfileIntervals = false };

    private static readonly MultilevelOptions AsRequested = ThreeLevel with { OneSample = OneSampleInference.AsRequested };

    public static TheoryData<string> Files => ReferenceFile.WithNestedModels;

    [Theory]
    [MemberData(nameof(Files))]
    public void Three_level_models_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-6, floor: 1e-2);
        foreach (var answer in file.Properties("dependent", "threeLevel"))
        {
            var parts = answer.Name.Split('/');
            var options = ThreeLevel with { Restricted = parts[0] == "REML", Test = parts[1] == "z" ? CoefficientTest.Normal : CoefficientTest.StudentT };
            CheckModel(agreement, $"{name} {answer.Name}", Fit(file, options), answer.Value);
        }
        agreement.AssertAgreement(atLeast: 4 * 9);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Robust_variances_agree_with_clubSandwich(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-6, floor: 1e-2);
        foreach (var answer in file.Properties("dependent", "robust", "threeLevel"))
        {
            CheckRobust(agreement, $"{name} {answer.Name}", Fit(file, ThreeLevel with { Robust = Enum.Parse<RobustVariance>(answer.Name) }).Mean, answer.Value);
        }
        agreement.AssertAgreement(atLeast: 3 * 5);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Correlated_hierarchical_models_agree_with_metafor_and_clubSandwich(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-6, floor: 1e-2);
        foreach (var answer in file.Properties("dependent", "che"))
        {
            var options = ThreeLevel with
            {
                Model = DependenceModel.CorrelatedHierarchical,
                Rho = double.Parse(answer.Name[3..]),
                Test = CoefficientTest.Normal
            };
            CheckModel(agreement, $"{name} {answer.Name}", Fit(file, options), answer.Value);
            if (answer.Value.TryGetProperty("cr2", out var robust))
            {
                CheckRobust(agreement, $"{name} {answer.Name} CR2", Fit(file, options with { Robust = RobustVariance.CR2 }).Mean, robust);
            }
        }
        agreement.AssertAgreement(atLeast: 4 * 9);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Regressions_agree_with_metafor_and_clubSandwich(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(2e-6, floor: 1e-2);
        var regressions = 0;
        foreach (var answer in file.Properties("dependent", "moderators"))
        {
            var (y, v, samples, design) = file.NestedModerator(answer.Name);
            var fit = MultilevelModel.Fit(y, v, samples, design, AsRequested with { Test = CoefficientTest.Normal });
            CheckModel(agreement, $"{name} {answer.Name}", fit, answer.Value);
            agreement.Compare(answer.Name, fit.Omnibus?.Statistic, answer.Value, "qm");
            agreement.Compare(answer.Name, fit.Omnibus?.PValue, answer.Value, "qmP");
            if (answer.Value.TryGetProperty("cr2", out var robust))
            {
                var club = MultilevelModel.Fit(y, v, samples, design, AsRequested with { Robust = RobustVariance.CR2 });
                for (var j = 0; j < club.Coefficients.Count; j++)
                {
                    CheckRobust(agreement, $"{name} {answer.Name} CR2", club.Coefficients[j], robust, j);
                }
                CheckHotelling(agreement, $"{name} {answer.Name}", club.RobustOmnibus!, answer.Value.GetProperty("htz"));
            }
            regressions++;
        }
        agreement.AssertAgreement(atLeast: 20 * regressions);
    }

    private static void CheckHotelling(ReferenceComparison agreement, string where, RobustWaldTest ours, JsonElement answer)
    {
        agreement.Compare(where, ours.F, answer, "f");
        agreement.Compare(where, ours.NumeratorDegreesOfFreedom, answer, "dfNum");
        if (answer.GetProperty("dfDen").GetDouble() >= 1)
        {
            agreement.Compare(where, ours.DenominatorDegreesOfFreedom, answer, "dfDen");
            agreement.Compare(where, ours.PValue, answer, "p");
        }
        else
        {
            Assert.Null(ours.PValue);
        }
    }

    private static void CheckModel(ReferenceComparison agreement, string where, MultilevelFit fit, JsonElement answer)
    {
        for (var j = 0; j < fit.Coefficients.Count; j++)
        {
            RandomEffectsReferenceTests.CheckMean(agreement, where, fit.Coefficients[j], answer, j);
        }
        agreement.Compare(where, fit.BetweenVariance, answer, "sigma2", 0);
        agreement.Compare(where, fit.WithinVariance, answer, "sigma2", 1);
        agreement.Compare(where, fit.Q, answer, "q");
        agreement.Compare(where, fit.LogLikelihood, answer, "logLik");
        Assert.True(fit.Converged);
    }

    private static void CheckRobust(ReferenceComparison agreement, string where, Coefficient ours, JsonElement answer, int index = 0)
    {
        agreement.Compare(where, ours.Estimate, answer, "beta", index);
        agreement.Compare(where, ours.StandardError, answer, "se", index);
        agreement.Compare(where, ours.Statistic, answer, "stat", index);
        agreement.Compare(where, ours.DegreesOfFreedom, answer, "df", index);
        agreement.Compare(where, ours.PValue, answer, "p", index);
    }

    private static MultilevelFit Fit(ReferenceFile file, MultilevelOptions options) =>
        MultilevelModel.Fit(file.Estimates, file.Variances, file.Samples(), options);
}
