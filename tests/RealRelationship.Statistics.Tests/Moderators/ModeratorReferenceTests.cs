namespace RealRelationship.Statistics.Tests;

/// <summary>Breakdowns by a category against metafor: levels fitted alone (family <c>subgroup</c>),
/// and the regression behind a common τ² (family <c>moderators</c>).</summary>
public sealed class ModeratorReferenceTests
{
    private static readonly ModelOptions KnappHartung = new() { Test = CoefficientTest.KnappHartung };

    [Theory]
    [MemberData(nameof(ReferenceFile.WithSubgroups), MemberType = typeof(ReferenceFile))]
    public void Levels_fitted_alone_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-8);
        var levels = 0;
        foreach (var moderator in file.Properties("moderators").Where(moderator => moderator.Value.TryGetProperty("subgroup", out _)))
        {
            var (y, v, values, _) = file.Moderator(moderator.Name);
            var analysis = ModeratorModel.FitCategorical(moderator.Name, y, v, values, KnappHartung, SubgroupTauSquared.Separate);
            foreach (var answer in file.Properties("moderators", moderator.Name, "subgroup")
                .Where(answer => answer.Value.ValueKind == System.Text.Json.JsonValueKind.Object))
            {
                var level = analysis.Levels.Single(level => level.Level == answer.Name);
                RandomEffectsReferenceTests.CheckMean(agreement, $"{moderator.Name}={level.Level}", level.Mean, answer.Value);
                agreement.Compare(level.Level, level.Heterogeneity.TauSquared, answer.Value, "tau2");
                agreement.Compare(level.Level, level.Heterogeneity.ISquared, answer.Value, "i2");
                agreement.Compare(level.Level, level.Heterogeneity.Q, answer.Value, "q");
                levels++;
            }
        }
        agreement.AssertAgreement(atLeast: 8 * levels);
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.WithSubgroups), MemberType = typeof(ReferenceFile))]
    public void Levels_with_common_tau_squared_agree_with_metafors_regression(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-8);
        var analyses = 0;
        foreach (var moderator in file.Properties("moderators").Where(moderator => !file.Moderator(moderator.Name).Numeric))
        {
            var (y, v, values, _) = file.Moderator(moderator.Name);
            foreach (var answer in file.Properties("moderators", moderator.Name).Where(answer => answer.Name != "subgroup"))
            {
                var analysis = ModeratorModel.FitCategorical(moderator.Name, y, v, values, ReferenceFile.Options(answer.Name));
                agreement.Compare(answer.Name, analysis.Levels[0].Mean.Estimate, answer.Value, "beta", 0);
                agreement.Compare(answer.Name, analysis.Levels[0].Mean.StandardError, answer.Value, "se", 0);
                agreement.Compare(answer.Name, analysis.Levels[0].Mean.Upper, answer.Value, "ciUpper", 0);
                for (var j = 1; j < analysis.Levels.Count; j++)
                {
                    var contrast = analysis.Contrasts.Single(c => c.A == analysis.Levels[0].Level && c.B == analysis.Levels[j].Level);
                    agreement.Compare(answer.Name, -contrast.Difference, answer.Value, "beta", j);
                    agreement.Compare(answer.Name, contrast.StandardError, answer.Value, "se", j);
                    if (!contrast.RestsOnOneSample) // t, whatever metafor is asked for
                    {
                        agreement.Compare(answer.Name, contrast.PValue, answer.Value, "p", j);
                        agreement.Compare(answer.Name, -contrast.Upper, answer.Value, "ciLower", j);
                    }
                }
                if (!analysis.Levels.Any(level => level.Mean.RestsOnOneSample))
                {
                    agreement.Compare(answer.Name, analysis.Test?.Statistic, answer.Value, "qm");
                }
                agreement.Compare(answer.Name, analysis.Residual.Q, answer.Value, "q");
                analyses++;
            }
        }
        agreement.AssertAgreement(atLeast: 8 * analyses);
    }
}
