using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>A measure as stored: pseudonymised and scored.</summary>
internal sealed class SessionMeasure
{
    private PseudonymGenerator? _pseudonyms;

    private SessionMeasure(Pseudonym key, Pseudonym? patient, MeasureContent content, ContentHashes hashes, PatientScore? score)
    {
        (Key, Patient, Content, Hashes, Score) = (key, patient, content, hashes, score);
    }

    public Pseudonym Key { get; private set; }

    /// <summary>Key of the resource that it is from: that of the response of which it is a form, otherwise its own.</summary>
    public Pseudonym Root => Response?.Whole ?? Key;

    /// <summary>The patient; null for a withdrawal, which may precede the first version of its measure.</summary>
    public Pseudonym? Patient { get; }

    public MeasureContent Content { get; private set; }

    public ContentHashes Hashes { get; private set; }

    /// <summary>Keyed hash of the content as sent: equal measures have equal hashes.</summary>
    public byte[] ContentHash => Hashes.Value;

    /// <summary>The score for stage 1; null for a withdrawal.</summary>
    public PatientScore? Score { get; private set; }

    /// <summary>Scoring errors, which reject a new version. A version that is stored already is accepted: scoring rules change between releases.</summary>
    public IReadOnlyList<FieldError> Rejection { get; private init; } = [];

    /// <inheritdoc cref="MeasureRequest.IsVersionedByReceipt"/>
    public bool IsVersionedByReceipt { get; private init; }

    /// <summary>Day of the row of a CSV file; null in other formats.</summary>
    public Pseudonym? CsvDay { get; private init; }

    /// <summary>When the CSV file was exported that the measure is a row of: microseconds since 1970; null in other formats.</summary>
    public long? ExportedAt { get; private init; }

    /// <summary>Whether an earlier row of the same CSV file has other content under the same derived key.</summary>
    public bool IsContradictedInFile { get; set; }

    /// <summary>Whether an earlier file of the same export had the score as it was stored.</summary>
    public bool IsUnchangedInExport { get; set; }

    /// <summary>The keys of patient, session and therapist in the source systems that share them; null if none does.</summary>
    public LinkedKeys? Linked { get; private init; }

    /// <summary>The keys of the response that it is from; null for any other source.</summary>
    public ResponseKeys? Response { get; private set; }

    /// <summary>Whether <see cref="Root"/> is the id of the resource, which may be another one in each message.</summary>
    public bool IsById { get; private set; }

    /// <summary>The message in another source system; null if it names its own.</summary>
    public Func<string, SessionMeasure?>? InSystem { get; set; }

    /// <summary>The measure that it repeats: key of its resource, and its instrument if it is one of several forms; null if it repeats none.</summary>
    public (Pseudonym Root, string? Form)? Copied { get; private init; }

    /// <summary>From whom its patient comes, if this is the first measure; null for withdrawals.</summary>
    /// <inheritdoc cref="Associations.Provenance"/>
    public string? Provenance { get; init; }

    public long Version => Content.Version;

    public bool Withdraws => Patient is null;

    /// <summary>Scores and pseudonymises a validated measure.</summary>
    /// <returns>The measure, possibly with a <see cref="Rejection"/>, or all errors.</returns>
    public static (SessionMeasure? Measure, IReadOnlyList<FieldError> Errors) From(SessionRequest session, SessionKeys keys, MeasureRequest request,
        IntakeContext context, string pointer)
    {
        var sourceSystem = session.SourceSystem!;
        var response = request.Response is { } forms ? new ResponseKeys(keys.Pseudonyms.Measure(forms.Key), forms, keys.Pseudonyms, context.Instruments) : null;
        if (request.Status == MeasureStatus.EnteredInError)
        {
            var withdrawal = Withdrawal(keys.Pseudonyms.Measure(request.SourceId), request.Version, sourceSystem, context.CreateContentHash);
            withdrawal.Response = response;
            return (withdrawal, []);
        }

        var (instrument, namedScale, error) = context.Instruments.FindDeclared(request.Instrument!, $"{pointer}/instrument");
        if (instrument is null)
        {
            return (null, [error!]);
        }

        request = request with { Scale = request.Scale ?? namedScale, Named = request.Named ?? NamingOf(request, instrument, context) };
        var (scored, errors) = Scorer.Score(instrument, ToAdministration(request), pointer);
        errors = WithoutMissing(errors, request.Status);
        if (instrument.FindScale(request.Scale ?? Instrument.Total) is not { } scale)
        {
            return (null, errors);
        }

        var key = response?.KeyOf(request.Instrument!) ?? keys.Pseudonyms.Measure(request.SourceId);
        (Pseudonym Root, string? Form)? other = request.Administration is { } reference ? (keys.Pseudonyms.Measure(reference.SourceId), reference.Form) : null;
        // What was sent, without what may change between two requests.
        var sent = new MeasureContent
        {
            Version = request.Version,
            Status = request.Status,
            SourceSystem = sourceSystem,
            Therapist = keys.Therapist.Bytes,
            Episode = keys.Episode.Bytes,
            Session = keys.Session.Bytes,
            SessionNumber = session.SessionNumber,
            OccurredAt = session.SentAt ?? session.OccurredAt,
            Instrument = instrument.Code,
            Rater = request.Rater,
            Scale = scale.Name,
            Items = request.Items,
            KeyedItems = request.KeyedItems,
            Administration = other is var (root, form) ? (form is null ? root : keys.Pseudonyms.Form(root, form)).Bytes : null,
            IsCopy = request.Administration?.IsCopy == true ? true : null,
        };
        var patient = keys.Patient!.Value;
        var hashes = new ContentHashes(own => context.CreateContentHash().Add(own.Bytes).Add(patient.Bytes), key, sent, sent with
        {
            Therapist = keys.TherapistWithEncounter.Bytes,
            Episode = keys.EpisodeWithEncounter.Bytes,
            SessionNumber = session.SessionNumber ?? session.Encounter?.SessionNumber,
        }, request);
        var content = sent.WithDefaults(keys.DefaultTherapist, keys.OccurredAt!.Value);
        content = keys.Encounter is { } encounter ? content.WithEncounter(encounter) : content;
        content = scored is not null ? content.WithScore(instrument, scored) : errors.Count == 0 ? content.WithoutScore(instrument, scale) : content;
        return (new(key, patient, content, hashes, errors.Count > 0 ? null : content.ToPatientScore(key))
        {
            Response = response, Copied = request.Administration?.IsCopy == true ? other : null, _pseudonyms = keys.Pseudonyms,
            Linked = keys.Linked, Provenance = context.ProvenanceOf(sourceSystem), Rejection = errors,
            IsVersionedByReceipt = request.IsVersionedByReceipt, CsvDay = keys.CsvDay,
            ExportedAt = session.ExportedAt,
        }, []);
    }

    /// <summary>The withdrawal of a version and all lower ones.</summary>
    /// <param name="key">The measure.</param>
    /// <param name="version">The version.</param>
    /// <param name="sourceSystem">The source system.</param>
    /// <param name="createHash">Begins a hash of contents.</param>
    public static SessionMeasure Withdrawal(Pseudonym key, long version, string sourceSystem, Func<KeyedHash> createHash) =>
        new(key, null, new() { Version = version, Status = MeasureStatus.EnteredInError, SourceSystem = sourceSystem },
            ContentHashes.OfWithdrawal(own => createHash().Add(own.Bytes), key), null);

    /// <summary>The measure as another version.</summary>
    public SessionMeasure WithVersion(long version)
    {
        var copy = (SessionMeasure)MemberwiseClone();
        copy.Content = Content with { Version = version };
        return copy;
    }

    /// <summary>The measure under another key of its resource.</summary>
    /// <param name="root">The key.</param>
    /// <param name="isById">Whether that is its id.</param>
    public SessionMeasure Under(Pseudonym root, bool isById = false)
    {
        if (root == Root)
        {
            return this;
        }

        var copy = (SessionMeasure)MemberwiseClone();
        copy.Response = Response?.Under(root);
        copy.IsById = isById;
        copy.Key = Key == Root ? root : copy.Response!.KeyOf(Content.Instrument!);
        copy.Hashes = Hashes.Under(copy.Key);
        // Forms of a response belong together by its key.
        return copy.WithContent(Content.IsCopy != true && Content.Administration is { } own && new Pseudonym(own) == Root
            ? Content with { Administration = root.Bytes } : Content);
    }

    /// <summary>The measure as a copy of one with another key of its resource.</summary>
    public SessionMeasure CopyOf(Pseudonym root) => ((SessionMeasure)MemberwiseClone()).WithContent(Content with
    {
        Administration = (Copied!.Value.Form is { } form ? _pseudonyms!.Form(root, form) : root).Bytes,
    });

    private SessionMeasure WithContent(MeasureContent content)
    {
        (Content, Score) = (content, Score is null ? null : content.ToPatientScore(Key));
        return this;
    }

    /// <summary>The measure with what the encounter of its session says.</summary>
    public SessionMeasure WithEncounter(EncounterContent encounter)
    {
        var copy = (SessionMeasure)MemberwiseClone();
        return copy.WithContent(Content.WithEncounter(encounter));
    }

    /// <summary>All errors of the instrument and of scoring.</summary>
    public static IReadOnlyList<FieldError> Check(MeasureRequest request, InstrumentSet instruments, string pointer) =>
        request.Status == MeasureStatus.EnteredInError ? []
        : instruments.FindDeclared(request.Instrument!, $"{pointer}/instrument") is var (instrument, _, error) && instrument is null ? [error!]
        : WithoutMissing(Scorer.Score(instrument, ToAdministration(request), pointer).Errors, request.Status);

    // A form that is not finished may lack items, or all of them.
    private static IReadOnlyList<FieldError> WithoutMissing(IReadOnlyList<FieldError> errors, MeasureStatus status) => MeasureContent.IsFinal(status) ? errors
        : [.. errors.Where(e => e.Code is not (InstrumentErrorCodes.TooManyMissing or InstrumentErrorCodes.NothingToScore)
            && !(e.Code == InstrumentErrorCodes.NeedsScoringKey && e.Pointer.Contains("/items/", StringComparison.Ordinal)))];

    private static InstrumentNaming? NamingOf(MeasureRequest request, Instrument instrument, IntakeContext context)
    {
        if (instrument.Code.Equals(request.Instrument, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var (undeclared, scale, _) = context.UndeclaredInstruments.FindDeclared(request.Instrument!, "#");
        return new(request.Instrument!, request.Rater, request.Scale, undeclared is null, undeclared, request.Scale ?? scale ?? Instrument.Total);
    }

    private static Administration ToAdministration(MeasureRequest request) => new()
    {
        Rater = request.Rater!.Value, Scale = request.Scale ?? Instrument.Total, Score = request.Score, Aggregation = request.Aggregation,
        Items = request.Items, KeyedItems = request.KeyedItems, Direction = request.Direction,
    };
}
