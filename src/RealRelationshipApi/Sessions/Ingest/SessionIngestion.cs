using FluentValidation;

using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Sessions.Refusals;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Validates, scores and pseudonymises sessions on the caller's thread, and stores them in a write transaction.</summary>
internal sealed class SessionIngestion(GroupCommitWriter writer, Database database, IValidator<SessionRequest> validator, InstrumentCatalogue catalogue,
    SourceCatalogue sources, PrivacyKey privacy, ColumnEncryption encryption, Idempotency idempotency, IOptions<AssociationOptions> options,
    IOptions<DisclosureOptions> releaseOptions)
{
    /// <summary>Loads the current instruments and source systems of a sender.</summary>
    internal Task<IntakeContext> LoadContextAsync(Sender sender, CancellationToken cancellationToken) => database.ReadAsync(connection =>
    {
        var declared = sources.Read(connection, sender.Tenant);
        var instruments = catalogue.GetInstruments(connection, sender.Tenant);
        return new IntakeContext(sender, declared.NameIn(instruments), declared, privacy)
        {
            UndeclaredInstruments = instruments, HasProvenance = !releaseOptions.Value.CountsAsRelease01,
        };
    }, cancellationToken);

    /// <summary>Prepares a parsed session; one that could not be parsed keeps its errors.</summary>
    internal PreparedSession Prepare(ParsedSession session, IntakeContext context) =>
        session.Session is { } request ? Prepare(request, context, session.Errors) : new(session.Errors, []);

    /// <summary>Validates, scores and pseudonymises a session.</summary>
    /// <param name="request">The session.</param>
    /// <param name="context">The sender, and what its measurements are read with.</param>
    /// <param name="structural">Errors of structure that were found in parsing; members with one are unset.</param>
    internal PreparedSession Prepare(SessionRequest request, IntakeContext context, IReadOnlyList<FieldError>? structural = null)
    {
        request = request with { SourceSystem = request.SourceSystem ?? context.Sender.SourceSystem };
        var errors = validator.GetErrors(request);
        if (!context.Sender.MaySendFor(request.SourceSystem))
        {
            errors = [.. errors, new("#/sourceSystem", Sender.OtherSystemCode, context.Sender.OtherSystemDetail)];
        }

        if (structural is { Count: > 0 })
        {
            errors = [.. structural, .. errors.Where(e => !structural.Any(s => IsAtOrWithin(e.Pointer, s.Pointer)))];
        }

        var count = request.Measures?.Count ?? 0;
        var (own, ofMeasures) = SplitErrors(errors, count);
        if (own.Count > 0)
        {
            return new([.. errors, .. Enumerable.Range(0, count).Where(i => ofMeasures[i].Count == 0)
                .SelectMany(i => SessionMeasure.Check(request.Measures![i], context.Instruments, PointerOf(i)))], []);
        }

        var keys = new Lazy<SessionKeys>(() => context.KeysOf(request), LazyThreadSafetyMode.None);
        return new([], [.. Enumerable.Range(0, count).Select(i => ofMeasures[i].Count > 0
            ? new(request.Measures![i]?.SourceId, PointerOf(i), null, ofMeasures[i])
            : Prepare(request, keys.Value, i, context, PointerOf(i)))]);

        static string PointerOf(int measure) => $"#/measures/{measure}";
    }

    /// <summary>Pseudonymises an encounter.</summary>
    /// <param name="session">Patient, source system and encounter.</param>
    /// <param name="keys">The keys by which scores may refer to it.</param>
    /// <param name="version">The higher of two versions counts.</param>
    /// <param name="context">The sender.</param>
    internal static PreparedSession PrepareEncounter(SessionRequest session, IEnumerable<string> keys, long version, IntakeContext context)
    {
        var pseudonyms = context.Pseudonyms(session.SourceSystem!);
        return new([], [])
        {
            Encounter = new([.. keys.Select(key => new EncounterSession(pseudonyms.Session(key), context.LinkedKeysOf(session with { Session = key })))],
                pseudonyms.Patient(session.Patient!), version, context.ContentOf(session.Encounter!, session.SourceSystem!)),
        };
    }

    /// <summary>Stores sessions in one transaction and returns when it is durable.</summary>
    internal Task<IReadOnlyList<SessionOutcome>> StoreAsync(string tenant, IReadOnlyList<PreparedSession> sessions, BatchMode mode,
        CancellationToken cancellationToken) =>
        writer.WriteAsync(transaction => Store(transaction, tenant, sessions, mode), cancellationToken);

    /// <summary>Stores the sessions of a request once per Idempotency-Key.</summary>
    /// <param name="context">The request.</param>
    /// <param name="request">The key and body hash; null without an Idempotency-Key.</param>
    /// <param name="tenant">The site that the sessions belong to.</param>
    /// <param name="sessions">What to store.</param>
    /// <param name="mode">Whether to store all or nothing, or nothing at all.</param>
    internal Task<(IReadOnlyList<SessionOutcome>? Outcomes, Problem? Problem)> StoreOnceAsync(HttpContext context, IdempotentRequest? request, string tenant,
        IReadOnlyList<PreparedSession> sessions, BatchMode mode)
    {
        return idempotency.ExecuteOnceAsync(context, mode.ValidateOnly ? null : request,
            execute: transaction => Store(transaction, tenant, sessions, mode),
            // Only the statuses, so that no pseudonym is stored.
            toStored: outcomes => IsStored(outcomes)
                ? new(outcomes[0].Status, [.. outcomes.SelectMany(o => o.Measures).Select(m => (m.Outcome.Status, ""))]) : null,
            replay: (_, stored) => Replay(sessions, stored));

        static bool IsStored(IReadOnlyList<SessionOutcome> outcomes) => outcomes.Any(o => o.IsAccepted);
    }

    // Checks against the store even if nothing is to be stored, so that conflicts are found.
    private IReadOnlyList<SessionOutcome> Store(WriteTransaction transaction, string tenant, IReadOnlyList<PreparedSession> sessions, BatchMode mode)
    {
        if (mode is { Atomic: false, ValidateOnly: false })
        {
            return Store(transaction, tenant, sessions);
        }

        var outcomes = transaction.InSavepoint(() => StoreMeasures(transaction, tenant, sessions),
            commitIf: all => !mode.ValidateOnly && all.All(o => o.IsComplete));
        RecordConflicts(transaction, tenant, outcomes);
        if (!mode.ValidateOnly)
        {
            RefusalCounts.Record(transaction, tenant, outcomes);
        }

        var isBatchAccepted = outcomes.All(o => o.IsComplete);
        return [.. outcomes.Select(o => o with
        {
            Measures = [.. o.Measures.Select(m => m with
            {
                Outcome = m.Outcome with { Status = mode.StatusOf(m.Outcome.Status, m.Outcome.Status < 300, isBatchAccepted) },
            })],
        })];
    }

    /// <summary>Stores sessions in a given transaction.</summary>
    internal IReadOnlyList<SessionOutcome> Store(WriteTransaction transaction, string tenant, IReadOnlyList<PreparedSession> sessions)
    {
        var outcomes = StoreMeasures(transaction, tenant, sessions);
        RecordConflicts(transaction, tenant, outcomes);
        RefusalCounts.Record(transaction, tenant, outcomes);
        return outcomes;
    }

    // Durable even if nothing else of the request is.
    private static void RecordConflicts(WriteTransaction transaction, string tenant, IReadOnlyList<SessionOutcome> outcomes) =>
        ConflictLimit.Record(transaction, tenant, outcomes.SelectMany(o => o.Measures).Select(m => m.Outcome.Conflict).OfType<SessionMeasure>());

    private IReadOnlyList<SessionOutcome> StoreMeasures(WriteTransaction transaction, string tenant, IReadOnlyList<PreparedSession> sessions)
    {
        var statistics = new SufficientStatistics(transaction, encryption, tenant, options.Value);
        var links = new KeyLinks(transaction, tenant);
        var linker = new PersonLinker(transaction, encryption, tenant, links, statistics);
        var encounters = new EncounterStore(transaction, encryption, tenant, statistics, links, linker);
        var store = new MeasureStore(transaction, tenant, statistics, links, linker, encounters, new(transaction, encryption, tenant));
        foreach (var measure in sessions.SelectMany(session => session.Measures).SelectMany(m => m.Alternatives.Prepend(m.Measure)).OfType<SessionMeasure>())
        {
            store.Prefetch(measure);
        }

        SessionOutcome[] outcomes = [.. sessions.Select(session => new SessionOutcome(session.Errors,
        [
            .. session.Measures.Select(measure => new ProcessedMeasure(measure.SourceId, Store(store, measure))),
            .. session.Encounter is { } encounter ? new[] { new ProcessedMeasure(null, encounters.Store(encounter)) } : [],
        ]))];
        linker.Complete();
        var changed = statistics.Save();
        var release = new DisclosureControl(transaction, encryption, tenant, releaseOptions.Value, options.Value);
        release.WithdrawDepleted(changed.Values);
        release.ReleaseIfSafe(changed.Values);
        return outcomes;
    }

    private static MeasureOutcome Store(MeasureStore store, PreparedMeasure measure) => measure.Measure is { } known
        ? store.Store(known, measure.Alternatives, measure.Pointer, measure.IfNoneExists)
        : new(Problem.Invalid(measure.Errors).Kind.Status, measure.Errors);

    // The measures come from the repeated body; only their statuses were stored.
    private static IReadOnlyList<SessionOutcome> Replay(IReadOnlyList<PreparedSession> sessions, StoredResponse stored)
    {
        var statuses = new Queue<int>(stored.Items.Select(i => i.Status));
        return [.. sessions.Select(session => new SessionOutcome(session.Errors,
        [
            .. session.Measures.Select(m => new ProcessedMeasure(m.SourceId, Replay(m, statuses.Dequeue()))),
            .. session.Encounter is null ? [] : new[] { new ProcessedMeasure(null, new(statuses.Dequeue(), [])) },
        ]))];
    }

    private static MeasureOutcome Replay(PreparedMeasure measure, int status) =>
        new(status, status == StatusCodes.Status422UnprocessableEntity ? measure.Measure?.Rejection ?? measure.Errors : measure.Errors);

    private static PreparedMeasure Prepare(SessionRequest request, SessionKeys keys, int index, IntakeContext context, string pointer)
    {
        var sent = request.Measures[index];
        var (measure, errors) = SessionMeasure.From(request, keys, sent, context, pointer);
        if (measure is not null && request.IsSourceDerived)
        {
            measure.InSystem = system => From(request with { SourceSystem = system }, sent, context, pointer);
        }

        return new(sent.SourceId, pointer, measure, errors)
        {
            Alternatives = measure is null ? []
                : [.. sent.OtherKeys.Where(key => SourceKeyRules.IsKey(key.SourceId) && context.Sender.MaySendFor(key.SourceSystem))
                    .Select(key => key.SourceSystem == request.SourceSystem ? measure.Under(keys.Pseudonyms.Measure(key.SourceId), key.IsId)
                        : From(request with { SourceSystem = key.SourceSystem }, sent with { SourceId = key.SourceId }, context, pointer))
                    .OfType<SessionMeasure>()],
        };
    }

    // The measure under another key, perhaps of another source system.
    private static SessionMeasure? From(SessionRequest request, MeasureRequest sent, IntakeContext context, string pointer) =>
        SessionMeasure.From(request, context.KeysOf(request), sent, context, pointer).Measure;

    private static bool IsAtOrWithin(string pointer, string other) =>
        pointer.StartsWith(other, StringComparison.Ordinal) && (pointer.Length == other.Length || pointer[other.Length] == '/');

    // Errors of a measure do not affect the others; errors of the session affect all.
    private static (List<FieldError> Own, List<FieldError>[] OfMeasures) SplitErrors(IReadOnlyList<FieldError> errors, int measures)
    {
        var own = new List<FieldError>();
        var ofMeasures = new List<FieldError>[measures];
        for (var i = 0; i < measures; i++)
        {
            ofMeasures[i] = [];
        }

        foreach (var error in errors)
        {
            var parts = error.Pointer.Split('/');
            if (parts is ["#", "measures", var index, ..] && int.TryParse(index, out var i) && i < measures)
            {
                ofMeasures[i].Add(error);
            }
            else
            {
                own.Add(error);
            }
        }

        return (own, ofMeasures);
    }
}

/// <summary>A session that is ready to be stored, or its own errors.</summary>
internal sealed record PreparedSession(IReadOnlyList<FieldError> Errors, IReadOnlyList<PreparedMeasure> Measures)
{
    /// <inheritdoc cref="ParsedSession.Line"/>
    public long Line { get; init; }

    /// <summary>An encounter in place of measures.</summary>
    public SessionEncounter? Encounter { get; init; }
}

/// <summary>A measure that is ready to be stored, or its errors.</summary>
internal sealed record PreparedMeasure(string? SourceId, string Pointer, SessionMeasure? Measure, IReadOnlyList<FieldError> Errors)
{
    /// <summary>Whether to store the measure only if it has no version yet.</summary>
    public bool IfNoneExists { get; init; }

    /// <summary>The measure under its other identifiers.</summary>
    public IReadOnlyList<SessionMeasure> Alternatives { get; init; } = [];
}

/// <summary>The outcome of a session.</summary>
internal sealed record SessionOutcome(IReadOnlyList<FieldError> Errors, IReadOnlyList<ProcessedMeasure> Measures)
{
    /// <summary>Status of its errors or of its only measure; of several measures 201 or 200 if all were accepted, otherwise 207. The session of an erased
    /// patient is 410.</summary>
    public int Status => Errors.Count > 0 ? Problem.Invalid(Errors).Kind.Status
        : Measures is [var only] ? only.Outcome.Status
        : Measures.All(m => m.Outcome.Status == StatusCodes.Status410Gone) ? StatusCodes.Status410Gone
        : BatchMode.StatusOf(Measures.Count(m => m.Outcome.Status == StatusCodes.Status201Created), Measures.Count(m => m.Outcome.Status >= 300));

    /// <summary>Whether a measure was accepted.</summary>
    public bool IsAccepted => Measures.Any(m => m.Outcome.Status < 300);

    /// <summary>Whether all measures were accepted.</summary>
    public bool IsComplete => Errors.Count == 0 && Measures.All(m => m.Outcome.Status < 300);

    /// <summary>The outcome with each error mapped.</summary>
    public SessionOutcome MapErrors(Func<FieldError, FieldError> map) => AllErrors.Count == 0 ? this : new([.. Errors.Select(map)],
        [.. Measures.Select(m => m with { Outcome = m.Outcome with { Errors = [.. m.Outcome.Errors.Select(map)] } })]);

    public IReadOnlyList<FieldError> AllErrors => [.. Errors, .. Measures.SelectMany(m => m.Outcome.Errors)];
}

internal sealed record ProcessedMeasure(string? SourceId, MeasureOutcome Outcome);
