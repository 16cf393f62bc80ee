using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>Response of <c>/meta/report</c>: the pooled result as a paragraph in APA style, with all numbers and caveats.</summary>
/// <param name="Text">Plain text.</param>
/// <param name="Markdown">Markdown with symbols in italics.</param>
/// <param name="Permalink">URL of this result at this revision.</param>
/// <param name="Data">Provenance of the result.</param>
internal sealed record ReportResponse(string Text, string Markdown, string Permalink, DataProvenanceResponse Data);

/// <summary>Writes a pooled result in APA style (7th edition): an association with its uncertainty, never a cause.</summary>
internal static class ApaReport
{
    public static ReportResponse Of(PoolResponse pool, EffectSet effects, CertaintyResponse certainty, FilterRequest? filter, EvidenceCitation snapshot)
    {
        return new(Write(symbol => symbol), Write(symbol => $"*{symbol}*"), snapshot.Permalink, pool.Data);

        string Write(Func<string, string> italic) => ApaReport.Write(pool, effects, certainty, filter, snapshot, italic);
    }

    private static string Write(PoolResponse pool, EffectSet effects, CertaintyResponse certainty, FilterRequest? filter, EvidenceCitation snapshot,
        Func<string, string> italic)
    {
        string?[] paragraphs =
        [
            WhatIfPhrasing.Sentence(pool),
            string.Join(' ',
                new[] { EvidenceSentence(pool, filter, italic), EstimateSentence(pool, italic), SequencePhrasing.Sentence(pool, italic),
                    PredictionSentence(pool, italic),
                    HeterogeneitySentence(pool, italic), ExclusionSentence(pool) }.Where(s => s.Length > 0)),
            RegisteredPhrasing.Sentence(effects),
            CertaintyPhrasing.Paragraph(certainty),
            string.Join(' ', Caveats(pool)),
            $"Source: {snapshot.ApaText}",
        ];
        return string.Join("\n\n", paragraphs.OfType<string>());
    }

    private static string EvidenceSentence(PoolResponse pool, FilterRequest? filter, Func<string, string> italic)
    {
        var (counts, model) = (pool.Counts, pool.Model);
        var unknown = counts.ParticipantsUnknown > 0 ? $", not known for {Phrasing.Plural(counts.ParticipantsUnknown, "sample")}" : "";
        return $"Associations between the real relationship and the outcome of psychotherapy were pooled over {italic("k")} = "
            + $"{ApaFormat.Count(counts.Effects)} {(counts.Effects == 1 ? "effect" : "effects")} from "
            + $"{Phrasing.Plural(counts.Samples, "independent sample")} in {Phrasing.Plural(counts.Studies, "study", "studies")} ({italic("N")} = "
            + $"{ApaFormat.Count(counts.Participants)}{unknown}), "
            + $"{(model.Measure == EffectMeasure.Raw ? "on the scale of the effects" : "on Fisher's z")}, under a {Phrasing.Describe(model)}. Inference is by "
            + $"{Phrasing.DescribeTest(pool)}."
            + (Phrasing.Describe(filter) is { } chosen ? $" Only these effects were selected: {chosen}." : "");
    }

    private static string EstimateSentence(PoolResponse pool, Func<string, string> italic)
    {
        var p = pool.Pooled;
        var test = p.Statistic is null ? ""
            : $", {italic(p.StatisticName)}{(p.Df is { } df ? $"({df:0.##})" : "")} = {ApaFormat.Number(p.Statistic)}, {italic("p")} {ApaFormat.PValue(p.P)}";
        var scale =
            $"{(pool.Correlation is null ? "" : $"Fisher's {italic("z")} = {ApaFormat.Number(p.Effect, 3)}, ")}{italic("SE")} = "
                + $"{ApaFormat.Number(p.StandardError, 3)}";
        var d = pool.CohensD is { D: not null } e
            ? $"; as a standardised difference, {italic("d")} = {ApaFormat.Number(e.D)} [{ApaFormat.Number(e.Lower)}, {ApaFormat.Number(e.Upper)}]" : "";
        return pool.Correlation is { } r
            ? $"The pooled correlation was {italic("r")} = {ApaFormat.Correlation(r.R)}, {Interval(pool)} [{ApaFormat.Correlation(r.Lower)}, "
                + $"{ApaFormat.Correlation(r.Upper)}]{test} ({scale}{d})."
            : $"The pooled effect was {ApaFormat.Number(p.Effect)}, {Interval(pool)} [{ApaFormat.Number(p.Lower)}, {ApaFormat.Number(p.Upper)}]{test} "
                + $"({scale}).";
    }

    private static string PredictionSentence(PoolResponse pool, Func<string, string> italic)
    {
        if (pool.Pooled.PredictionLower is null)
        {
            return "";
        }

        var (p, r, h) = (pool.Pooled, pool.Correlation, pool.Heterogeneity);
        var bounds = r is null ? $"[{ApaFormat.Number(p.PredictionLower)}, {ApaFormat.Number(p.PredictionUpper)}]"
            : $"[{ApaFormat.Correlation(r.PredictionLower)}, {ApaFormat.Correlation(r.PredictionUpper)}]";
        var above = Phrasing.DescribeProbabilityAbove(pool) is { } share
            ? $"; an estimated {share} of true effects lie above {(r is null ? "" : $"{italic("r")} = ")}{ApaFormat.Correlation(h.ProbabilityAbove!.Threshold)}"
            : "";
        var predicted = pool.Model.Dependence == Dependence.Aggregate ? "composite effect of a new sample" : "effect in a new setting";
        var how = pool.Model.Definitions.Prediction == "confidenceDistribution" ? ", by the confidence distribution of mean and τ²," : "";
        return $"The {ApaFormat.Confidence(pool.Model.Confidence)} prediction interval for the true {predicted}{how} was {bounds}{above}.";
    }

    private static string HeterogeneitySentence(PoolResponse pool, Func<string, string> italic)
    {
        var h = pool.Heterogeneity;
        if (h.Df < 1)
        {
            return "Heterogeneity cannot be estimated from one effect.";
        }

        var parts = new List<string> { $"{italic("Q")}({h.Df}) = {ApaFormat.Number(h.Q)}, {italic("p")} {ApaFormat.PValue(h.P)}" };
        if (h.Tau2 is not null && pool.Model.Estimator != Estimator.Common)
        {
            parts.Add($"τ² = {ApaFormat.Number(h.Tau2, 3)}{Bounds(h.Tau2Lower, h.Tau2Upper, 3)}");
            parts.Add($"τ = {ApaFormat.Number(h.Tau, 3)}");
        }

        if (h.BetweenVariance is not null || h.BetweenRange is not null)
        {
            parts.Add($"between samples {Variance(h.BetweenVariance, h.BetweenRange)}{Bounds(h.BetweenLower, h.BetweenUpper, 3)}, inside samples "
                + $"{Variance(h.WithinVariance, h.WithinRange)}{Bounds(h.WithinLower, h.WithinUpper, 3)}");
        }

        if (h.I2 is not null)
        {
            parts.Add($"{italic("I")}² = {ApaFormat.Percent(h.I2, 1)}{Bounds(h.I2Lower, h.I2Upper, 1)}");
        }

        return $"Heterogeneity: {string.Join("; ", parts)}.";
    }

    private static string ExclusionSentence(PoolResponse pool) => pool.Excluded.Count == 0 ? ""
        : $"Of {Phrasing.Plural(pool.Given, "effect")} on record, {ApaFormat.Count(pool.Given - pool.Used)} {(pool.Given - pool.Used == 1 ? "was" : "were")} "
            + $"left out ({string.Join(", ", pool.Excluded.Select(e => $"{ApaFormat.Count(e.Count)} by {e.Reason}"))}).";

    private static IEnumerable<string> Caveats(PoolResponse pool)
    {
        if (pool.Warnings.Count > 0)
        {
            yield return "Reservations: " + string.Join(' ', pool.Warnings.Select(w => w.Detail));
        }

        if (pool.Suppressed.Count > 0)
        {
            yield return $"{Phrasing.Plural(pool.Suppressed.Count, "cell")} of clinics' sessions {(pool.Suppressed.Count == 1 ? "is" : "are")} withheld to "
                + "protect patients.";
        }

        yield return "These results describe how the two go together across studies; they do not show that one brings about the other, and they do not "
            + "predict the outcome of a single person.";
    }

    private static string Interval(PoolResponse pool) => $"{ApaFormat.Confidence(pool.Model.Confidence)} CI";

    private static string Variance(double? value, RangeResponse? range) => range is null ? ApaFormat.Number(value, 3)
        : $"anything from {ApaFormat.Number(range.Lower, 3)} to {ApaFormat.Number(range.Upper, 3)}";

    private static string Bounds(double? lower, double? upper, int decimals) => lower is null && upper is null ? ""
        : $" [{ApaFormat.Number(lower, decimals)}, {ApaFormat.Number(upper, decimals)}]";
}
