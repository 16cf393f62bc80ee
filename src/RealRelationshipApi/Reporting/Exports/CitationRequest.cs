using RealRelationshipApi.Analyses;
using RealRelationshipApi.Http;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Reporting.Exports.CitationRequest>;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>A citation of the evidence, or of the studies in it.</summary>
internal sealed record CitationRequest : AnalysisRequest
{
    internal static IReadOnlyList<Option> Options { get; } =
    [
        Option.Choice("of", "What to cite: the evidence at its revision, or the publications of the selected and the registered studies.",
            (request, value) => request with { Of = value }, CitationSubject.Evidence),
    ];

    public CitationSubject? Of { get; init; }
}

internal enum CitationSubject { Evidence, Studies }
