using FluentValidation;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary>Who is to be erased, by the keys of the caller's own system.</summary>
internal sealed record ErasureRequest
{
    public required string SourceSystem { get; init; }

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

/// <summary>What was erased: all counts are zero where nothing was known of the patient, and when it is asked for again.</summary>
/// <param name="Receipt">The place of the erasure in the change log; null where nothing was known of the patient.</param>
/// <param name="ErasedAt">When; null likewise.</param>
/// <param name="Measures">Measures of which nothing is left.</param>
/// <param name="Versions">Their versions, withdrawals among them.</param>
/// <param name="Sums">Cells of whose running sums the patient is no part any more.</param>
internal sealed record ErasureResponse(long? Receipt, DateTimeOffset? ErasedAt, long Measures, long Versions, long Sums);
