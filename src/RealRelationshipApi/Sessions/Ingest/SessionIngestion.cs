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

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Validates, scores and pseudonymises sessions on the caller's thread, and stores them in a write transaction.</summary>
internal sealed class SessionIngestion(GroupCommitWriter writer, Database database, IValidator<SessionRequest> validator, InstrumentCatalogue catalogue,
    PrivacyKey privacy, ColumnEncryption encryption, Idempotency idempotency, IOptions<AssociationOptions> options, IOptions<DisclosureOptions> releaseOptions)
{
    /// <summary>Loads the current instruments of a tenant.</summary>
    internal async Task<InstrumentSet> LoadInstrumentsAsync(string tenant, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenReaderAsync(cancellationToken);
        return catalogue.GetInstruments(connection, tenant);
    }

    /// <summary>Prepares a parsed session; a malformed one keeps its errors.</summary>
    internal PreparedSession Prepare(ParsedSession session, InstrumentSet instruments, string tenant) =>
        session.Session is { } request ? Prepare(request, instruments, tenant) : new(session.Errors, []) { IsMalformed = true };

    /// <summary>Validates, scores and pseudonymises a session.</summary>
    /// <param name="request">The session.</param>
    /// <param name="instruments">The instruments of the tenant.</param>
    /// <param name="tenant">The site.</param>
    internal PreparedSession Prepare(SessionRequest request, InstrumentSet instruments, string tenant)
    {
        var errors = validator.GetErrors(request);
        var (own, ofMeasures) = SplitErrors(errors, request.Measures.Count);
        if (own.Count > 0 || request.Measures.Count == 0)
        {
            return new(request.Measures.Count == 0 && own.Count == 0 ? errors : [.. errors], []);
        }

        var measures = new PreparedMeasure[request.Measures.Count];
        for (var i = 0; i < measures.Length; i++)
        {
            var pointer = $"#/measures/{i}";
            measures[i] = ofMeasures[i] is { Count: > 0 } invalid
                ? new(request.Measures[i]?.SourceId, pointer, null, invalid)
                : Prepare(request, i, instruments, tenant, pointer);
        }

        return new([], measures);
    }

    /// <summary>Stores sessions in one transaction and returns when it is durable.</summary>
    internal Task<IReadOnlyList<SessionOutcome>> StoreAsync(string tenant, IReadOnlyList<PreparedSession> sessions, CancellationToken cancellationToken) =>
        writer.WriteAsync(transaction => Store(transaction, tenant, sessions), cancellationToken);

    /// <summary>Stores the sessions of a request once per Idempotency-Key.</summary>
    /// <param name="context">The request.</param>
    /// <param name="request">The key and body hash; null without an Idempotency-Key.</param>
    /// <param name="tenant">The site that the sessions belong to.</param>
    /// <param name="sessions">What to store.</param>
    /// <param name="isAtomic">Stores nothing if any measure is rejected.</param>
    internal Task<(IReadOnlyList<SessionOutcome>? Outcomes, Problem? Problem)> StoreOnceAsync(HttpContext context, IdempotentRequest? request, string tenant,
        IReadOnlyList<PreparedSession> sessions, bool isAtomic = false)
    {
        return idempotency.ExecuteOnceAsync(context, request,
            execute: transaction => isAtomic ? transaction.InSavepoint(() => Store(transaction, tenant, sessions), commitIf: IsComplete)
                : Store(transaction, tenant, sessions),
            // Only the statuses, so that no pseudonym is stored.
            toStored: outcomes => IsStored(outcomes)
                ? new(outcomes[0].Status, [.. outcomes.SelectMany(o => o.Measures).Select(m => (m.Outcome.Status, ""))]) : null,
            replay: (_, stored) => Replay(sessions, stored));

        static bool IsComplete(IReadOnlyList<SessionOutcome> outcomes) => outcomes.All(o => o.Status < 300);

        bool IsStored(IReadOnlyList<SessionOutcome> outcomes) =>
            (!isAtomic || IsComplete(outcomes)) && outcomes.Any(o => o.Measures.Any(m => m.Outcome.Status < 300));
    }

    /// <summary>Stores sessions in a given transaction.</summary>
    internal IReadOnlyList<SessionOutcome> Store(WriteTransaction transaction, string tenant, IReadOnlyList<PreparedSession> sessions)
    {
        var statistics = new SufficientStatistics(transaction, encryption, tenant, options.Value);
        var store = new MeasureStore(transaction, encryption, tenant, statistics);
        foreach (var measure in sessions.SelectMany(session => session.Measures).Select(measure => measure.Measure).OfType<SessionMeasure>())
        {
            store.Prefetch(measure);
        }

        SessionOutcome[] outcomes =
            [.. sessions.Select(session => new SessionOutcome(session.Errors, [.. session.Measures.Select(measure => new ProcessedMeasure(
            measure.SourceId,
                measure.Measure is { } known ? store.Store(known, measure.Pointer, measure.IfNoneExists)
                    : new(Problem.Invalid(measure.Errors).Kind.Status, measure.Errors)))]) { IsMalformed = session.IsMalformed })];
        var changed = statistics.Save();
        new DisclosureControl(transaction, encryption, tenant, releaseOptions.Value, options.Value).ReleaseIfSafe(changed.Values);
        return outcomes;
    }

    // The measures come from the repeated body; only their statuses were stored.
    private static IReadOnlyList<SessionOutcome> Replay(IReadOnlyList<PreparedSession> sessions, StoredResponse stored)
    {
        var statuses = new Queue<int>(stored.Items.Select(i => i.Status));
        return [
            .. sessions.Select(
                session =>
                    new SessionOutcome(session.Errors,
                        [.. session.Measures.Select(m => new ProcessedMeasure(m.SourceId, Replay(m, statuses.Dequeue())))]) { IsMalformed =
                            session.IsMalformed })];
    }

    private static MeasureOutcome Replay(PreparedMeasure measure, int status) =>
        new(status, status == StatusCodes.Status422UnprocessableEntity ? measure.Measure?.Rejection ?? measure.Errors : measure.Errors);

    private PreparedMeasure Prepare(SessionRequest request, int index, InstrumentSet instruments, string tenant, string pointer)
    {
        var (measure, errors) = SessionMeasure.From(request, request.Measures[index], instruments, privacy, tenant, pointer);
        return new(request.Measures[index].SourceId, pointer, measure, errors);
    }

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

    /// <summary>Whether the session could not be parsed.</summary>
    public bool IsMalformed { get; init; }
}

/// <summary>A measure that is ready to be stored, or its errors.</summary>
internal sealed record PreparedMeasure(string? SourceId, string Pointer, SessionMeasure? Measure, IReadOnlyList<FieldError> Errors)
{
    /// <summary>Whether to store the measure only if it has no version yet.</summary>
    public bool IfNoneExists { get; init; }
}

/// <summary>The outcome of a session.</summary>
internal sealed record SessionOutcome(IReadOnlyList<FieldError> Errors, IReadOnlyList<ProcessedMeasure> Measures)
{
    /// <inheritdoc cref="PreparedSession.IsMalformed"/>
    public bool IsMalformed { get; init; }

    public int Status
    {
        get
        {
            if (Errors.Count > 0)
            {
                return IsMalformed ? ProblemKind.Malformed.Status : Problem.Invalid(Errors).Kind.Status;
            }

            var statuses = Measures.Select(m => m.Outcome.Status).Distinct().ToList();
            return statuses.TrueForAll(s => s < 300) ? statuses.Max() : statuses.Count == 1 ? statuses[0] : StatusCodes.Status207MultiStatus;
        }
    }

    public IReadOnlyList<FieldError> AllErrors => [.. Errors, .. Measures.SelectMany(m => m.Outcome.Errors)];
}

internal sealed record ProcessedMeasure(string? SourceId, MeasureOutcome Outcome);
