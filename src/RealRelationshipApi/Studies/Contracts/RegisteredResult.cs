namespace RealRelationshipApi.Studies.Contracts;

/// <summary>What is known of an eligible study that gives no usable coefficient.</summary>
internal sealed record RegisteredResult
{
    /// <summary>Why there is no effect: <c>awaitingData</c> (asked for, or to be read), <c>notReported</c>, <c>onlyJointModel</c> (only coefficients of a model
    /// with other predictors) or <c>excluded</c> (by the review; it casts no vote).</summary>
    public required RegistrationState State { get; init; }

    /// <summary>What the publication says, and why no effect can be coded.</summary>
    public string? Reason { get; init; }

    /// <summary>Direction that the publication reports: a stronger relationship went with better (<c>positive</c>), worse (<c>negative</c>) or the same
    /// (<c>none</c>) outcome, with both (<c>mixed</c>), or it does not say (<c>unknown</c>).</summary>
    public required ReportedDirection Direction { get; init; }

    /// <summary>Whether the publication calls the association significant; null if it does not say. Counted, never voted.</summary>
    public bool? Significant { get; init; }

    /// <summary>Number of participants.</summary>
    public long? N { get; init; }

    /// <summary>Name of the sample; default the key of the study. Registered studies of one sample cast one vote.</summary>
    public string? Sample { get; init; }
}

internal enum RegistrationState { AwaitingData, NotReported, OnlyJointModel, Excluded }

internal enum ReportedDirection { Positive, None, Negative, Mixed, Unknown }
