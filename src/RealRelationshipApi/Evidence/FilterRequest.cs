using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>Which stored effects a question is about. Several values of one name mean "or"; different names mean "and".</summary>
internal sealed record FilterRequest
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

    /// <summary><c>total</c>, or a part of the instrument; compared without case.</summary>
    public OneOrMany<string>? RelationshipScale { get; init; }

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
