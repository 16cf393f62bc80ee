namespace RealRelationshipApi.Studies.Contracts;

/// <summary>Judgements of the risk of bias of a study.</summary>
internal sealed record RiskOfBias
{
    /// <summary><c>QUIPS</c> (Hayden et al. 2013, Annals of Internal Medicine 158, 280–286), or the name of another tool.</summary>
    public required string Tool { get; init; }

    /// <summary>Judgements by domain. QUIPS has <c>participation</c>, <c>attrition</c>, <c>prognosticFactor</c>, <c>outcome</c>, <c>confounding</c> and
    /// <c>analysis</c>; <c>sameSource</c> (one person rated relationship and outcome) is an item of this service beside any tool.</summary>
    public IReadOnlyList<RiskOfBiasDomain> Domains { get; init; } = [];

    /// <summary>Judgement of the study as a whole, which the filter and moderator <c>riskOfBias</c> reads; null until judged.</summary>
    public RiskJudgement? Overall { get; init; }
}

/// <summary>Judgement of one domain.</summary>
internal sealed record RiskOfBiasDomain
{
    /// <summary>The domain.</summary>
    public required string Name { get; init; }

    /// <summary><c>some</c> is called moderate in QUIPS.</summary>
    public required RiskJudgement Judgement { get; init; }

    /// <summary>Why it is judged so.</summary>
    public string? Reason { get; init; }
}

internal enum RiskJudgement { Low, Some, High, Unclear, NotApplicable }
