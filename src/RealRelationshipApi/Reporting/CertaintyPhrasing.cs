using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Reporting;

/// <summary>Describes the certainty of the evidence in words.</summary>
internal static class CertaintyPhrasing
{
    public static string Describe(CertaintyDomain domain) => Phrasing.SplitCamelCase(EnumNames<CertaintyDomain>.Of(domain));

    public static string Describe(CertaintyJudgement judgement) => judgement switch
    {
        CertaintyJudgement.None => "no concern",
        CertaintyJudgement.Serious => "serious concern",
        CertaintyJudgement.VerySerious => "very serious concern",
        _ => "not assessable",
    };

    public static string Describe(CertaintyLevel level) => Phrasing.SplitCamelCase(EnumNames<CertaintyLevel>.Of(level));

    /// <summary>Who signed a judgement: <c>serious concern, signed by A. Curator on 2026-06-01: …</c>; that nobody did.</summary>
    public static string Describe(SignedJudgementResponse? signed) => signed is null ? "not signed"
        : $"{Describe(signed.Judgement)}, signed by {signed.By}{(signed.At is { } at ? $" on {at:yyyy-MM-dd}" : "")}: {signed.Reason}";

    /// <summary>The overall certainty, or why there is none.</summary>
    public static string Overall(CertaintyResponse certainty) => OfEvidence(certainty)
        + (certainty.Warnings.Any(warning => warning.Code == HypotheticalEffects.Warning) ? " Hypothetical effects do not enter it." : "");

    private static string OfEvidence(CertaintyResponse certainty) => certainty.Overall is not { } overall
        ? "No overall certainty is given"
            + (certainty.Synthetic > 0 ? ": synthetic effects are no evidence." : !certainty.IsSignedQuestion ? " of a selection of the evidence."
                : " until people have signed every judgement.")
        : $"Overall certainty: {Describe(overall.Level)}, from {Describe(overall.StartsAt)} ({overall.Reason}; signed by {overall.By}"
            + $"{(overall.At is { } at ? $" on {at:yyyy-MM-dd}" : "")}) lowered by {Phrasing.Plural(overall.Downgrades, "level")}"
            + (overall.NotAssessable.Count > 0 ? $"; not assessable: {string.Join(", ", overall.NotAssessable.Select(Describe))}." : ".");

    /// <summary>A paragraph of a paper.</summary>
    public static string Paragraph(CertaintyResponse certainty) => "Certainty of the evidence, proposed by numbers and judged by people. "
        + string.Join(' ', certainty.Domains.Select(domain => $"{Plots.PlotText.Capitalize(Describe(domain.Domain))}: {Describe(domain.Proposed)} proposed "
            + $"({domain.Because.TrimEnd('.')}); {Describe(domain.Signed).TrimEnd('.')}."))
        + $" {Overall(certainty)}";
}
