using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Sessions;

/// <summary>What was scored at one session of one patient, as the source system has it. Keys are the source's own; they are stored as keyed hashes,
/// and no member takes free text.</summary>
internal sealed record SessionRequest
{
    /// <summary>Names the sending system: its keys are unique within it.</summary>
    public required string SourceSystem { get; init; }

    /// <summary>The source's key of the patient. Needed unless every measure only withdraws one.</summary>
    public string? Patient { get; init; }

    /// <summary>The source's key of the therapist; those of unknown therapists count as clients of one.</summary>
    public string? Therapist { get; init; }

    /// <summary>The source's key of the treatment, where a patient can have several.</summary>
    public string? Episode { get; init; }

    /// <summary>The source's key of the session: scores of one session belong together, whenever they were given.
    /// Without it a score is never paired within a session.</summary>
    public string? Session { get; init; }

    /// <summary>Counted from 1 within the treatment.</summary>
    public long? SessionNumber { get; init; }

    /// <summary>With its offset. Needed unless every measure only withdraws one.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    public required IReadOnlyList<MeasureRequest> Measures { get; init; }
}

/// <summary>One score. Its natural key is site, source system and <c>sourceId</c>; a higher version replaces a lower one,
/// in whatever order they come.</summary>
internal sealed record MeasureRequest
{
    /// <summary>The source's key of the measure.</summary>
    public required string SourceId { get; init; }

    /// <summary>From 1.</summary>
    public required long Version { get; init; }

    /// <summary>final, amended and corrected are analysed; enteredInError withdraws the measure and needs nothing else; all others are held.</summary>
    public required MeasureStatus Status { get; init; }

    /// <summary>Code of the catalogue (<c>GET /instruments</c>), compared without case.</summary>
    public string? Instrument { get; init; }

    public ScoreRater? Rater { get; init; }

    /// <summary><c>total</c> when absent.</summary>
    public string? Scale { get; init; }

    public double? Score { get; init; }

    /// <summary>How <c>score</c> was formed; needed only where its range leaves a doubt.</summary>
    public ScoreAggregation? Aggregation { get; init; }

    /// <summary>Every item of the form in its order, null for a missing one. Beside <c>score</c> the two must agree.</summary>
    public IReadOnlyList<double?>? Items { get; init; }

    /// <summary>What the sender takes a higher score to mean; checked where it is given.</summary>
    public ScoreDirection? Direction { get; init; }

    /// <summary>Another key of the administration that this measure is of, or of which it is a copy. No member of JSON:
    /// the formats that have one give it.</summary>
    internal AdministrationReference? Administration { get; init; }
}

/// <summary>A key of an administration beside the keys of its measures.</summary>
/// <param name="SourceId">Another key of the measure; of a copy, the key of the measure that it was taken from.</param>
/// <param name="IsCopy">Whether the measure says over again what another one says: then the two count once.</param>
internal sealed record AdministrationReference(string SourceId, bool IsCopy);

internal enum MeasureStatus { Final, Amended, Corrected, EnteredInError, Preliminary, InProgress, Registered, Stopped, Cancelled, Unknown }
