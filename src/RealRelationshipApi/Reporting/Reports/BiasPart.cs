using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>Small-study effects, selection by significance, and the directions that registered studies report.</summary>
internal sealed class BiasPart
{
    private const string TooFew = "tooFewForBiasTests";
    private const int MinRows = 3;

    private readonly BiasResponse _bias;
    private readonly EffectScale _scale;
    private readonly List<string> _notComputed = [];

    private BiasPart(BiasResponse bias) => (_bias, _scale) = (bias, EffectScale.Of(bias.Model));

    public static IEnumerable<RichText> Of(Computed<BiasResponse> computed) => computed.Response is not { } bias
        ? [RichText.Of($"Tests of bias cannot be computed: {computed.Reason}.")]
        : new BiasPart(bias).Paragraphs();

    // Composites of samples, or effects.
    private int Rows => _bias.HenmiCopas?.Basis == EffectBasis.Aggregated ? _bias.Counts.Samples : _bias.Counts.Effects;

    private IEnumerable<RichText> Paragraphs()
    {
        if (Rows < MinRows)
        {
            return [RichText.Of($"With fewer than three effects, tests of small-study effects and selection say nothing and are left out."), Harvest()];
        }

        RichText[] asymmetry =
        [
            Describe("egger", "Egger's regression test", _bias.Egger, test => test.P is not null, test => Egger(test, "")),
            IsNested ? RichText.Empty : Describe("eggerMixed", "Egger's test in the random-effects model", _bias.EggerMixed, test => test.P is not null,
                test => Egger(test, ", random-effects model")),
            Describe("rankCorrelation", "the rank correlation test", _bias.RankCorrelation, test => test.P is not null,
                test => RichText.Of($"The rank correlation of effects and variances ({Basis(test.Basis)}) was τ = {ApaFormat.Correlation(test.Tau)}, "
                    + $"{Symbols.P} {ApaFormat.PValue(test.P)}.")),
            Describe("peese", "PEESE", _bias.Peese, peese => peese.Limit is not null, peese => RichText.Of($"The PEESE estimate for an infinitely large study "
                + $"({Basis(peese.Basis)}) was {_scale.Estimate(peese.Limit, peese.LimitLower, peese.LimitUpper)}.")),
            Describe("petPeese", "PET-PEESE", _bias.PetPeese, both => both.Limit is not null, both => RichText.Of($"PET-PEESE ({Basis(both.Basis)}) takes "
                + $"{both.Uses.ToUpperInvariant()}: {_scale.Estimate(both.Limit, both.LimitLower, both.LimitUpper)}.")),
        ];
        RichText[] selection =
        [
            Describe("trimAndFill", "trim and fill", _bias.TrimAndFill, _ => true, TrimAndFill),
            Describe("selection", "the selection model of Vevea and Hedges", _bias.Selection, model => model.Effect is not null, Selection),
            IsNested ? Describe("selectionSensitivity", "the sensitivity to selection", _bias.SelectionSensitivity, _ => true, Sensitivity) : RichText.Empty,
            Describe("henmiCopas", "the interval of Henmi and Copas", _bias.HenmiCopas, _ => true, interval =>
                RichText.Of($"The interval of Henmi and Copas ({Basis(interval.Basis)}): {_scale.Estimate(interval.Effect, interval.Lower, interval.Upper)}.")),
            Describe("waap", "the weighted average of adequately powered effects", _bias.Waap, _ => true, Powered),
            Describe("failSafeN", "fail-safe N", _bias.FailSafeN, _ => true, FailSafe),
            Describe("excessSignificance", "the test of excess significance", _bias.ExcessSignificance, test => test.P is not null, Excess),
        ];
        return [Power(), RichText.Join(" ", asymmetry), RichText.Join(" ", selection), RichText.Of($"{string.Join(' ', _notComputed)}"), Harvest()];
    }

    private bool IsNested => _bias.Model.Dependence.IsNested();

    private RichText Power() => _bias.Warnings.Any(warning => warning.Code == TooFew)
        ? RichText.Of($"With fewer than 10 effects, tests of funnel plot asymmetry have too little power to tell chance from asymmetry (Sterne et al., 2011): "
            + $"a result that is not significant says nothing here.")
        : RichText.Empty;

    // Warnings that name the method qualify its result, or give the reason if there is none.
    private RichText Describe<T>(string name, string title, T? result, Func<T, bool> isComputed, Func<T, RichText> describe) where T : class
    {
        var notes = string.Join(' ', _bias.Warnings.Where(warning => warning.Finding.StartsWith($"{name}: ", StringComparison.Ordinal))
            .Select(warning => warning.Finding[(name.Length + 2)..]));
        if (result is not null && isComputed(result))
        {
            return RichText.Join(" ", describe(result), RichText.Of($"{notes}"));
        }

        _notComputed.Add($"{Plots.PlotText.Capitalize(title)} cannot be computed{(notes.Length == 0 ? "." : $": {notes}")}");
        return RichText.Empty;
    }

    private static RichText Egger(SmallStudyResponse test, string model) => RichText.Of($"Egger's regression test ({Basis(test.Basis)}{model}): "
        + $"{RichText.Italic(test.Df is null ? "z" : "t")}{(test.Df is { } df ? $"({df:0.##})" : "")} = {ApaFormat.Number(test.Statistic)}, {Symbols.P} "
        + $"{ApaFormat.PValue(test.P)}.");

    private RichText TrimAndFill(TrimAndFillResponse filled) => filled.Missing == 0
        ? RichText.Of($"Trim and fill ({filled.Estimator}; {Basis(filled.Basis)}) found no missing effects.")
        : RichText.Of($"Trim and fill ({filled.Estimator}; {Basis(filled.Basis)}) added {Phrasing.Plural(filled.Missing, "effect")} on the "
            + $"{EnumNames<FunnelSideChoice>.Of(filled.Side)} of the funnel; with {(filled.Missing == 1 ? "it" : "them")}, "
            + $"{_scale.Estimate(filled.Effect, filled.Lower, filled.Upper)}.");

    private RichText Selection(SelectionModelResponse model)
    {
        var name = RichText.Of($"The selection model of Vevea and Hedges ({Phrasing.Plural(model.Steps.Count, "step")} at a one-sided {Symbols.P} of "
            + $"{string.Join(", ", model.Steps.Select(step => $"{step:.0##}"))}; {Basis(model.Basis)})");
        var test = model.P is null ? RichText.Empty : RichText.Of($"; test of no selection, χ²({model.Df}) = {ApaFormat.Number(model.LikelihoodRatio)}, "
            + $"{Symbols.P} {ApaFormat.PValue(model.P)}");
        return RichText.Of($"{name}: {_scale.Estimate(model.Effect, model.Lower, model.Upper)}{test}.");
    }

    private RichText Sensitivity(SelectionSensitivityResponse fit)
    {
        var worst = fit.WorstCase is null ? RichText.Empty
            : RichText.Of($" The {Phrasing.Plural(fit.Nonaffirmative, "effect")} that {(fit.Nonaffirmative == 1 ? "is" : "are")} not significant in this "
                + $"direction alone (worst case): {_scale.Estimate(fit.WorstCase, fit.WorstCaseLower, fit.WorstCaseUpper)}.");
        var s = fit.SValue is not { } value ? RichText.Empty
            : RichText.Of($" The ratio that would take the mean to zero is {Symbols.S} = {ApaFormat.Number(value)}.");
        return RichText.Of($"If significant {(fit.Direction == SelectionDirectionChoice.Greater ? "positive" : "negative")} effects were "
            + $"{ApaFormat.Number(fit.Ratio, 0)} times as likely to be published as others ({Basis(fit.Basis)}), "
            + $"{_scale.Estimate(fit.Effect, fit.Lower, fit.Upper)}.{s}{worst}");
    }

    private RichText Powered(PoweredMeanResponse waap) => waap.UsesPowered
        ? RichText.Of($"The weighted average of the {Phrasing.Plural(waap.Powered, "adequately powered effect")} (WAAP; {Basis(waap.Mean.Basis)}): "
            + $"{_scale.Estimate(waap.Mean.Estimate, waap.Mean.Lower, waap.Mean.Upper)}.")
        : RichText.Of($"Fewer than two effects are adequately powered; unrestricted weighted least squares of all ({Basis(waap.Mean.Basis)}): "
            + $"{_scale.Estimate(waap.Mean.Estimate, waap.Mean.Lower, waap.Mean.Upper)}.");

    private RichText FailSafe(FailSafeNResponse n)
    {
        var orwin = n.Orwin is { } missing ? RichText.Of($", and {ApaFormat.Count(missing)} by Orwin (target {_scale.Point(n.OrwinTarget)})") : RichText.Empty;
        return RichText.Of($"Fail-safe {Symbols.N} ({Basis(n.Basis)}) was {ApaFormat.Count(n.Rosenthal)} by Rosenthal and {ApaFormat.Count(n.Rosenberg)} by "
            + $"Rosenberg{orwin}.");
    }

    private RichText Excess(ExcessSignificanceResponse test) => RichText.Of($"Of the results ({Basis(test.Basis)}), {ApaFormat.Count(test.Observed)} "
        + $"{(test.Observed == 1 ? "was" : "were")} significant and {ApaFormat.Number(test.Expected)} would be expected at the pooled effect (test of excess "
        + $"significance, {Symbols.P} {ApaFormat.PValue(test.P)}).");

    private RichText Harvest()
    {
        var (votes, test) = (_bias.Harvest.Votes, _bias.Harvest.SignTest);
        string[] counts =
        [
            $"{votes.Positive} positive", $"{votes.Negative} negative",
            .. votes.None > 0 ? new[] { $"{votes.None} with no association" } : [],
            .. votes.Mixed > 0 ? new[] { $"{votes.Mixed} mixed" } : [],
            .. votes.Unknown > 0 ? new[] { $"{votes.Unknown} not reported" } : [],
        ];
        var sign = test is null ? RichText.Empty
            : RichText.Of($"; exact sign test, {Symbols.P} {ApaFormat.PValue(test.P)}{(votes.None + votes.Mixed + votes.Unknown == 0 ? RichText.Empty
                : RichText.Of($", and from {Value(test.LowerBoundP)} to {Value(test.UpperBoundP)} whatever the others are"))}");
        return _bias.Harvest.Samples == 0 ? RichText.Of($"No sample that is not synthetic reports a direction.")
            : RichText.Of($"Directions of {Phrasing.Plural(_bias.Harvest.Samples, "sample")}, pooled or registered, none of them synthetic (a vote by sample, "
                + $"which is no effect): {string.Join(", ", counts)}{sign}.");

        static string Value(double p) => ApaFormat.PValue(p).TrimStart('=', ' ');
    }

    private static string Basis(EffectBasis basis) => basis switch
    {
        EffectBasis.Aggregated => "one composite per sample",
        EffectBasis.ClusterRobust => "all effects, cluster-robust variances",
        _ => "all effects",
    };
}
