using System.Text.Json;

namespace RealRelationship.Statistics.Tests.Bayes;

/// <summary>Posteriors and averages against quadratures in R, which bayesmeta confirms (family <c>frontier/bayes</c>).</summary>
public sealed class BayesianReferenceTests
{
    private const double LogTolerance = 1e-9;
    private const int NumbersOfAverage = 12;

    private static readonly JsonElement s_reference = JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("frontier/bayes.json"))).RootElement;

    private readonly ReferenceComparison _relative = new(s_reference.GetProperty("tolerance").GetDouble());
    private readonly ReferenceComparison _logs = new(LogTolerance, floor: 1);

    public static TheoryData<string> Cases => [.. s_reference.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void They_agree_with_the_reference(string name)
    {
        var data = s_reference.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var (options, expected) = (Options(data.GetProperty("options")), data.GetProperty("expected"));
        double[] Numbers(string member) => [.. data.GetProperty("effects").EnumerateArray().Select(effect => effect.GetProperty(member).GetDouble())];
        var (y, v) = (Numbers("yi"), Numbers("vi"));
        var fit = BayesianMeanModel.Fit(y, v, options);
        _logs.Compare(name, fit.LogMarginalLikelihood, expected, "logMarginal");
        Compare("mu", fit.Mean, expected.GetProperty("mu"));
        _relative.Compare(name, fit.Mean.UpperTail(0), expected.GetProperty("mu"), "pAboveZero");
        Compare("tau", fit.Tau, expected.GetProperty("tau"));
        Compare("prediction", fit.NewEffect, expected.GetProperty("prediction"));
        foreach (var (effect, row) in fit.ShrunkenEffects.Zip(expected.GetProperty("shrinkage").EnumerateArray()))
        {
            _relative.Compare("shrinkage", effect.Mean, row, "mean");
            _relative.Compare("shrinkage", effect.StandardDeviation, row, "sd");
            _relative.Compare("shrinkage", effect.Lower, row, "lower");
            _relative.Compare("shrinkage", effect.Upper, row, "upper");
        }
        var average = expected.GetProperty("average");
        if (average.ValueKind == JsonValueKind.Object)
        {
            CompareAverage(BayesianModelAveraging.Fit(y, v, options), average);
        }
        _logs.AssertAgreement(atLeast: 1);
        _relative.AssertAgreement(atLeast: 8 + 7 + 4 + 4 * y.Length + (average.ValueKind == JsonValueKind.Object ? NumbersOfAverage : 0));
    }

    private static BayesianOptions Options(JsonElement options)
    {
        var common = new BayesianOptions
        {
            PriorMuMean = Number("priorMuMean") ?? 0,
            PriorMuSd = Number("priorMuSd") ?? double.PositiveInfinity,
            PriorTau = Enum.Parse<TauPrior>(options.GetProperty("priorTau").GetString()!, ignoreCase: true),
            Probability = options.GetProperty("level").GetDouble(),
        };
        return Number("priorTauScale") is { } scale ? common with { PriorTauScale = scale } : common;

        double? Number(string member) => options.GetProperty(member) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;
    }

    private void Compare(string where, PosteriorDistribution ours, JsonElement expected)
    {
        _relative.Compare(where, ours.Mean, expected, "mean");
        _relative.Compare(where, ours.StandardDeviation, expected, "sd");
        _relative.Compare(where, ours.Median, expected, "median");
        _relative.Compare(where, ours.Central.Lower, expected, "lower");
        _relative.Compare(where, ours.Central.Upper, expected, "upper");
        _relative.Compare(where, ours.Shortest.Lower, expected, "shortestLower");
        _relative.Compare(where, ours.Shortest.Upper, expected, "shortestUpper");
    }

    private void CompareAverage(BayesianAverage ours, JsonElement expected)
    {
        foreach (var (comparison, part, models) in new[]
        {
            (_logs, "logMarginals", ours.LogMarginalLikelihoods), (_relative, "probabilities", ours.Probabilities),
        })
        {
            comparison.Compare(part, models.FixedNull, expected.GetProperty(part), "fixedNull");
            comparison.Compare(part, models.FixedEffect, expected.GetProperty(part), "fixedAlternative");
            comparison.Compare(part, models.RandomNull, expected.GetProperty(part), "randomNull");
            comparison.Compare(part, models.RandomEffect, expected.GetProperty(part), "randomAlternative");
        }
        _relative.Compare("average", ours.BayesFactorOfEffect, expected, "bfEffect");
        _relative.Compare("average", ours.BayesFactorOfHeterogeneity, expected, "bfHeterogeneity");
        _logs.Compare("average", ours.LogBayesFactorOfEffect, expected, "logBfEffect");
        _logs.Compare("average", ours.LogBayesFactorOfHeterogeneity, expected, "logBfHeterogeneity");
        _relative.Compare("average", ours.Mean, expected, "meanAll");
        _relative.Compare("average", ours.Interval.Lower, expected, "lowerAll");
        _relative.Compare("average", ours.Interval.Upper, expected, "upperAll");
        _relative.Compare("average", ours.MeanGivenEffect.Mean, expected, "meanGivenEffect");
        _relative.Compare("average", ours.MeanGivenEffect.Central.Lower, expected, "lowerGivenEffect");
        _relative.Compare("average", ours.MeanGivenEffect.Central.Upper, expected, "upperGivenEffect");
    }
}
