using FluentValidation;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>Which stored effects a question is about. Several values of one name mean "or"; different names mean "and".</summary>
public sealed record FilterRequest
{
    /// <summary>True: partial correlations; false: zero-order correlations.</summary>
    public OneOrMany<bool>? Adjusted { get; init; }

    /// <summary>True: effects that were not reported as r.</summary>
    public OneOrMany<bool>? Converted { get; init; }

    public OneOrMany<OutcomeType>? OutcomeType { get; init; }

    public OneOrMany<Rater>? RelationshipRater { get; init; }

    public OneOrMany<Rater>? OutcomeRater { get; init; }

    /// <summary>Instrument codes, compared without case.</summary>
    public OneOrMany<string>? RelationshipMeasure { get; init; }

    /// <inheritdoc cref="RelationshipMeasure"/>
    public OneOrMany<string>? OutcomeMeasure { get; init; }

    /// <summary>betweenClient when absent.</summary>
    public OneOrMany<LevelChoice>? Level { get; init; }

    public OneOrMany<StudyDesign>? Design { get; init; }

    public OneOrMany<EffectTiming>? Timing { get; init; }

    public OneOrMany<string>? Country { get; init; }

    public OneOrMany<bool>? Published { get; init; }

    public OneOrMany<PooledStudyKind>? Kind { get; init; }

    /// <summary>include when absent, with a warning where such effects enter.</summary>
    public SyntheticChoice? Synthetic { get; init; }

    public long? YearFrom { get; init; }

    public long? YearTo { get; init; }

    /// <summary>studies when absent.</summary>
    public SourceChoice? Source { get; init; }

    /// <summary>Study keys or sample names to leave out.</summary>
    public OneOrMany<string>? Exclude { get; init; }

    /// <summary>Answer from the evidence as it stood then: a revision, or an instant. The future is refused.</summary>
    public AsOf? AsOf { get; init; }

    /// <summary>Answer from this evidence revision or a later one: the <c>revision</c> of one's own write, so that every replica answers with it.
    /// The future is refused.</summary>
    public long? MinRevision { get; init; }
}

internal static class AsOfRules
{
    /// <summary>An instant of the first year may be none any more at another offset.</summary>
    public static IRuleBuilderOptions<T, AsOf?> IsRepresentableInstant<T>(this IRuleBuilder<T, AsOf?> rule) => rule
        .Must(asOf => asOf?.Instant is null || asOf.Instant.Value.Year > 1).WithErrorCode(ErrorCodes.NotAValue).WithMessage(AsOf.ErrorMessage);
}

public sealed class FilterValidator : AbstractValidator<FilterRequest>
{
    public FilterValidator()
    {
        RuleFor(f => f.YearTo).Must((filter, to) => to is null || filter.YearFrom is null || to >= filter.YearFrom)
            .WithErrorCode("tooSmall").WithMessage("must not be before yearFrom");
        RuleFor(f => f.AsOf).IsRepresentableInstant();
        RuleFor(f => f.MinRevision).GreaterThanOrEqualTo(0);
    }
}
