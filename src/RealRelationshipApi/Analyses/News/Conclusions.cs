using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.News;

/// <summary>What a conclusion rests on.</summary>
internal enum ConclusionBasis
{
    /// <summary>The confidence sequence, which holds however often one looks.</summary>
    Sequence,

    /// <summary>The ordinary confidence interval, which holds for one look.</summary>
    Interval,

    /// <summary>The prediction interval.</summary>
    PredictionInterval,

    /// <summary>Tests of the moderators, adjusted for each other.</summary>
    Test,
}

/// <summary>A conclusion that differs from that of the revision before.</summary>
/// <param name="What"><c>zero</c>, <c>margin</c> (<c>equivalence</c>, otherwise r = .10), <c>predictionSign</c>, or <c>verdict:</c> and a moderator.</param>
/// <param name="Was">The conclusion before: of a sequence or an interval <c>above</c>, <c>below</c>, <c>within</c> (the margin) or <c>includes</c>; of a
/// prediction interval <c>positive</c>, <c>negative</c> or <c>either</c>; of a moderator its verdict.</param>
/// <param name="Is">The conclusion at this revision, in the same words.</param>
/// <param name="Basis">What it rests on. <c>zero</c> is of the confidence sequence, which holds at every look; where the ordinary interval changed beside 0,
/// too, or alone, that is an item of its own.</param>
internal sealed record ConclusionChange(string What, string Was, string Is, ConclusionBasis Basis);

/// <summary>What a pooled effect says, and by what it is said to differ.</summary>
/// <param name="Zero">Where the confidence sequence lies beside 0; null without an estimate, as the others are.</param>
/// <param name="OrdinaryZero">Where the ordinary confidence interval lies beside 0.</param>
/// <param name="Margin">Where that lies beside the margin.</param>
/// <param name="PredictionSign">Signs of the prediction interval.</param>
/// <param name="Verdicts">Verdict of each moderator that can be tested.</param>
internal sealed record Conclusions(string? Zero, string? OrdinaryZero, string? Margin, string? PredictionSign, IReadOnlyDictionary<string, string> Verdicts)
{
    public const string ZeroName = "zero";
    public const string MarginName = "margin";
    public const string PredictionSignName = "predictionSign";
    public const string VerdictPrefix = "verdict:";

    /// <summary>The moderators whose verdicts are news, tested together (Holm), so that no moderator is news because many were tried.</summary>
    public static IReadOnlyList<string> Moderators { get; } = ["outcomeType", "relationshipRater", "outcomeRater"];

    public static Conclusions None { get; } = new(null, null, null, null, new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>The conclusions from effects.</summary>
    /// <param name="effects">The effects.</param>
    /// <param name="pool">Their pool.</param>
    /// <param name="model">Its model.</param>
    /// <param name="request">The model as requested, for the moderators.</param>
    /// <param name="verdicts">Verdicts of the moderators, if they are known.</param>
    public static Conclusions Of(EffectSet effects, PoolAtRevision pool, ResolvedModel model, ModelRequest? request,
        IReadOnlyDictionary<string, string>? verdicts = null)
    {
        if (pool.Fit is not { } fit)
        {
            return None;
        }

        var prediction = fit.Prediction?.Interval;
        return new(Sequence(effects, model), Position(fit.Mean.Lower, fit.Mean.Upper, 0), Position(fit.Mean.Lower, fit.Mean.Upper, MarginOf(model)),
            prediction is { } p ? p.Lower > 0 ? "positive" : p.Upper < 0 ? "negative" : "either" : null,
            verdicts ?? ModeratorsAnalysis.Verdicts(effects, Moderators, request));
    }

    /// <summary>The conclusions that differ; those that one of both does not allow are left out.</summary>
    public static IReadOnlyList<ConclusionChange> Changed(Conclusions was, Conclusions @is)
    {
        (string What, string? Was, string? Is, ConclusionBasis Basis)[] all =
        [
            (ZeroName, was.Zero, @is.Zero, ConclusionBasis.Sequence),
            (ZeroName, was.OrdinaryZero, @is.OrdinaryZero, ConclusionBasis.Interval),
            (MarginName, was.Margin, @is.Margin, ConclusionBasis.Interval),
            (PredictionSignName, was.PredictionSign, @is.PredictionSign, ConclusionBasis.PredictionInterval),
            .. Moderators.Select(name => (VerdictPrefix + name, was.Verdicts.GetValueOrDefault(name), @is.Verdicts.GetValueOrDefault(name),
                ConclusionBasis.Test)),
        ];
        return [.. all.Where(one => one is { Was: not null, Is: not null } && one.Was != one.Is)
            .Select(one => new ConclusionChange(one.What, one.Was!, one.Is!, one.Basis))];
    }

    // With the priors asked for, which are fixed beforehand; dependent effects are one composite per sample.
    private static string? Sequence(EffectSet effects, ResolvedModel model)
    {
        var frame = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model.Flattened);
        try
        {
            var fit = AnytimeInference.Fit(frame.Estimates, frame.Variances, model.Anytime);
            return Position(fit.Lower, fit.Upper, 0);
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    private static double MarginOf(ResolvedModel model) => model.Equivalence is not { } margin ? model.NegligibleEffect
        : model.Measure == EffectMeasure.FisherZ ? FisherZ.FromCorrelation(margin) : margin;

    private static string? Position(double? lower, double? upper, double margin) => (lower, upper) switch
    {
        (null, _) or (_, null) => null,
        _ when lower > margin => "above",
        _ when upper < -margin => "below",
        _ when lower > -margin && upper < margin => "within",
        _ => "includes",
    };
}
