using System.Text.Json;
using System.Text.Json.Serialization;

using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>A measure as stored: pseudonymised and scored.</summary>
internal sealed class SessionMeasure
{
    private SessionMeasure(Pseudonym key, Pseudonym? patient, MeasureContent content, byte[] contentHash, PatientScore? score)
    {
        (Key, Patient, Content, ContentHash, Score) = (key, patient, content, contentHash, score);
    }

    public Pseudonym Key { get; }

    /// <summary>The patient; null for a withdrawal, which may precede the first version of its measure.</summary>
    public Pseudonym? Patient { get; }

    public MeasureContent Content { get; }

    /// <summary>Keyed hash of the content as sent: equal measures have equal hashes.</summary>
    public byte[] ContentHash { get; }

    /// <summary>The score for stage 1; null for a withdrawal.</summary>
    public PatientScore? Score { get; }

    /// <summary>Scoring errors, which reject a new version. A version that is stored already is accepted: scoring rules change between releases.</summary>
    public IReadOnlyList<FieldError> Rejection { get; private init; } = [];

    /// <inheritdoc cref="MeasureRequest.IsVersionedByReceipt"/>
    public bool IsVersionedByReceipt { get; private init; }

    /// <summary>Day of the row of a CSV file; null in other formats.</summary>
    public Pseudonym? CsvDay { get; private init; }

    /// <summary>The keys of patient, session and therapist in the source systems that share them; null if none does.</summary>
    public LinkedKeys? Linked { get; private init; }

    /// <summary>From whom its patient comes, if this is the first measure; null for withdrawals.</summary>
    /// <inheritdoc cref="Associations.Provenance"/>
    public string? Provenance { get; init; }

    public long Version => Content.Version;

    public bool Withdraws => Patient is null;

    /// <summary>Scores and pseudonymises a validated measure.</summary>
    /// <returns>The measure, possibly with a <see cref="Rejection"/>, or all errors.</returns>
    public static (SessionMeasure? Measure, IReadOnlyList<FieldError> Errors) From(SessionRequest session, MeasureRequest request, IntakeContext context,
        string pointer)
    {
        var sourceSystem = session.SourceSystem!;
        var pseudonyms = context.Pseudonyms(sourceSystem);
        var provenance = context.ProvenanceOf(sourceSystem);
        var key = pseudonyms.Measure(request.SourceId);
        if (request.Status == MeasureStatus.EnteredInError)
        {
            return (Withdrawal(key, request.Version, sourceSystem, context.CreateContentHash()), []);
        }

        var (instrument, namedScale, error) = context.Instruments.FindDeclared(request.Instrument!, $"{pointer}/instrument");
        if (instrument is null)
        {
            return (null, [error!]);
        }

        request = request with { Scale = request.Scale ?? namedScale };

        var (scored, errors) = Scorer.Score(instrument, ToAdministration(request), pointer);
        if (instrument.FindScale(request.Scale ?? Instrument.Total) is not { } scale)
        {
            return (null, errors);
        }

        var content = new MeasureContent
        {
            Version = request.Version,
            Status = request.Status,
            SourceSystem = sourceSystem,
            Therapist = pseudonyms.Therapist(session.Therapist ?? context.Sources.Find(sourceSystem)?.Therapist).Bytes,
            Episode = pseudonyms.Episode(session.Episode).Bytes,
            Session = pseudonyms.Session(session.Session).Bytes,
            SessionNumber = session.SessionNumber,
            OccurredAt = OccurredAt(session, context).ToUniversalTime(),
            Instrument = instrument.Code,
            Rater = request.Rater,
            Scale = scale.Name,
            Items = request.Items,
            KeyedItems = request.KeyedItems,
            Administration = request.Administration is { } administration ? pseudonyms.Measure(administration.SourceId).Bytes : null,
            IsCopy = request.Administration?.IsCopy == true ? true : null,
        };
        var patient = pseudonyms.Patient(session.Patient!);
        // What was sent, without the defaults of the site, which may change between two requests.
        var sent = content with { Therapist = pseudonyms.Therapist(session.Therapist).Bytes, OccurredAt = session.OccurredAt };
        var hash = ComputeHash(context.CreateContentHash().Add(key.Bytes).Add(patient.Bytes), sent, request);
        content = scored is null ? content : content.WithScore(instrument, scored);
        return (new(key, patient, content, hash, scored is null ? null : content.ToPatientScore(key))
        {
            Linked = context.LinkedKeysOf(session), Provenance = provenance, Rejection = scored is null ? errors : [],
            IsVersionedByReceipt = request.IsVersionedByReceipt, CsvDay = session.CsvDay is { } day ? pseudonyms.CsvDay(day) : null,
        }, []);
    }

    // A day of a CSV file begins in the time zone of the file.
    private static DateTimeOffset OccurredAt(SessionRequest session, IntakeContext context) => session is { IsDay: true, CsvDay: null, OccurredAt: { } day }
        ? context.Sources.StartOf(DateOnly.FromDateTime(day.UtcDateTime), session.SourceSystem!, context.Sender.TimeZone) : session.OccurredAt!.Value;

    /// <summary>The withdrawal of a version and all lower ones.</summary>
    /// <param name="key">The measure.</param>
    /// <param name="version">The version.</param>
    /// <param name="sourceSystem">The source system.</param>
    /// <param name="hash">A hash of contents.</param>
    public static SessionMeasure Withdrawal(Pseudonym key, long version, string sourceSystem, KeyedHash hash) =>
        new(key, null, new() { Version = version, Status = MeasureStatus.EnteredInError, SourceSystem = sourceSystem },
            hash.Add(key.Bytes).Add("withdrawn").Finish(), null);

    /// <summary>All errors of the instrument and of scoring.</summary>
    public static IReadOnlyList<FieldError> Check(MeasureRequest request, InstrumentSet instruments, string pointer) =>
        request.Status == MeasureStatus.EnteredInError ? []
        : instruments.FindDeclared(request.Instrument!, $"{pointer}/instrument") is var (instrument, _, error) && instrument is null ? [error!]
        : Scorer.Score(instrument, ToAdministration(request), pointer).Errors;

    private static Administration ToAdministration(MeasureRequest request) => new()
    {
        Rater = request.Rater!.Value, Scale = request.Scale ?? Instrument.Total, Score = request.Score, Aggregation = request.Aggregation,
        Items = request.Items, KeyedItems = request.KeyedItems, Direction = request.Direction,
    };

    // Hashes the content as sent rather than as scored, as the scoring key may change between two requests.
    private static byte[] ComputeHash(KeyedHash hash, MeasureContent content, MeasureRequest request)
    {
        hash.Add(EnumNames<MeasureStatus>.Of(content.Status)).Add(content.Therapist).Add(content.Episode).Add(content.Session).Add(content.SessionNumber)
            .Add(content.OccurredAt!.Value.UtcTicks)
            .Add(content.Instrument).Add((long)content.Rater!.Value).Add(content.Scale).Add(request.Score).Add((long?)request.Aggregation)
            .Add((long?)request.Items?.Count);
        if (content.IsCopy == true)
        {
            hash.Add(content.Administration);
        }

        foreach (var item in request.Items ?? [])
        {
            hash.Add(item);
        }

        return hash.Finish();
    }
}

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
        var isFinal = Status is MeasureStatus.Final or MeasureStatus.Amended or MeasureStatus.Corrected;
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
