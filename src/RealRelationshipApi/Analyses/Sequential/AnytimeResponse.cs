using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Pool;

namespace RealRelationshipApi.Analyses.Sequential;

/// <summary>Inference that holds at every look: an e-value and a confidence sequence.</summary>
internal abstract record SequenceResponse
{
    /// <summary>Evidence against <c>against</c>: the likelihood averaged over the prior, divided by the largest under that value. Where nothing is there, it
    /// reaches 1/α at any look with probability α at most. Null where it exceeds double precision, or
    /// cannot be computed.</summary>
    [JsonPropertyOrder(-1)]
    public required double? EValue { get; init; }

    /// <summary>Natural logarithm of the e-value; null where it cannot be computed (warning <c>sequenceNotComputable</c>).</summary>
    [JsonPropertyOrder(-1)]
    public required double? LogEValue { get; init; }

    /// <summary>Lower limit of the confidence sequence on the scale of analysis. It covers the truth at all looks together.
    /// Null where it cannot be computed (warning <c>sequenceNotComputable</c>).</summary>
    [JsonPropertyOrder(-1)]
    public required double? Lower { get; init; }

    /// <summary>Upper limit of the confidence sequence; null where it cannot be computed.</summary>
    [JsonPropertyOrder(-1)]
    public required double? Upper { get; init; }

    /// <summary>The limits as correlations; null for differences, and where there are no limits.</summary>
    [JsonPropertyOrder(-1)]
    public required RangeResponse? R { get; init; }
}

/// <summary>An e-value and a confidence sequence at one revision, and when the line was first crossed.</summary>
internal sealed record AnytimeResponse : SequenceResponse
{
    /// <summary>The value that the e-value is evidence against: no effect, or no difference.</summary>
    public required double Against { get; init; }

    /// <summary>The e-value from which on <c>against</c> is excluded: q/α, α = 1 − confidence, with q = <c>hypotheses</c>.</summary>
    public required double Threshold { get; init; }

    /// <summary>Number of hypotheses tested together: the contrasts of all moderators of the question; 1 for pooled effects and levels.</summary>
    public required int Hypotheses { get; init; }

    /// <summary>False if some values between the limits are excluded, too; null without limits.</summary>
    public required bool? IsInterval { get; init; }

    /// <summary>The prior, which has to be fixed before the data are seen.</summary>
    public required AnytimePriorResponse Prior { get; init; }

    /// <summary>effects, or aggregated: one composite per sample, with sampling errors correlated by rho.</summary>
    public required EffectBasis Basis { get; init; }

    /// <summary>The first look at which the e-value reached the threshold, on the path of these effects in the order of their first entry; null if there is
    /// none, or a look cannot be computed. Effects in the body are in the order sent, with a look after each.</summary>
    public required FirstCrossedResponse? FirstCrossed { get; init; }

    /// <summary>The same for other correlations of sampling errors within samples: 0, the assumed one and .9; present if effects are aggregated.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SequenceAtRhoResponse>? Rho { get; init; }
}

/// <summary>The prior of e-values and confidence sequences.</summary>
/// <param name="MuSd">Standard deviation of the normal prior of the mean, whose centre is 0.</param>
/// <param name="TauScale">Scale of the half-normal prior of tau.</param>
internal sealed record AnytimePriorResponse(double MuSd, double TauScale);

/// <summary>A look at the evidence.</summary>
/// <param name="Revision">Evidence revision; null for effects in the body.</param>
/// <param name="At">When it was recorded; null for effects in the body.</param>
/// <param name="Rows">Number of effects or composites at that look.</param>
/// <param name="Id">Id of the last of them, a sample if effects are aggregated.</param>
internal sealed record FirstCrossedResponse(long? Revision, DateTimeOffset? At, int Rows, string Id);

/// <summary>An e-value and a confidence sequence for one correlation of sampling errors.</summary>
internal sealed record SequenceAtRhoResponse : SequenceResponse
{
    /// <summary>Correlation of sampling errors within a sample.</summary>
    public required double Rho { get; init; }
}
