using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.Certainty;

internal sealed record CertaintyRequest : AnalysisRequest
{
    /// <summary>Whether it is the question that judgements are signed for: stored effects with all filters at their defaults, at any revision.</summary>
    internal bool IsSignedQuestion => Effects is null && Add is null && HasDefaults(Filter);

    /// <summary>Whether all filters but those of the revision have their defaults.</summary>
    internal static bool HasDefaults(FilterRequest? filter) => (filter ?? new()) with { AsOf = null, MinRevision = null } is var others
        && others with { Moderators = others.Moderators is { Count: > 0 } some ? some : null } == new FilterRequest();
}
