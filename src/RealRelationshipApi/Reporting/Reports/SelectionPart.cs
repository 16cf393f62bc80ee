using RealRelationshipApi.Documents;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>What evidence entered: search, flow of effects, registered studies, risk of bias.</summary>
internal static class SelectionPart
{
    private const int MaxNames = 10;

    public static IEnumerable<RichText> Of(ReportAnalysis report, About about) =>
    [
        Search(about.Search),
        RichText.Join(" ", Pooled(report), Filter(report.Request.Filter), Excluded(report.Effects)),
        RichText.Of($"{Suppressed(report.Effects)}"),
        RichText.Of($"{RegisteredPhrasing.Sentence(report.Effects)}"),
        RiskOfBias(report.Effects),
        report.Agreement is { } agreement ? AgreementPhrasing.Sentence(agreement, report.Pool!.Counts.Studies - (report.Pool.Counts.Hypothetical ?? 0))
            : RichText.Empty,
    ];

    private static RichText Search(LiteratureSearch? search) => search is not { Sources.Count: > 0 } ? RichText.Empty
        : RichText.Of($"The literature was searched in {string.Join(", ", search.Sources)}"
            + $"{(search.LastSearched is { } last ? $", last on {last:yyyy-MM-dd}" : "")}.");

    private static RichText Pooled(ReportAnalysis report)
    {
        if (report.Pool is not { } pool)
        {
            return RichText.Of($"{report.EmptyReason}");
        }

        var counts = pool.Counts;
        var unknown = counts.ParticipantsUnknown > 0 ? $", not known for {Phrasing.Plural(counts.ParticipantsUnknown, "sample")}" : "";
        return RichText.Of($"Associations between the real relationship and the outcome of psychotherapy were pooled over {Symbols.K} = "
            + $"{ApaFormat.Count(counts.Effects)} {(counts.Effects == 1 ? "effect" : "effects")} from "
            + $"{Phrasing.Plural(counts.Samples, "independent sample")} in {Phrasing.Plural(counts.Studies, "study", "studies")} ({Symbols.N} = "
            + $"{ApaFormat.Count(counts.Participants)}{unknown}).");
    }

    private static RichText Filter(FilterRequest? filter) =>
        Phrasing.Describe(filter) is { } chosen ? RichText.Of($"Only these effects were selected: {chosen}.") : RichText.Empty;

    private static RichText Excluded(EffectSet effects)
    {
        var (stored, excluded) = (effects.WithoutHypothetical ?? effects, effects.Excluded.Sum(exclusion => exclusion.Count));
        return excluded == 0 || stored.Count == 0 ? RichText.Empty
            : RichText.Of($"Of {Phrasing.Plural(stored.Given, "effect")} on record, {ApaFormat.Count(excluded)} {(excluded == 1 ? "was" : "were")} "
                + $"left out ({string.Join(", ", effects.Excluded.Select(e => $"{ApaFormat.Count(e.Count)} by {e.Reason}"))}).");
    }

    private static string Suppressed(EffectSet effects) => effects.Suppressed.Count == 0 ? ""
        : $"{Phrasing.Plural(effects.Suppressed.Count, "cell")} of clinics' sessions {(effects.Suppressed.Count == 1 ? "is" : "are")} withheld to protect "
            + "patients.";

    private static RichText RiskOfBias(EffectSet effects)
    {
        var studies = Enumerable.Range(0, effects.Count).Where(i => !effects.IsHypothetical(i)).DistinctBy(i => effects.Studies[i])
            .Select(i => (Name: Name(effects, i), Risk: i < effects.Assessments.Length ? effects.Assessments[i] : null)).ToList();
        var judged = studies.Where(study => study.Risk?.Overall is not null).ToList();
        if (studies.Count == 0 || judged.Count == 0)
        {
            return studies.Count == 0 ? RichText.Empty : RichText.Of($"The risk of bias of the studies has not been judged.");
        }

        var judgements = judged.GroupBy(study => study.Risk!.Overall!.Value).OrderBy(group => group.Key)
            .Select(group => $"{Describe(group.Key)} in {Phrasing.Plural(group.Count(), "study", "studies")} "
                + $"({Names([.. group.Select(study => study.Name)])})");
        var tools = judged.Select(study => study.Risk!.Tool).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return RichText.Of($"The overall risk of bias was judged for {ApaFormat.Count(judged.Count)} of {Phrasing.Plural(studies.Count, "study", "studies")} "
            + $"({string.Join(", ", tools)}): {string.Join("; ", judgements)}.");
    }

    private static string Describe(RiskJudgement judgement) => judgement switch
    {
        RiskJudgement.Low => "low",
        RiskJudgement.Some => "moderate",
        RiskJudgement.High => "high",
        RiskJudgement.Unclear => "unclear",
        _ => "not applicable",
    };

    private static string Name(EffectSet effects, int i) => effects.Citations is { } citations ? ShortCitation.Of(citations[i]) : effects.Studies[i];

    private static string Names(IReadOnlyList<string> names) => string.Join("; ", names.Take(MaxNames))
        + (names.Count > MaxNames ? $"; and {ApaFormat.Count(names.Count - MaxNames)} more" : "");
}
