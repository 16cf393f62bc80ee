namespace RealRelationshipApi.Analyses.Plan;

/// <summary>Response of <c>/meta/plan</c>.</summary>
internal sealed record PlanResponse : AnalysisResponse
{
    /// <summary>What new studies are to achieve.</summary>
    public required PlanTarget Target { get; init; }

    /// <summary>Full width, or margin, on r; null if the target has none.</summary>
    public required double? Value { get; init; }

    /// <summary>Assumed true correlation of new studies.</summary>
    public required double AssumedR { get; init; }

    /// <summary>Variance of true effects, on Fisher z, that new studies are drawn with.</summary>
    public required double Tau2 { get; init; }

    /// <summary>Probability to achieve the target; null for width.</summary>
    public required double? Power { get; init; }

    /// <summary>Participants of each new study: as requested, or the answer. 0 if the target is reached already; null if no size reaches it.</summary>
    public required long? N { get; init; }

    /// <summary>Number of new studies: the answer if <c>n</c> was requested, otherwise 1. 0 if the target is reached already; null if
    /// 200 studies do not reach it.</summary>
    public required int? Studies { get; init; }

    /// <summary>Whether the present interval has what is asked for.</summary>
    public required bool AlreadyReached { get; init; }

    /// <summary>Whether no size of one study, or no number of studies up to 200, reaches the target.</summary>
    public required bool NotReachable { get; init; }

    /// <summary>Power, or expected full width on r, with the planned studies, or with the most that were tried; null if the target is reached
    /// already.</summary>
    public required double? Achieved { get; init; }

    /// <summary>Power, or expected full width on r, as the participants of one new study grow without limit; with <c>n</c> that of 200 studies if they do not
    /// suffice, otherwise null.</summary>
    public required double? Limit { get; init; }

    /// <summary>The present confidence interval.</summary>
    public required PresentIntervalResponse Present { get; init; }

    /// <summary>Sizes that were tried, in ascending order.</summary>
    public required IReadOnlyList<PlanStepResponse> Curve { get; init; }
}

/// <summary>The confidence interval of the pooled effect, or of the difference a − b, on Fisher z.</summary>
/// <param name="Lower">Lower confidence limit; null without degrees of freedom.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="Correlation">The limits as correlations, and their distance; null for a difference.</param>
internal sealed record PresentIntervalResponse(double? Lower, double? Upper, CorrelationLimitsResponse? Correlation);

/// <summary>Confidence limits of r, and the distance between them.</summary>
/// <param name="Lower">Lower confidence limit of r.</param>
/// <param name="Upper">Upper confidence limit of r.</param>
/// <param name="Width">Upper minus lower limit.</param>
internal sealed record CorrelationLimitsResponse(double Lower, double Upper, double Width);

/// <summary>A number of new studies with n participants each.</summary>
/// <param name="N">Participants of each.</param>
/// <param name="Studies">Number of studies.</param>
/// <param name="Achieved">Power, or expected full width on r.</param>
internal sealed record PlanStepResponse(long N, int Studies, double Achieved);
