using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Changes;

/// <summary><c>/meta/changes</c>: compares the effects selected by a filter at two revisions.</summary>
internal sealed class ChangesEndpoint : AnalysisEndpoint<ChangesRequest, ChangesResponse>
{
    /// <summary>Without <c>asOf</c>, which <c>from</c> and <c>to</c> replace, and without <c>add</c>, as hypothetical effects have no history.</summary>
    public override IReadOnlyList<QueryParameter> Parameters => [.. base.Parameters.Where(parameter => parameter.Name is not ("asOf" or "add"))];

    /// <summary>Effects in a body have no history.</summary>
    protected override bool TakesSheets => false;

    protected override Task<(EvidenceRevisions Revisions, Problem? Problem)> ResolveAsync(ChangesRequest request, AnalysisService analyses,
        ErrorLocation location, CancellationToken cancellationToken) => analyses.ResolveAsync(request, location, cancellationToken);

    protected override async Task<(ChangesResponse? Response, Problem? Problem)> RunAsync(ChangesRequest request, EvidenceStates evidence,
        AnalysisService analyses, ErrorLocation location, AnalysisRun run)
    {
        var diff = EvidenceDiff.Compare(request.Filter ?? new FilterRequest(), evidence.From!, evidence.Current!);
        if (diff.Changes.Count > EvidenceDiff.MaxChanges)
        {
            return (null, Problem.Invalid([new FieldError(location.Member("from"), "tooManyChanges",
                $"{diff.Changes.Count} effects changed since then, and {EvidenceDiff.MaxChanges} are the most that can be followed: narrow the range "
                    + "or the filter")]));
        }

        var dated = diff.WithRevisions(await analyses.HistoryAsync(diff.StudiesToRead, run.Token));
        var fits = StudyChanges.CountFits(dated);
        if (AnalysisSize.Of(dated.To.Count > 0 ? dated.To : dated.From, request.Model, []) is { } size
            && await run.AdmitAsync(size, s => AnalysisCost.Changes(s, fits, dated.Changes.Count)) is { } rejection)
        {
            return (null, rejection);
        }

        using var scope = new CancellationScope(run.Token);
        var (response, problem) = ChangesAnalysis.Run(dated, request, location);
        return (response is null ? null : response with { Warnings = [.. response.Warnings, .. UnusedOptions.Warnings(request, Uses)] }, problem);
    }
}
