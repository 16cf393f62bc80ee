using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Reporting.Exports;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>Response of <c>/meta/report</c>: the results section of a paper in APA style, with all numbers and caveats.</summary>
/// <param name="Text">Plain text.</param>
/// <param name="Markdown">Markdown with symbols in italics.</param>
/// <param name="Permalink">URL of this result at this revision.</param>
/// <param name="Data">Provenance of the result.</param>
internal sealed record ReportResponse(string Text, string Markdown, string Permalink, DataProvenanceResponse Data);

/// <summary>Writes results in APA style (7th edition): associations with their uncertainty, never a cause.</summary>
internal static class ApaReport
{
    /// <summary>The report.</summary>
    /// <param name="report">Its numbers.</param>
    /// <param name="certainty">The certainty with what people signed; null if it is no part.</param>
    /// <param name="snapshot">Citation of the evidence.</param>
    public static ReportDocument Of(ReportAnalysis report, CertaintyResponse? certainty, EvidenceCitation snapshot) => new(
    [
        .. new[] { Lead(report) }.Where(lead => lead.Paragraphs.Count > 0),
        .. Enum.GetValues<ReportPart>().Where(report.Request.Includes).Select(part => Section(part, report, certainty, snapshot.About)),
        Reservations(report, snapshot),
    ]);

    private static ReportSection Section(ReportPart part, ReportAnalysis report, CertaintyResponse? certainty, About about) =>
        ReportSection.Of(Heading(part), part == ReportPart.Selection ? SelectionPart.Of(report, about)
            : report.Pool is { } pool ? Paragraphs(part, report, pool, certainty, about)
            : [RichText.Of($"This cannot be computed. {report.EmptyReason}")]);

    private static IEnumerable<RichText> Paragraphs(ReportPart part, ReportAnalysis report, PoolResponse pool, CertaintyResponse? certainty, About about) =>
        part switch
        {
            ReportPart.Model => ModelPart.Of(pool),
            ReportPart.Estimate => EstimatePart.Of(report.Effects, pool),
            ReportPart.Heterogeneity => HeterogeneityPart.Of(pool),
            ReportPart.Prediction => PredictionPart.Of(pool),
            ReportPart.Moderators => ModeratorPart.Of(report),
            ReportPart.Bias => BiasPart.Of(report.Bias!),
            ReportPart.Sensitivity => SensitivityPart.Of(report.Effects, report.Sensitivity!, pool),
            ReportPart.Dependence => DependencePart.Of(report.Effects, pool),
            ReportPart.Certainty => [RichText.WithSymbols(certainty is null
                ? "The certainty of the evidence cannot be judged without the hypothetical effects." : CertaintyPhrasing.Paragraph(certainty))],
            ReportPart.Bayes => BayesPart.Of(report.Bayes!, pool.Model),
            _ => LooksPart.Of(report.Effects, pool, about),
        };

    private static string Heading(ReportPart part) => part switch
    {
        ReportPart.Selection => "Selection of evidence",
        ReportPart.Model => "Model",
        ReportPart.Estimate => "Estimate",
        ReportPart.Heterogeneity => "Heterogeneity",
        ReportPart.Prediction => "Prediction",
        ReportPart.Moderators => "Moderators",
        ReportPart.Bias => "Small-study effects and selection",
        ReportPart.Sensitivity => "Sensitivity analyses",
        ReportPart.Dependence => "Dependent effects",
        ReportPart.Certainty => "Certainty of evidence",
        ReportPart.Bayes => "Bayesian analysis",
        _ => "Repeated looks",
    };

    // What no part of the report may be read without.
    private static ReportSection Lead(ReportAnalysis report) => ReportSection.Of(null,
        report.Pool is { } pool && WhatIfPhrasing.Sentence(pool) is { } whatIf ? RichText.WithSymbols(whatIf) : RichText.Empty,
        SyntheticWarning(report) is { } synthetic ? RichText.Of($"{synthetic.Finding}") : RichText.Empty);

    private static Warning? SyntheticWarning(ReportAnalysis report) => report.Pool?.Warnings.FirstOrDefault(warning => warning.Code == "synthetic");

    private static bool IsSaidElsewhere(Warning warning, ReportAnalysis report) =>
        warning == SyntheticWarning(report) || (warning.Code == LooksPart.Warning && report.Request.Includes(ReportPart.Looks));

    private static ReportSection Reservations(ReportAnalysis report, EvidenceCitation snapshot) => ReportSection.Of("Reservations and source",
        RichText.Of($"{string.Join(' ', (report.Pool?.Warnings ?? []).Where(w => !IsSaidElsewhere(w, report)).Select(w => w.Finding))}"),
        RichText.Of($"These results describe how the two go together across studies; they do not show that one brings about the other, and they do not "
            + $"predict the outcome of a single person."),
        RichText.Of($"Source: {snapshot.ApaText}"));
}
