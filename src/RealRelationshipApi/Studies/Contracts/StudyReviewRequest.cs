namespace RealRelationshipApi.Studies.Contracts;

/// <summary>The decision on a pending study.</summary>
internal sealed record StudyReviewRequest
{
    /// <summary><c>accept</c>, <c>reject</c>, or <c>returnForChanges</c>: the tenant of the study can send a new version.</summary>
    public required ReviewDecision Decision { get; init; }

    /// <summary>Reason, required unless the study is accepted; the tenant of the study and reviewers see it in <c>/versions</c>.</summary>
    public string? Reason { get; init; }
}

internal enum ReviewDecision { Accept, Reject, ReturnForChanges }
