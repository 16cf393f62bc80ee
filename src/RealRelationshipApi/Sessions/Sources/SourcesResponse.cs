namespace RealRelationshipApi.Sessions.Sources;

/// <summary>The declarations of a site. Declarations are versioned; the latest one counts.</summary>
/// <param name="Systems">Defaults of single systems.</param>
/// <param name="Groups">Systems that share the keys of patients, sessions and therapists.</param>
/// <param name="Codings">What the site's systems call an instrument.</param>
/// <param name="Version">From 1; 0 if nothing was declared.</param>
/// <param name="RecordedAt">When this version was declared; null if nothing was.</param>
internal sealed record SourcesResponse(IReadOnlyList<SourceSystem> Systems, IReadOnlyList<SourceGroup> Groups, IReadOnlyList<SourceCoding> Codings,
    long Version, DateTimeOffset? RecordedAt);
