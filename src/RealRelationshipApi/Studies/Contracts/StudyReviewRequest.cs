namespace RealRelationshipApi.Studies.Contracts;

/// <summary>The decision on a pending study.</summary>
internal sealed record StudyReviewRequest
{
    /// <summary><c>accept</c> or <c>reject</c>.</summary>
    public required ReviewDecision Decision { get; init; }

    /// <summary>Reason, required to reject; the tenant of the study and reviewers see it in <c>/versions</c>.</summary>
    public string? Reason { get; init; }
}

internal enum ReviewDecision { Accept, Reject }
