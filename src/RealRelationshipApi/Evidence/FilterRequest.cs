using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>Selects stored effects. Several values of one filter are combined with "or", different filters with "and".</summary>
internal sealed record FilterRequest
{
    /// <summary>true selects partial correlations, false zero-order correlations.</summary>
    public OneOrMany<bool>? Adjusted { get; init; }

    /// <summary>true selects effects converted from other statistics, false those reported as r.</summary>
    public OneOrMany<bool>? Converted { get; init; }

    public OneOrMany<OutcomeType>? OutcomeType { get; init; }

    public OneOrMany<Rater>? RelationshipRater { get; init; }

    public OneOrMany<Rater>? OutcomeRater { get; init; }

    /// <summary>Instrument codes; case-insensitive.</summary>
    public OneOrMany<string>? RelationshipMeasure { get; init; }

    /// <summary><c>total</c> or a subscale; case-insensitive.</summary>
    public OneOrMany<string>? RelationshipScale { get; init; }

    /// <inheritdoc cref="RelationshipMeasure"/>
    public OneOrMany<string>? OutcomeMeasure { get; init; }

    /// <summary>What the outcome measure measures, by the catalogue; default outcome.</summary>
    public OutcomeConstructChoice? OutcomeConstruct { get; init; }

    /// <summary>Level of the association; default betweenClient.</summary>
    public OneOrMany<LevelChoice>? Level { get; init; }

    public OneOrMany<StudyDesign>? Design { get; init; }

    public OneOrMany<EffectTiming>? Timing { get; init; }

    public OneOrMany<string>? Country { get; init; }

    public OneOrMany<bool>? Published { get; init; }

    public OneOrMany<PooledStudyKind>? Kind { get; init; }

    /// <summary>Whether to include synthetic studies; default include, with a warning if there are any.</summary>
    public SyntheticChoice? Synthetic { get; init; }

    public long? YearFrom { get; init; }

    public long? YearTo { get; init; }

    /// <summary>Source of the effects; default studies.</summary>
    public SourceChoice? Source { get; init; }

    /// <summary>Study keys or sample names to exclude.</summary>
    public OneOrMany<string>? Exclude { get; init; }

    /// <summary>State of the evidence to use: a revision, or a date and time. The future is rejected.</summary>
    public AsOf? AsOf { get; init; }

    /// <summary>Minimum evidence revision to use. Send the <c>revision</c> returned by a write to read your own write from any replica. The future is
    /// rejected.</summary>
    public long? MinRevision { get; init; }
}
