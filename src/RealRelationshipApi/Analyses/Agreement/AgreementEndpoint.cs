using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Coding;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Agreement;

/// <summary>The agreement of coders over the effects that a filter selects.</summary>
internal sealed record AgreementRequest : AnalysisRequest;

/// <summary><c>/meta/agreement</c>: compares second codings with the selected effects. Codings are no evidence: they are those of now, whatever revision the
/// effects are of.</summary>
internal sealed class AgreementEndpoint : AnalysisEndpoint<AgreementRequest, AgreementResponse>
{
    public override IReadOnlyList<QueryParameter> Parameters => FilterTable.Parameters;

    protected override Task<(EvidenceRevisions Revisions, Problem? Problem)> ResolveAsync(AgreementRequest request, AnalysisService analyses,
        ErrorLocation location, CancellationToken cancellationToken) =>
        analyses.ResolveAsync(request.Filter ?? new FilterRequest(), location, cancellationToken);

    protected override async Task<(AgreementResponse? Response, Problem? Problem)> RunAsync(AgreementRequest request, EvidenceStates evidence,
        AnalysisService analyses, ErrorLocation location, AnalysisRun run)
    {
        var selected = EvidenceSelection.Apply(request.ResolvedFilter, evidence.Current!);
        return (await AgreementReader.ReadAsync(selected, evidence.Current!.Revision, analyses, run.Token), null);
    }
}

/// <summary>Compares second codings with the study's own.</summary>
internal static class AgreementReader
{
    /// <summary>The agreement over selected effects.</summary>
    /// <param name="selected">The effects.</param>
    /// <param name="revision">Evidence revision that they are of.</param>
    /// <param name="analyses">Reads studies and codings.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<AgreementResponse> ReadAsync(EffectSet selected, long revision, AnalysisService analyses, CancellationToken cancellationToken)
    {
        var ids = selected.Ids.ToHashSet(StringComparer.Ordinal);
        var studies = selected.Studies.ToHashSet(StringComparer.Ordinal);
        var comparisons = await analyses.QueryAsync<IReadOnlyList<CodingComparison>>(connection =>
        {
            var codings = StudyCodingRow.Latest(connection).Where(row => studies.Contains(row.Key)).ToLookup(row => row.Key);
            return [.. StudyQueries.AcceptedAt(connection, [.. codings.Select(group => group.Key)], revision)
                .Select(study => CodingComparison.Of(study, [.. codings[study.Key].Select(row => row.ToCoding(withAuthor: false))],
                    effect => ids.Contains($"{study.Key}/{effect.Key}")))];
        }, cancellationToken);
        return AgreementResponse.Of(comparisons);
    }
}
