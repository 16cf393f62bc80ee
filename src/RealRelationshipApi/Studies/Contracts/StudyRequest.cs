using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealRelationshipApi.Studies.Contracts;

/// <summary>Members of a study that are both submitted and returned.</summary>
internal abstract record StudyBase
{
    /// <summary>Permanent key of the study: up to 64 lower-case letters, digits and hyphens.</summary>
    public required string Key { get; init; }

    /// <summary>The publication.</summary>
    public required Citation Citation { get; init; }

    /// <summary><c>primary</c>, <c>siteSummary</c> (a clinic's own stage-1 result), <c>reference</c> (a published pooled result, shown for comparison and
    /// never pooled) or <c>registered</c> (an eligible study without a usable coefficient, counted beside every pool).</summary>
    public required StudyKind Kind { get; init; }

    /// <summary>Whether the data are invented for illustration. Responses that use them have a warning.</summary>
    public bool Synthetic { get; init; }

    /// <summary>Whether it is published; default true.</summary>
    public bool Published { get; init; } = true;

    /// <summary>Design of the study.</summary>
    public StudyDesign? Design { get; init; }

    /// <summary>ISO 3166-1 alpha-2 code, such as <c>IT</c>.</summary>
    public string? Country { get; init; }

    /// <summary>Where the treatment took place.</summary>
    public string? Setting { get; init; }

    /// <summary>Number of therapists.</summary>
    public long? Therapists { get; init; }

    /// <summary>Remarks on the study.</summary>
    public string? Note { get; init; }

    /// <summary>What is known of a study without a usable coefficient; for kind <c>registered</c>, and only that.</summary>
    public RegisteredResult? Registered { get; init; }

    public RiskOfBias? RiskOfBias { get; init; }
}

/// <summary>A study to submit: a primary study, a clinic's own summary, or a published pooled result for comparison.</summary>
internal sealed record StudyRequest : StudyBase
{
    /// <summary>Empty for kind <c>registered</c>.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<EffectRequest> Effects { get; init; }

    /// <summary>Set by the service and ignored in requests, so that a response can be sent back.</summary>
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

    /// <inheritdoc cref="Status"/>
    [ReadOnly(true), JsonPropertyOrder(2)]
    public JsonElement? ChangedBy { get; init; }

    /// <inheritdoc cref="Status"/>
    [ReadOnly(true), JsonPropertyOrder(2)]
    public JsonElement? Reason { get; init; }
}

internal sealed record Citation
{
    /// <summary>Authors, as printed.</summary>
    public required string Authors { get; init; }

    /// <summary>Year of publication; null only for kind <c>registered</c>.</summary>
    public long? Year { get; init; }

    /// <summary>Title of the publication.</summary>
    public required string Title { get; init; }

    /// <summary>DOI, as <c>10.1037/pst0000183</c>; in a request also after <c>doi:</c> or as an address of doi.org.</summary>
    public string? Doi { get; init; }

    /// <summary>Name of the journal.</summary>
    public string? Journal { get; init; }

    /// <summary>Volume of the journal.</summary>
    public string? Volume { get; init; }

    /// <summary>Issue of the volume.</summary>
    public string? Issue { get; init; }

    /// <summary>Pages, such as <c>434–444</c>, or an article number.</summary>
    public string? Pages { get; init; }

    /// <summary>PubMed id.</summary>
    public string? Pmid { get; init; }

    /// <summary>Address of the publication, http or https.</summary>
    public string? Url { get; init; }
}

/// <summary>An association between the real relationship and an outcome, as reported in its source.</summary>
internal abstract record EffectBase
{
    /// <summary>Key of the effect, unique within its study.</summary>
    public required string Key { get; init; }

    /// <summary>Name of the sample. Effects of the same sample are dependent, also across studies.</summary>
    public required string Sample { get; init; }

    public required Statistic Statistic { get; init; }

    /// <summary>Null only for kind <c>reference</c>.</summary>
    public OutcomeType? OutcomeType { get; init; }

    /// <inheritdoc cref="OutcomeType"/>
    public Rater? RelationshipRater { get; init; }

    /// <inheritdoc cref="OutcomeType"/>
    public Rater? OutcomeRater { get; init; }

    /// <summary>Instrument code; case-insensitive.</summary>
    public required string RelationshipMeasure { get; init; }

    /// <summary>Scale of the relationship measure: <c>total</c>, the default, or a subscale such as <c>genuineness</c>; case-insensitive.</summary>
    public string? RelationshipScale { get; init; }

    /// <summary>Instrument code; case-insensitive.</summary>
    public required string OutcomeMeasure { get; init; }

    /// <summary>Scale of the outcome measure: <c>total</c>, the default, or a subscale; case-insensitive.</summary>
    public string? OutcomeScale { get; init; }

    /// <summary>Direction of the outcome score in the reported coefficient. With <c>higherIsWorse</c> the stored sign is reversed, so that positive
    /// always means that a stronger relationship goes with better outcome.</summary>
    public required OutcomeDirection OutcomeDirection { get; init; }

    /// <summary>Level of the association.</summary>
    public required EffectLevel Level { get; init; }

    /// <summary>When the relationship was rated.</summary>
    public EffectTiming? Timing { get; init; }

    /// <summary>Number of sessions that the statistic is based on. At level <c>withinClient</c> it determines the variance, and n is the number of
    /// clients.</summary>
    public long? Sessions { get; init; }

    /// <summary>Number of pairs of a client and a therapist that the statistic is based on.</summary>
    public long? Dyads { get; init; }

    /// <summary>Number of therapists that the statistic is based on, if it differs from that of the study.</summary>
    public long? Therapists { get; init; }

    /// <summary>Reliability coefficient, in (0, 1].</summary>
    public double? RelationshipReliability { get; init; }

    /// <inheritdoc cref="RelationshipReliability"/>
    public double? OutcomeReliability { get; init; }

    /// <summary>Covariates that the coefficient was adjusted for.</summary>
    public IReadOnlyList<string> AdjustedFor { get; init; } = [];

    /// <summary>Additional moderators by name: a number is continuous, a text categorical. Agreed names have a unit: <c>lagWeeks</c>,
    /// <c>followUpMonths</c>, <c>sessionCount</c>, <c>percentWomen</c> and <c>percentMinority</c> (0 to 100), <c>meanAge</c> (years), <c>language</c>
    /// (BCP 47), <c>remote</c> (no, mixed or yes).</summary>
    public IReadOnlyDictionary<string, ModeratorValue> Moderators { get; init; } = new SortedDictionary<string, ModeratorValue>(StringComparer.Ordinal);

    /// <summary>Where in the publication the statistic stands.</summary>
    public EffectSource? Source { get; init; }

    /// <summary>Who read it from the publication, and how certain it is.</summary>
    public EffectCoding? Coding { get; init; }
}

internal sealed record EffectRequest : EffectBase
{
    /// <summary>Set by the service and ignored in requests.</summary>
    [ReadOnly(true), JsonPropertyOrder(1)]
    public JsonElement? Stored { get; init; }
}

internal enum StudyKind { Primary, SiteSummary, Reference, Registered }

internal enum StudyDesign { Prospective, Concurrent, Retrospective }

internal enum OutcomeType { TreatmentOutcome, TreatmentProgress, SessionOutcome, FollowUp }

internal enum Rater { Client, Therapist, Observer }

internal enum OutcomeDirection { HigherIsBetter, HigherIsWorse }

internal enum EffectLevel { BetweenClient, WithinClient, BetweenTherapist }

internal enum EffectTiming { Concurrent, Early, Mid, Late }
