namespace RealRelationshipApi.Meta.TakeAway;

/// <summary>The answer of <c>/meta/report</c>: the pool as a paragraph of a paper, with every number and every reservation.</summary>
/// <param name="Text">Plain.</param>
/// <param name="Markdown">With symbols in italics, as the style wants it.</param>
/// <param name="Permalink">Answers the same for ever.</param>
/// <param name="Data">What it rests on.</param>
public sealed record ReportAnswer(string Text, string Markdown, string Permalink, DataAnswer Data);

/// <summary>Writes a pool in the style of the American Psychological Association (7th edition): an association with its uncertainty, never a cause.</summary>
internal static class Report
{
    public static ReportAnswer Of(PoolAnswer pool, FilterRequest? filter, Snapshot snapshot) =>
        new(Write(pool, filter, snapshot, symbol => symbol), Write(pool, filter, snapshot, symbol => $"*{symbol}*"), snapshot.Permalink, pool.Data);

    private static string Write(PoolAnswer pool, FilterRequest? filter, Snapshot snapshot, Func<string, string> italic) => string.Join("\n\n",
        string.Join(' ', new[] { Evidence(pool, filter, italic), Estimate(pool, italic), Prediction(pool, italic), Heterogeneity(pool, italic), LeftOut(pool) }.Where(s => s.Length > 0)),
        string.Join(' ', Reservations(pool)),
        $"Source: {snapshot.InWords}");

    private static string Evidence(PoolAnswer pool, FilterRequest? filter, Func<string, string> italic)
    {
        var (counts, model) = (pool.Counts, pool.Model);
        var unknown = counts.ParticipantsUnknown > 0 ? $", not known for {Words.Many(counts.ParticipantsUnknown, "sample")}" : "";
        return $"Associations between the real relationship and the outcome of psychotherapy were pooled over {italic("k")} = {Apa.Count(counts.Effects)} {(counts.Effects == 1 ? "effect" : "effects")} "
            + $"from {Words.Many(counts.Samples, "independent sample")} in {Words.Many(counts.Studies, "study", "studies")} ({italic("N")} = {Apa.Count(counts.Participants)}{unknown}), "
            + $"{(model.Measure == Measure.Raw ? "on the scale of the effects" : "on Fisher's z")}, under a {Words.Of(model)}. Inference is by {Words.TestOf(model)}."
            + (Words.Of(filter) is { } chosen ? $" Only these effects were selected: {chosen}." : "");
    }

    private static string Estimate(PoolAnswer pool, Func<string, string> italic)
    {
        var p = pool.Pooled;
        var test = p.Statistic is null ? "" : $", {italic(p.StatisticName)}{(p.Df is { } df ? $"({df:0.##})" : "")} = {Apa.Number(p.Statistic)}, {italic("p")} {Apa.P(p.P)}";
        var scale = $"{(pool.Correlation is null ? "" : $"Fisher's {italic("z")} = {Apa.Number(p.Effect, 3)}, ")}{italic("SE")} = {Apa.Number(p.StandardError, 3)}";
        var d = pool.CohensD is { D: not null } e ? $"; as a standardised difference, {italic("d")} = {Apa.Number(e.D)} [{Apa.Number(e.Lower)}, {Apa.Number(e.Upper)}]" : "";
        return pool.Correlation is { } r
            ? $"The pooled correlation was {italic("r")} = {Apa.R(r.R)}, {Interval(pool)} [{Apa.R(r.Lower)}, {Apa.R(r.Upper)}]{test} ({scale}{d})."
            : $"The pooled effect was {Apa.Number(p.Effect)}, {Interval(pool)} [{Apa.Number(p.Lower)}, {Apa.Number(p.Upper)}]{test} ({scale}).";
    }

    private static string Prediction(PoolAnswer pool, Func<string, string> italic)
    {
        if (pool.Pooled.PredictionLower is null)
        {
            return "";
        }

        var (p, r, h) = (pool.Pooled, pool.Correlation, pool.Heterogeneity);
        var bounds = r is null ? $"[{Apa.Number(p.PredictionLower)}, {Apa.Number(p.PredictionUpper)}]" : $"[{Apa.R(r.PredictionLower)}, {Apa.R(r.PredictionUpper)}]";
        var above = h.ProbabilityAbove is { } share ? $"; an estimated {Apa.Percent(share.P * 100)} of true effects lie above {(r is null ? "" : $"{italic("r")} = ")}{Apa.R(share.Threshold)}" : "";
        return $"The {Apa.Confidence(pool.Model.Confidence)} prediction interval for the true effect in a new setting was {bounds}{above}.";
    }

    private static string Heterogeneity(PoolAnswer pool, Func<string, string> italic)
    {
        var h = pool.Heterogeneity;
        if (h.Df < 1)
        {
            return "Heterogeneity cannot be estimated from one effect.";
        }

        var parts = new List<string> { $"{italic("Q")}({h.Df}) = {Apa.Number(h.Q)}, {italic("p")} {Apa.P(h.P)}" };
        if (h.Tau2 is not null && pool.Model.Estimator != Estimator.Common)
        {
            parts.Add($"τ² = {Apa.Number(h.Tau2, 3)}{Bounds(h.Tau2Lower, h.Tau2Upper, 3)}");
            parts.Add($"τ = {Apa.Number(h.Tau, 3)}");
        }

        if (h.BetweenVariance is not null)
        {
            parts.Add($"between samples {Apa.Number(h.BetweenVariance, 3)}{Bounds(h.BetweenLower, h.BetweenUpper, 3)}, inside samples {Apa.Number(h.WithinVariance, 3)}{Bounds(h.WithinLower, h.WithinUpper, 3)}");
        }

        if (h.I2 is not null)
        {
            parts.Add($"{italic("I")}² = {Apa.Percent(h.I2, 1)}{Bounds(h.I2Lower, h.I2Upper, 1)}");
        }

        return $"Heterogeneity: {string.Join("; ", parts)}.";
    }

    private static string LeftOut(PoolAnswer pool) => pool.Excluded.Count == 0 ? ""
        : $"Of {Words.Many(pool.Given, "effect")} on record, {Apa.Count(pool.Given - pool.Used)} {(pool.Given - pool.Used == 1 ? "was" : "were")} left out ({string.Join(", ", pool.Excluded.Select(e => $"{Apa.Count(e.Count)} by {e.Reason}"))}).";

    private static IEnumerable<string> Reservations(PoolAnswer pool)
    {
        if (pool.Warnings.Count > 0)
        {
            yield return "Reservations: " + string.Join(' ', pool.Warnings.Select(w => w.Detail));
        }

        if (pool.Suppressed.Count > 0)
        {
            yield return $"{Words.Many(pool.Suppressed.Count, "cell")} of clinics' sessions {(pool.Suppressed.Count == 1 ? "is" : "are")} withheld to protect patients.";
        }

        yield return "These results describe how the two go together across studies; they do not show that one brings about the other, and they do not predict the outcome of a single person.";
    }

    private static string Interval(PoolAnswer pool) => $"{Apa.Confidence(pool.Model.Confidence)} CI";

    private static string Bounds(double? lower, double? upper, int decimals) => lower is null && upper is null ? "" : $" [{Apa.Number(lower, decimals)}, {Apa.Number(upper, decimals)}]";
}
