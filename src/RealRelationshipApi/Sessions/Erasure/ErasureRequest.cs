using FluentValidation;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary>The patient to erase, by the key of the caller's own system.</summary>
internal sealed record ErasureRequest
{
    /// <summary>Identifies the system that the patient's data came from.</summary>
    public required string SourceSystem { get; init; }

    /// <summary>Key of the patient in the source system.</summary>
    public required string Patient { get; init; }
}

internal sealed class ErasureValidator : AbstractValidator<ErasureRequest>
{
    public ErasureValidator()
    {
        RuleFor(e => e.SourceSystem).IsSourceKey();
        RuleFor(e => e.Patient).IsSourceKey();
    }
}

/// <summary>What was erased. All counts are zero for an unknown patient and when the request is repeated.</summary>
/// <param name="Receipt">Number of the erasure in the change log; null for an unknown patient.</param>
/// <param name="ErasedAt">When the patient was erased; null for an unknown patient.</param>
/// <param name="Measures">Number of measures deleted.</param>
/// <param name="Versions">Number of their versions, including withdrawals.</param>
/// <param name="Sums">Number of associations that the patient contributed to.</param>
internal sealed record ErasureResponse(long? Receipt, DateTimeOffset? ErasedAt, long Measures, long Versions, long Sums);
