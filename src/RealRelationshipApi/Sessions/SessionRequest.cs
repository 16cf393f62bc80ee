using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions;

/// <summary>Scores of one session of one patient. Keys are those of the source system and are stored as keyed hashes. No member accepts free text.</summary>
internal sealed record SessionRequest
{
    /// <summary>Identifies the sending system; keys are unique within it. Required unless the key of the caller is bound to one.</summary>
    public string? SourceSystem { get; init; }

    /// <summary>Key of the patient in the source system. Required unless all measures are withdrawals.</summary>
    public string? Patient { get; init; }

    /// <summary>Key of the therapist in the source system. Clients of unknown therapists count as clients of a single one.</summary>
    public string? Therapist { get; init; }

    /// <summary>Key of the treatment in the source system, if a patient can have several.</summary>
    public string? Episode { get; init; }

    /// <summary>Key of the session in the source system. Scores with the same key belong to the same session, whenever they were given. Scores without it
    /// are never paired within a session.</summary>
    public string? Session { get; init; }

    /// <summary>Number of the session within the treatment, from 1.</summary>
    public long? SessionNumber { get; init; }

    /// <summary>Date and time with UTC offset. Required unless all measures are withdrawals.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>The scores of the session.</summary>
    public required IReadOnlyList<MeasureRequest> Measures { get; init; }

    /// <summary>Whether <see cref="OccurredAt"/> is the start of a day, whose time zone is unknown.</summary>
    internal bool IsDay { get; init; }

    /// <summary>What the encounter of the session says; null if the message does not have it.</summary>
    internal EncounterKeys? Encounter { get; init; }

    /// <summary>The time as sent, if <see cref="OccurredAt"/> depends on a time zone that the site declared.</summary>
    internal DateTimeOffset? SentAt { get; init; }

    /// <summary>Local day of a row of a CSV file; null in other formats.</summary>
    internal DateOnly? CsvDay { get; init; }

    /// <summary>Whether no source system was named, so that it is that of an identifier.</summary>
    internal bool IsSourceDerived { get; init; }

    /// <summary>When the CSV file was exported: microseconds since 1970; null in other formats.</summary>
    internal long? ExportedAt { get; init; }
}

/// <summary>What an encounter says about its session, in keys of the source system.</summary>
internal sealed record EncounterKeys(string? Therapist, string? Episode, long? SessionNumber);

/// <summary>One score, identified by site, source system and <c>sourceId</c>. A higher version replaces a lower one, in whatever order they arrive.</summary>
internal sealed record MeasureRequest
{
    /// <summary>Key of the measure in the source system.</summary>
    public required string SourceId { get; init; }

    /// <summary>Version of the measure, from 1.</summary>
    public required long Version { get; init; }

    /// <summary>Measures with final, amended and corrected are analysed. enteredInError withdraws the measure and needs no other member. All others are
    /// held.</summary>
    public required MeasureStatus Status { get; init; }

    /// <summary>Instrument code from <c>GET /instruments</c>; case-insensitive. Or a name that your site declared with <c>PUT /sources</c>: a canonical URL,
    /// or <c>system|code</c>.</summary>
    public string? Instrument { get; init; }

    /// <summary>Who filled in the instrument; required unless the measure is a withdrawal.</summary>
    public ScoreRater? Rater { get; init; }

    /// <summary>Name of the scale; default <c>total</c>.</summary>
    public string? Scale { get; init; }

    /// <summary>The score; optional if <c>items</c> are sent.</summary>
    public double? Score { get; init; }

    /// <summary>How <c>score</c> was computed; required only if its range is ambiguous.</summary>
    public ScoreAggregation? Aggregation { get; init; }

    /// <summary>All items in the order of the form, null for a missing one. If <c>score</c> is sent, too, the two must agree.</summary>
    public IReadOnlyList<double?>? Items { get; init; }

    /// <summary>What a higher score means to the sender; checked against the instrument.</summary>
    public ScoreDirection? Direction { get; init; }

    /// <summary>Another key of the administration that this measure belongs to or is a copy of. Not a member of JSON; set by FHIR.</summary>
    internal AdministrationReference? Administration { get; init; }

    /// <summary>The name that the message has for the instrument, if it is not the code of one.</summary>
    internal InstrumentNaming? Named { get; init; }

    /// <summary>Its other identifiers.</summary>
    internal IReadOnlyList<SourceKey> OtherKeys { get; init; } = [];

    /// <summary>The response that the measure is from, whose versions replace each other as a whole; null for any other source.</summary>
    internal ResponseForms? Response { get; init; }

    /// <inheritdoc cref="Instruments.Administration.KeyedItems"/>
    internal IReadOnlyList<int>? KeyedItems { get; init; }

    /// <summary>Whether the version is the time of receipt or of an export: content equal to the current one is no new version then.</summary>
    internal bool IsVersionedByReceipt { get; init; }
}

/// <summary>The instruments of a response. With one of them the measure has the key of the response, with several each has a key derived from it.</summary>
/// <param name="Key">Key of the response.</param>
/// <param name="Instruments">Their codes; empty if the response is withdrawn.</param>
internal sealed record ResponseForms(string Key, IReadOnlyList<string> Instruments)
{
    public bool HasSeveral => Instruments.Count > 1;

}

/// <summary>A key of a measure in a source system.</summary>
/// <param name="SourceSystem">The source system.</param>
/// <param name="SourceId">The key.</param>
/// <param name="IsId">Whether it is the id of a FHIR resource.</param>
internal sealed record SourceKey(string SourceSystem, string SourceId, bool IsId = false);

/// <summary>A key of an administration, in addition to the keys of its measures.</summary>
/// <param name="SourceId">Another key of the measure; for a copy, the key of the original.</param>
/// <param name="IsCopy">Whether the measure repeats another one; the two are then counted once.</param>
internal sealed record AdministrationReference(string SourceId, bool IsCopy)
{
    /// <summary>The instrument of the original, if that is one of several forms of a response.</summary>
    public string? Form { get; init; }
}

internal enum MeasureStatus { Final, Amended, Corrected, EnteredInError, Preliminary, InProgress, Registered, Stopped, Cancelled, Unknown }
