using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>Baujat, radial and GOSH plots and profiles of τ² against R (family <c>frontier/diagnostics</c>).</summary>
public sealed class DiagnosticsReferenceTests
{
    private static readonly JsonElement s_reference =
        JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("frontier/diagnostics.json"))).RootElement;

    public static TheoryData<string> Cases => [.. s_reference.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void They_agree_with_the_reference(string name)
    {
        var data = s_reference.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        double[] Numbers(string member) => [.. data.GetProperty("effects").EnumerateArray().Select(effect => effect.GetProperty(member).GetDouble())];
        var (y, v, options, expected) = (Numbers("yi"), Numbers("vi"), data.GetProperty("options"), data.GetProperty("expected"));
        var estimator = ReferenceFile.Options(options.GetProperty("method").GetString()!).Estimator;
        var comparison = new ReferenceComparison(s_reference.GetProperty("tolerance").GetDouble());
        switch (options.GetProperty("kind").GetString())
        {
            case "baujat":
                CompareList("x", Baujat.Run(y, v, estimator).Select(point => point.Heterogeneity));
                CompareList("y", Baujat.Run(y, v, estimator).Select(point => point.Influence));
                break;
            case "radial":
                var radial = Radial.Run(y, v, estimator);
                CompareList("x", radial.Precisions);
                CompareList("z", radial.Standardised);
                comparison.Compare(name, radial.Slope, expected, "slope");
                break;
            case "profileTau2":
                var profile = TauSquaredProfile.Fit(y, v, estimator == TauSquaredEstimator.RestrictedMaximumLikelihood,
                    options.GetProperty("level").GetDouble())!;
                comparison.Compare(name, profile.TauSquared, expected, "tau2");
                comparison.Compare(name, profile.Lower, expected, "lower");
                comparison.Compare(name, profile.Upper, expected, "upper");
                comparison.Compare(name, profile.LogLikelihood, expected, "logLik");
                break;
            default:
                var summary = new GoshSummary(y.Length);
                Assert.Equal(expected.GetProperty("subsets").GetInt32(), Gosh.Run(y, v, summary.Add, estimator));
                double[] probabilities = [.. expected.GetProperty("probabilities").EnumerateArray().Select(p => p.GetDouble())];
                CompareList("mu", summary.Quantiles(subset => subset.Effect, probabilities, minSize: 1)!);
                CompareList("muAtLeastTwo", summary.Quantiles(subset => subset.Effect, probabilities)!);
                CompareList("i2AtLeastTwo", summary.Quantiles(subset => subset.ISquared, probabilities)!);
                CompareList("tau2AtLeastTwo", summary.Quantiles(subset => subset.TauSquared, probabilities)!);
                comparison.Compare(name, summary.Mean(subset => subset.Effect, minSize: 1), expected, "meanMu");
                comparison.Compare(name, summary.Mean(subset => subset.Effect), expected, "meanMuAtLeastTwo");
                comparison.Compare(name, summary.Mean(subset => subset.ISquared), expected, "meanI2AtLeastTwo");
                var full = summary.Subsets[^1];
                comparison.Compare(name, full.Effect, expected.GetProperty("full"), "mu");
                comparison.Compare(name, full.ISquared, expected.GetProperty("full"), "i2");
                comparison.Compare(name, full.TauSquared, expected.GetProperty("full"), "tau2");
                break;
        }

        comparison.AssertAgreement(atLeast: 4);

        void CompareList(string member, IEnumerable<double> ours)
        {
            foreach (var (i, value) in ours.Index())
            {
                comparison.Compare(name, value, expected, member, i);
            }
        }
    }
}
