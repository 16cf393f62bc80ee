using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.News;

/// <summary>What each evidence revision changed for a question, the newest first.</summary>
internal sealed class NewsEndpoint : AnalysisEndpoint<NewsRequest, NewsPage>
{
    /// <summary>Without hypothetical effects, which are no news.</summary>
    public override IReadOnlyList<QueryParameter> Parameters => [.. base.Parameters.Where(parameter => parameter != AddedEffects.Parameter)];

    protected override Task<(EvidenceRevisions Revisions, Problem? Problem)> ResolveAsync(NewsRequest request, AnalysisService analyses,
        ErrorLocation location, CancellationToken cancellationToken) => analyses.ResolveAsync(request.ResolvedFilter, location, cancellationToken);

    protected override async Task<(NewsPage? Response, Problem? Problem)> RunAsync(NewsRequest request, EvidenceStates evidence, AnalysisService analyses,
        ErrorLocation location, AnalysisRun run) => await NewsReader.ReadAsync(request, evidence.Current!, analyses, run);
}
