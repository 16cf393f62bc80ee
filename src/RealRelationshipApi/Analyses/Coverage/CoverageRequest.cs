using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Analyses.Coverage;

internal sealed record CoverageRequest : AnalysisRequest
{
    /// <summary>A table of what there is has all levels, unless the caller chooses some.</summary>
    internal override FilterRequest ResolvedFilter =>
        base.ResolvedFilter is { Level: null } filter ? filter with { Level = new OneOrMany<LevelChoice>([LevelChoice.All]) } : base.ResolvedFilter;
}
