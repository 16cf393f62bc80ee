using System.Text.Json;
using System.Text.Json.Serialization;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>The encrypted content of a measure.</summary>
internal sealed record MeasureContent
{
    public required long Version { get; init; }

    public required MeasureStatus Status { get; init; }

    public required string SourceSystem { get; init; }

    public byte[]? Therapist { get; init; }

    public byte[]? Episode { get; init; }

    public byte[]? Session { get; init; }

    public long? SessionNumber { get; init; }

    /// <summary>Whether the message named no therapist: it is a default or that of an encounter, which a later version of the encounter replaces.</summary>
    public bool? IsTherapistProvisional { get; init; }

    /// <inheritdoc cref="IsTherapistProvisional"/>
    public bool? IsEpisodeProvisional { get; init; }

    /// <inheritdoc cref="IsTherapistProvisional"/>
    public bool? IsSessionNumberProvisional { get; init; }

    public DateTimeOffset? OccurredAt { get; init; }

    public string? Instrument { get; init; }

    public long? InstrumentVersion { get; init; }

    public Construct? Construct { get; init; }

    public ScoreRater? Rater { get; init; }

    public string? Scale { get; init; }

    public IReadOnlyList<double?>? Items { get; init; }

    /// <summary>How the items were read; null if that makes no difference, and in versions stored by release 0.1.</summary>
    public ItemsAs? ItemsAs { get; init; }

    /// <inheritdoc cref="Instruments.Administration.KeyedItems"/>
    public IReadOnlyList<int>? KeyedItems { get; init; }

    public double? Score { get; init; }

    public double? Oriented { get; init; }

    public ScoreAggregation? Unit { get; init; }

    public long? ItemsAnswered { get; init; }

    public long? ItemsExpected { get; init; }

    public ScoringRule? ScoringRule { get; init; }

    public bool? Prorated { get; init; }

    public byte[]? Administration { get; init; }

    public bool? IsCopy { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, MeasureJsonContext.Default.MeasureContent);

    public static MeasureContent FromBytes(byte[] bytes) => JsonSerializer.Deserialize(bytes, MeasureJsonContext.Default.MeasureContent)!;

    /// <summary>Whether its score is unknown until the site declares how items of the instrument are sent.</summary>
    [JsonIgnore]
    public bool IsItemsAsUndeclared => Items is not null && ItemsAs is null && UndeclaredItems.ReversedInRelease01.Contains(Instrument);

    /// <summary>The content with defaults of its source system.</summary>
    public MeasureContent WithDefaults(Pseudonym therapist, DateTimeOffset occurredAt) => this with
    {
        OccurredAt = occurredAt,
        Therapist = new Pseudonym(Therapist!).IsNone ? therapist.Bytes : Therapist,
        IsTherapistProvisional = new Pseudonym(Therapist!).IsNone ? true : null,
    };

    /// <summary>The content with what the encounter of its session says; what the message itself said stays.</summary>
    /// <returns>The same instance if nothing changes.</returns>
    public MeasureContent WithEncounter(EncounterContent encounter)
    {
        var takesTherapist = IsReplaced(IsTherapistProvisional, Therapist, encounter.Therapist);
        var takesEpisode = IsReplaced(IsEpisodeProvisional, Episode, encounter.Episode);
        var takesNumber = (IsSessionNumberProvisional == true || SessionNumber is null) && SessionNumber != encounter.SessionNumber;
        return !(takesTherapist || takesEpisode || takesNumber) ? this : this with
        {
            Therapist = takesTherapist ? encounter.Therapist : Therapist,
            IsTherapistProvisional = takesTherapist ? true : IsTherapistProvisional,
            Episode = takesEpisode ? encounter.Episode : Episode,
            IsEpisodeProvisional = takesEpisode ? true : IsEpisodeProvisional,
            SessionNumber = takesNumber ? encounter.SessionNumber : SessionNumber,
            IsSessionNumberProvisional = takesNumber ? true : IsSessionNumberProvisional,
        };
    }

    private static bool IsReplaced(bool? isProvisional, byte[]? own, byte[]? ofEncounter) =>
        (isProvisional == true || own is null || new Pseudonym(own).IsNone) && !(own ?? Pseudonym.None.Bytes).AsSpan().SequenceEqual(ofEncounter);

    /// <summary>The content with a score.</summary>
    public MeasureContent WithScore(Instrument instrument, ScaleScore score) => this with
    {
        InstrumentVersion = instrument.Version,
        Construct = instrument.Construct,
        ItemsAs = Items is not null && instrument.Reversed.Count > 0 ? instrument.ItemsAs : null,
        Score = score.Value,
        Oriented = score.Oriented,
        Unit = score.Unit,
        ItemsAnswered = score.ItemsAnswered,
        ItemsExpected = score.ItemsExpected,
        ScoringRule = score.Rule,
        Prorated = score.Prorated,
    };

    /// <summary>The content of a form that is not finished and cannot be scored yet.</summary>
    public MeasureContent WithoutScore(Instrument instrument, ScaleDefinition scale) => this with
    {
        InstrumentVersion = instrument.Version,
        Construct = instrument.Construct,
        Unit = scale.Aggregations[0],
        ItemsAnswered = Items?.Count(i => i is not null) ?? 0,
        ItemsExpected = instrument.ItemCountOf(scale),
        Prorated = false,
    };

    /// <summary>Whether measures of a status are analysed; others are held.</summary>
    public static bool IsFinal(MeasureStatus status) => status is MeasureStatus.Final or MeasureStatus.Amended or MeasureStatus.Corrected;

    /// <summary>The content under another version of its instrument: scores are recomputed from items; a score without items stays.</summary>
    public MeasureContent Rescore(Instrument instrument)
    {
        if (Items is not null && instrument.Reversed.Count > 0 && Scorer.Score(instrument, new()
        {
            Rater = Rater!.Value, Scale = Scale!, Items = Items, KeyedItems = KeyedItems,
        }).Score is { } score)
        {
            return WithScore(instrument, score);
        }

        return this with { InstrumentVersion = instrument.Version, Construct = instrument.Construct };
    }

    /// <summary>The score for stage 1; only counted if its status is not final or its value is unknown.</summary>
    public PatientScore ToPatientScore(Pseudonym key)
    {
        var isFinal = IsFinal(Status);
        var score = isFinal && !IsItemsAsUndeclared
            ? new PatientScore(key, ScoreState.Analysed, new(Session!), new(Episode!), new(Therapist!), SessionNumber ?? 0, OccurredAt!.Value.UtcTicks,
                Oriented is null ? "" : EnumNames<Construct>.Of(Construct!.Value),
                new(Instrument!, InstrumentVersion!.Value, Scale!, EnumNames<ScoreRater>.Of(Rater!.Value)), Oriented ?? 0)
            : PatientScore.CountedOnly(key, isFinal ? ScoreState.ItemsAsUndeclared : ScoreState.Held);
        return score with { Administration = Administration is null ? Pseudonym.None : new(Administration), IsCopy = IsCopy == true };
    }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MeasureContent))]
internal sealed partial class MeasureJsonContext : JsonSerializerContext;
