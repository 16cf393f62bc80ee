namespace RealRelationship.Statistics.Tests;

/// <summary>Meta-regressions on every moderator of every data set against metafor 5.1.12 (family <c>moderators</c>).</summary>
public sealed class MetaRegressionReferenceTests
{
    [Theory]
    [MemberData(nameof(ReferenceFile.WithModerators), MemberType = typeof(ReferenceFile))]
    public void Regressions_on_one_moderator_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-8);
        var shares = new ReferenceComparison(1e-7); // a difference of two estimates
        var regressions = 0;
        foreach (var moderator in file.Properties("moderators"))
        {
            var (y, v, values, numeric) = file.Moderator(moderator.Name);
            var design = DesignMatrix.WithIntercept(y.Length);
            design = numeric
                ? design.Add(new ContinuousTerm(moderator.Name, [.. values.Select(double.Parse)]))
                : design.Add(new CategoricalTerm(moderator.Name, values));
            foreach (var answer in file.Properties("moderators", moderator.Name).Where(answer => answer.Name != "subgroup"))
            {
                var options = ReferenceFile.Options(answer.Name) with { OneSample = OneSampleInference.AsRequested };
                var fit = MetaRegression.Fit(y, v, design, options);
                var where = $"{name} {moderator.Name} {answer.Name}";
                for (var j = 0; j < fit.Coefficients.Count; j++)
                {
                    RandomEffectsReferenceTests.CheckMean(agreement, where, fit.Coefficients[j], answer.Value, j);
                }
                agreement.Compare(where, fit.Omnibus?.Statistic, answer.Value, "qm");
                agreement.Compare(where, fit.Omnibus?.PValue, answer.Value, "qmP");
                agreement.Compare(where, fit.Omnibus?.NumeratorDegreesOfFreedom, answer.Value, "qmDf", 0);
                agreement.Compare(where, fit.Omnibus?.DenominatorDegreesOfFreedom, answer.Value, "qmDf", 1);
                agreement.Compare(where, fit.Residual.Q, answer.Value, "q");
                agreement.Compare(where, fit.Residual.PValue, answer.Value, "qP");
                agreement.Compare(where, fit.Residual.TauSquared, answer.Value, "tau2");
                agreement.Compare(where, fit.Residual.TauSquaredStandardError, answer.Value, "tau2Se");
                agreement.Compare(where, fit.Residual.ISquared, answer.Value, "i2");
                agreement.Compare(where, fit.Residual.HSquared, answer.Value, "h2");
                if (options.Estimator != TauSquaredEstimator.CommonEffect && fit.RSquared is not null) // null where metafor has 0 of nothing
                {
                    shares.Compare(where, fit.RSquared, answer.Value, "r2");
                }
                regressions++;
            }
        }
        agreement.AssertAgreement(atLeast: 20 * regressions);
        shares.AssertAgreement(atLeast: regressions / 2);
    }
}
