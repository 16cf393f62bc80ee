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

    /// <inheritdoc cref="RelationshipScale"/>
    public OneOrMany<string>? OutcomeScale { get; init; }

    /// <summary>What the outcome measure measures, by the catalogue; default outcome.</summary>
    public OutcomeConstructChoice? OutcomeConstruct { get; init; }

    /// <summary>Level of the association; default betweenClient.</summary>
    public OneOrMany<LevelChoice>? Level { get; init; }

    public OneOrMany<StudyDesign>? Design { get; init; }

    public OneOrMany<EffectTiming>? Timing { get; init; }

    public OneOrMany<string>? Country { get; init; }

    /// <summary>Setting of the study, as it was submitted.</summary>
    public OneOrMany<string>? Setting { get; init; }

    /// <summary>Number of therapists of the effect, otherwise of its study.</summary>
    public OneOrMany<long>? Therapists { get; init; }

    /// <summary>Overall risk of bias of the study.</summary>
    public OneOrMany<RiskJudgement>? RiskOfBias { get; init; }

    public OneOrMany<bool>? Published { get; init; }

    public OneOrMany<PooledStudyKind>? Kind { get; init; }

    /// <summary>Whether to include synthetic studies; default auto: exclude once the store has a real effect that can be pooled, otherwise only. A warning is
    /// given if any are included, or left out by auto.</summary>
    public SyntheticChoice? Synthetic { get; init; }

    /// <summary>Values or ranges of additional moderators by name; an effect without the moderator does not pass.</summary>
    public IReadOnlyDictionary<string, ModeratorFilter>? Moderators { get; init; }

    /// <summary>Whether a sample's subscales and short forms enter beside its total; default total, or all if a scale is named.</summary>
    public ScalesChoice? Scales { get; init; }

    /// <summary>Whether effects that are coded as an upper bound enter; default exclude.</summary>
    public BoundsChoice? Bounds { get; init; }

    /// <summary>Only studies published in this year or later.</summary>
    public long? YearFrom { get; init; }

    /// <summary>Only studies published in this year or earlier.</summary>
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

    /// <summary><see cref="Scales"/> with its default resolved.</summary>
    internal ScalesChoice ResolvedScales =>
        Scales ?? ((RelationshipScale ?? OutcomeScale) is null ? ScalesChoice.Total : ScalesChoice.All);
}
