using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Sequential;

/// <summary>E-values and confidence sequences of <see cref="AnytimeInference"/> for a set of effects. Dependent effects enter as one composite per
/// sample.</summary>
internal sealed class AnytimeAnalysis
{
    /// <summary>Code of the warning that limits or e-values are missing.</summary>
    public const string NotComputable = "sequenceNotComputable";

    private const double LargestShownRho = 0.9;

    private readonly EffectSet _effects;
    private readonly ResolvedModel _model;
    private readonly ModelFrame _frame;
    private readonly List<string> _notComputable = [];

    private AnytimeAnalysis(EffectSet effects, ResolvedModel model)
    {
        (_effects, _model) = (effects, model.Flattened);
        _frame = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], _model);
    }

    /// <summary>The analysis; null if the model does not ask for it.</summary>
    public static AnytimeAnalysis? Create(EffectSet effects, ResolvedModel model) => model.IsAnytime ? new(effects, model) : null;

    /// <summary>Of the pooled effect.</summary>
    public AnytimeResponse Pool() => Mean(_frame, Enumerable.Range(0, _frame.Count), "pooled") with { Rho = IsAggregated(_frame) ? AtOtherRhos() : null };

    /// <summary>Of the levels of a moderator, and of their contrasts.</summary>
    /// <param name="values">Value of each effect; effects without one are left out.</param>
    /// <param name="hypotheses">Number of contrasts of the question.</param>
    public AnytimeLevels Levels(IReadOnlyList<ModeratorValue?> values, int hypotheses)
    {
        var frame = ModelFrame.Create(_effects, [.. Enumerable.Range(0, _effects.Count).Where(i => values[i] is not null)], _model,
            i => values[i]!.Value.ToString());
        var rows = Enumerable.Range(0, frame.Count).ToLookup(row => values[frame.Members[row][0]]!.Value.ToString(), StringComparer.Ordinal);
        return new(level => Mean(frame, rows[level], level),
            (a, b) => Difference(frame, [.. rows[a]], [.. rows[b]], hypotheses, $"{a} − {b}"), frame.HasSplitSamples);
    }

    /// <summary>Limits of the confidence sequence after each row of a cumulative analysis; null where they cannot be computed.</summary>
    /// <param name="ids">Ids of effects or samples in their order.</param>
    public IReadOnlyList<AnytimeFit?> Path(IEnumerable<string> ids)
    {
        var rows = Enumerable.Range(0, _frame.Count).ToDictionary(_frame.IdOf, StringComparer.Ordinal);
        int[] order = [.. ids.Select(id => rows[id])];
        return AnytimeInference.TryPath([.. order.Select(row => _frame.Estimates[row])], [.. order.Select(row => _frame.Variances[row])],
            [.. Enumerable.Range(1, order.Length)], _model.Anytime);
    }

    /// <summary>The fits at every look at the pooled effect, null where they cannot be computed, with the effects that had entered by then.</summary>
    public IReadOnlyList<(AnytimeFit? Fit, FirstCrossedResponse Look, IReadOnlyList<int> Effects)> Looks()
    {
        var path = new EntryPath(_frame, Enumerable.Range(0, _frame.Count));
        return [.. AnytimeInference.TryPath(path.Estimates, path.Variances, path.Looks, _model.Anytime).Select((fit, look) =>
            (fit, path.Describe(look), (IReadOnlyList<int>)[.. path.Rows.Take(path.Looks[look]).SelectMany(row => _frame.Members[row]).Order()]))];
    }

    /// <summary>What deprives the guarantee of force, and which of the sequences returned so far could not be computed.</summary>
    public IEnumerable<Warning> Warnings()
    {
        foreach (var warning in _frame.ClusterWarnings(_model))
        {
            yield return warning;
        }

        if (_notComputable.Count > 0)
        {
            yield return FitWarnings.Of(NotComputable, NameList.Of([.. _notComputable.Distinct(StringComparer.Ordinal)]));
        }

        if (_model.Anytime.PriorMuSd != new AnytimeOptions().PriorMuSd || _model.Anytime.PriorTauScale != new AnytimeOptions().PriorTauScale)
        {
            yield return new("priorChosen",
                "The prior is not the default one. E-values and confidence sequences hold at every look only if it was fixed before the data were seen.");
        }

        var (broken, gone) = (SequenceBreaks.Of(_frame, _model), SequenceBreaks.Gone(_effects));
        if (broken.Count + gone.Count > 0)
        {
            yield return new("sequenceBroken",
                (broken.Count == 0 ? "" : $"{NameList.Of(broken)} {(broken.Count == 1 ? "differs" : "differ")} from what first entered: corrected, or with "
                    + "other effects of the sample. ")
                + (gone.Count == 0 ? "" : $"{NameList.Of(gone)} {(gone.Count == 1 ? "was" : "were")} part of earlier looks and no longer "
                    + $"{(gone.Count == 1 ? "is" : "are")}: retracted, renamed, or no longer selected. ")
                + "Earlier looks saw other numbers than the path has, so the guarantee over all looks is approximate.");
        }

        if (_effects.ModeratorValues("converted")?.Count(value => value?.Text == "true") is > 0 and var converted)
        {
            yield return new("sequenceApproximate",
                $"{converted} {(converted == 1 ? "effect was" : "effects were")} converted from other statistics. Where the variance depends on the effect (d, "
                    + "Spearman's rho, biserial and tetrachoric correlations) e-values and confidence sequences are approximate.");
        }
    }

    private AnytimeResponse Mean(ModelFrame frame, IEnumerable<int> rows, string name)
    {
        var path = new EntryPath(frame, rows);
        var (y, v, options) = (path.Estimates, path.Variances, _model.Anytime);
        var (fit, logEValue) = FitMean(y, v, name);
        var crossed = OrNull<int>(() => AnytimeInference.FirstCrossed(y, v, [], path.Looks, options));
        return Of(fit, logEValue, options, frame, path, crossed) with { R = Correlations(fit) };
    }

    private AnytimeResponse Difference(ModelFrame frame, IReadOnlyList<int> a, IReadOnlyList<int> b, int hypotheses, string name)
    {
        var (path, first) = (new EntryPath(frame, a.Concat(b)), a.ToHashSet());
        var (y, v, options) = (path.Estimates, path.Variances, _model.Anytime with { Hypotheses = hypotheses });
        bool[] isFirst = [.. path.Rows.Select(first.Contains)];
        var (fit, logEValue) = FitOf(() => AnytimeInference.FitDifference(y, v, isFirst, options),
            () => AnytimeInference.LogEValueOfDifference(y, v, isFirst, options), name);
        return Of(fit, logEValue, options, frame, path, OrNull<int>(() => AnytimeInference.FirstCrossed(y, v, isFirst, path.Looks, options)));
    }

    private SequenceAtRhoResponse[] AtOtherRhos() => [.. new[] { 0, _model.Rho, LargestShownRho }.Distinct().Order()
        .Where(rho => PairCorrelations.Contradiction(_effects, _model with { Rho = rho }) is null).Select(rho =>
    {
        var frame = ModelFrame.Create(_effects, [.. Enumerable.Range(0, _effects.Count)], _model with { Rho = rho });
        var (fit, logEValue) = FitMean(frame.Estimates, frame.Variances, FormattableString.Invariant($"rho = {rho:0.###}"));
        return new SequenceAtRhoResponse
        {
            Rho = rho,
            EValue = EValue(logEValue),
            LogEValue = logEValue,
            Lower = fit?.Lower,
            Upper = fit?.Upper,
            R = Correlations(fit),
        };
    })];

    private (AnytimeFit? Fit, double? LogEValue) FitMean(double[] y, double[] v, string name) =>
        FitOf(() => AnytimeInference.Fit(y, v, _model.Anytime), () => AnytimeInference.LogEValues(y, v, [y.Length], 0, _model.Anytime)[0], name);

    // The e-value can exist where the limits do not.
    private (AnytimeFit? Fit, double? LogEValue) FitOf(Func<AnytimeFit> fit, Func<double> logEValue, string name)
    {
        try
        {
            var fitted = fit();
            return (fitted, fitted.LogEValue);
        }
        catch (StatisticsException)
        {
            _notComputable.Add(name);
            return (null, OrNull<double>(() => logEValue()));
        }
    }

    private static T? OrNull<T>(Func<T?> compute)
        where T : struct
    {
        try
        {
            return compute();
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    private static AnytimeResponse Of(AnytimeFit? fit, double? logEValue, AnytimeOptions options, ModelFrame frame, EntryPath path, int? crossed) => new()
    {
        EValue = EValue(logEValue),
        LogEValue = logEValue,
        Against = 0,
        Threshold = options.Threshold,
        Hypotheses = options.Hypotheses,
        Lower = fit?.Lower,
        Upper = fit?.Upper,
        IsInterval = fit?.IsInterval,
        R = null,
        Prior = new(options.PriorMuSd, options.PriorTauScale),
        Basis = IsAggregated(frame) ? EffectBasis.Aggregated : EffectBasis.Effects,
        FirstCrossed = crossed is { } look ? path.Describe(look) : null,
    };

    private static double? EValue(double? logEValue) => logEValue is { } log && double.IsFinite(Math.Exp(log)) ? Math.Exp(log) : null;

    private static RangeResponse? Correlations(AnytimeFit? fit) =>
        fit is null ? null : new(FisherZ.ToCorrelation(fit.Lower), FisherZ.ToCorrelation(fit.Upper));

    private static bool IsAggregated(ModelFrame frame) => frame.Members.Any(members => members.Count > 1);
}

/// <summary>E-values and confidence sequences of the levels of a moderator.</summary>
/// <param name="Of">That of a level.</param>
/// <param name="OfContrast">That of the difference between two levels.</param>
/// <param name="HasSplitSamples">Whether some samples are in several levels, which contrasts treat as independent.</param>
internal sealed record AnytimeLevels(Func<string, AnytimeResponse> Of, Func<string, string, AnytimeResponse> OfContrast, bool HasSplitSamples);
