using System.Text.Json;

namespace RealRelationship.Statistics.Tests.Sequential;

/// <summary>E-values, their parts and the limits of confidence sequences against quadratures in R (family <c>frontier/anytime</c>), at every look.</summary>
public sealed class AnytimeReferenceTests
{
    private const double LogTolerance = 1e-8;

    private static readonly JsonElement s_reference = JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("frontier/anytime.json"))).RootElement;

    public static TheoryData<string> Cases => [.. s_reference.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void They_agree_with_the_reference(string name)
    {
        var data = s_reference.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var options = data.GetProperty("options");
        double[] Numbers(string member) => [.. data.GetProperty("effects").EnumerateArray().Select(effect => effect.GetProperty(member).GetDouble())];
        var looks = data.GetProperty("expected").GetProperty("looks").EnumerateArray().ToList();
        int[] counts = [.. looks.Select(look => look.GetProperty("k").GetInt32())];
        var (relative, logs) = (new ReferenceComparison(s_reference.GetProperty("tolerance").GetDouble()), new ReferenceComparison(LogTolerance, floor: 1));
        foreach (var (confidence, suffix) in new[] { (0.95, "95"), (0.99, "99") })
        {
            var fits = AnytimeInference.Path(Numbers("yi"), Numbers("vi"), counts, new AnytimeOptions
            {
                PriorMuSd = options.GetProperty("priorSdMu").GetDouble(),
                PriorTauScale = options.GetProperty("priorScaleTau").GetDouble(),
                Confidence = confidence,
            });
            foreach (var (fit, expected) in fits.Zip(looks))
            {
                var where = $"{name}, k = {fit.Effects}";
                logs.Compare(where, fit.LogMarginalLikelihood, expected, "logMarginal");
                logs.Compare(where, fit.LogNullLikelihood, expected, "logSupNull");
                logs.Compare(where, fit.LogEValue, expected, "logE0");
                relative.Compare(where, fit.NullTauSquared, expected, "tau2Null");
                relative.Compare(where, fit.EValue, expected, "e0");
                relative.Compare(where, fit.Lower, expected, $"lower{suffix}");
                relative.Compare(where, fit.Upper, expected, $"upper{suffix}");
                Assert.Equal(expected.GetProperty("isInterval").GetBoolean(), fit.IsInterval);
            }
        }
        logs.AssertAgreement(atLeast: 2 * 3 * looks.Count);
        relative.AssertAgreement(atLeast: 2 * 4 * looks.Count);
    }
}
