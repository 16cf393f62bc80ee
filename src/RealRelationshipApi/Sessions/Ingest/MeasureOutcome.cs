using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>The outcome of one measure.</summary>
internal sealed record MeasureOutcome(int Status, IReadOnlyList<FieldError> Errors)
{
    /// <summary>The measure if it contradicts a stored version; null otherwise.</summary>
    public SessionMeasure? Conflict { get; init; }

    /// <summary>The key that the measure is stored by; null if none was looked up.</summary>
    public Pseudonym? Key { get; init; }

    /// <summary>Whether nothing of the measure was compared, because one exists.</summary>
    public bool IsUnread { get; init; }
}
