using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealRelationshipApi.Studies.Contracts;

/// <summary>What a study says of itself, as submitted and as read.</summary>
internal abstract record StudyBase
{
    /// <summary>Names the study for good: lower-case letters, digits and hyphens, at most 64.</summary>
    public required string Key { get; init; }

    public required Citation Citation { get; init; }

    /// <summary><c>primary</c>, <c>siteSummary</c> (a clinic's own stage-1 result) or <c>reference</c> (a published pooled result: shown beside ours,
    /// never pooled).</summary>
    public required StudyKind Kind { get; init; }

    /// <summary>Invented for illustration; every answer that uses it says so.</summary>
    public bool Synthetic { get; init; }

    public bool Published { get; init; } = true;

    public StudyDesign? Design { get; init; }

    /// <summary>ISO 3166-1 alpha-2, such as <c>IT</c>.</summary>
    public string? Country { get; init; }

    public string? Setting { get; init; }

    /// <summary>How many therapists took part.</summary>
    public long? Therapists { get; init; }

    public string? Note { get; init; }
}

/// <summary>A study as it is submitted: published evidence, a clinic's own summary, or a published pooled result to compare with.</summary>
internal sealed record StudyRequest : StudyBase
{
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<EffectRequest> Effects { get; init; }

    /// <summary>Given by the service; ignored when sent back, so that what was read can be sent.</summary>
    [ReadOnly(true), JsonPropertyOrder(2)]
    public JsonElement? Status { get; init; }

    /// <inheritdoc cref="Status"/>
    [ReadOnly(true), JsonPropertyOrder(2)]
    public JsonElement? Version { get; init; }

    /// <inheritdoc cref="Status"/>
    [ReadOnly(true), JsonPropertyOrder(2)]
    public JsonElement? Revision { get; init; }

    /// <inheritdoc cref="Status"/>
    [ReadOnly(true), JsonPropertyOrder(2)]
    public JsonElement? RecordedAt { get; init; }

    /// <inheritdoc cref="Status"/>
    [ReadOnly(true), JsonPropertyOrder(2)]
    public JsonElement? Warnings { get; init; }
}

internal sealed record Citation
{
    public required string Authors { get; init; }

    public required long Year { get; init; }

    public required string Title { get; init; }

    public string? Doi { get; init; }
}

/// <summary>One association between the real relationship and an outcome, as its source reports it.</summary>
internal abstract record EffectBase
{
    /// <summary>Names the effect inside its study.</summary>
    public required string Key { get; init; }

    /// <summary>Names the people: effects of one sample are dependent, over all studies.</summary>
    public required string Sample { get; init; }

    public required Statistic Statistic { get; init; }

    /// <summary>May be null only for kind <c>reference</c>.</summary>
    public OutcomeType? OutcomeType { get; init; }

    /// <inheritdoc cref="OutcomeType"/>
    public Rater? RelationshipRater { get; init; }

    /// <inheritdoc cref="OutcomeType"/>
    public Rater? OutcomeRater { get; init; }

    /// <summary>Instrument code, compared without case.</summary>
    public required string RelationshipMeasure { get; init; }

    public string? RelationshipScale { get; init; }

    /// <summary>Instrument code, compared without case.</summary>
    public required string OutcomeMeasure { get; init; }

    /// <summary>How the reported coefficient was scored. With <c>higherIsWorse</c> the sign is turned on storing: positive always means stronger relationship,
    /// better outcome.</summary>
    public required OutcomeDirection OutcomeDirection { get; init; }

    public required EffectLevel Level { get; init; }

    public EffectTiming? Timing { get; init; }

    /// <summary>In (0, 1].</summary>
    public double? RelationshipReliability { get; init; }

    /// <inheritdoc cref="RelationshipReliability"/>
    public double? OutcomeReliability { get; init; }

    /// <summary>What the coefficient was adjusted for.</summary>
    public IReadOnlyList<string> AdjustedFor { get; init; } = [];

    /// <summary>Free moderators: a number is continuous, a text is categorical.</summary>
    public IReadOnlyDictionary<string, ModeratorValue> Moderators { get; init; } = new SortedDictionary<string, ModeratorValue>(StringComparer.Ordinal);
}

internal sealed record EffectRequest : EffectBase
{
    /// <summary>Given by the service; ignored when sent back.</summary>
    [ReadOnly(true), JsonPropertyOrder(1)]
    public JsonElement? Stored { get; init; }
}

internal enum StudyKind { Primary, SiteSummary, Reference }

internal enum StudyDesign { Prospective, Concurrent, Retrospective }

internal enum OutcomeType { TreatmentOutcome, TreatmentProgress, SessionOutcome, FollowUp }

internal enum Rater { Client, Therapist, Observer }

internal enum OutcomeDirection { HigherIsBetter, HigherIsWorse }

internal enum EffectLevel { BetweenClient, WithinClient, BetweenTherapist }

internal enum EffectTiming { Concurrent, Early, Mid, Late }
