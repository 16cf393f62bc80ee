using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Erasure;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Stores what encounters say, and moves the stored scores of their sessions; the final state does not depend on the order of messages.</summary>
internal sealed class EncounterStore(WriteTransaction transaction, ColumnEncryption encryption, string tenant, SufficientStatistics statistics, KeyLinks links,
    PersonLinker linker)
{
    private readonly Dictionary<Pseudonym, QueuedResult<List<Row>>> _pending = [];

    private readonly QueuedResult<List<byte[]>> _any = transaction.ForTenant(tenant)
        .EnqueueQuery<byte[]>("SELECT session FROM session_encounter WHERE tenant = @tenant LIMIT 1");

    private bool _hasWritten;

    private bool HasEncounters => _hasWritten || _any.Value.Count > 0;

    public static string RowPath(Pseudonym session) => $"session_encounter/{Convert.ToHexStringLower(session.Bytes)}";

    /// <summary>Enqueues the queries of a measure for <see cref="Complete"/>.</summary>
    public void Prefetch(SessionMeasure measure)
    {
        if (HasEncounters)
        {
            foreach (var session in SessionsOf(measure))
            {
                Query(session);
            }
        }
    }

    /// <summary>The measure with what the encounter of its session says, if that is stored under a key of the session.</summary>
    public SessionMeasure Complete(SessionMeasure measure)
    {
        if (!HasEncounters)
        {
            return measure;
        }

        return Find(SessionsOf(measure)) is { } encounter ? measure.WithEncounter(encounter) : measure;
    }

    /// <summary>Moves a stored score whose keys were linked after it was stored.</summary>
    public void Move(SessionMeasure measure)
    {
        if (HasEncounters && measure.Patient is { } patient && Find(SessionsOf(measure)) is { } encounter)
        {
            var person = links.PersonOf(patient);
            if (statistics.GetPatient(person).All.FirstOrDefault(s => s.Measure == measure.Key) is { } score)
            {
                Move(person, score, encounter, [.. SessionsOf(measure)]);
            }
        }
    }

    /// <summary>Stores an encounter unless a higher version is stored.</summary>
    /// <returns>200, or 410 if its patient was erased.</returns>
    public MeasureOutcome Store(SessionEncounter encounter)
    {
        IEnumerable<Pseudonym> patients = encounter.Sessions[0].Linked?.Patients ?? [encounter.Patient];
        if (patients.Any(patient => ErasureState.EnqueueQuery(transaction.ForTenant(tenant), patient).Value.Single().IsErased))
        {
            return new(StatusCodes.Status410Gone, [new("#", "erased", "belongs to a patient whose data were erased")]);
        }

        foreach (var session in encounter.Sessions)
        {
            if (session.Linked is { } keys)
            {
                linker.Link(keys);
            }

            if (Query(session.Key).Value is not [var known] || known.Version < encounter.Version)
            {
                Write(encounter, session.Key);
                MoveScores(encounter, session, encounter.Content);
            }
            else if (session.Linked is not null)
            {
                MoveScores(encounter, session, Decrypt(session.Key, known));
            }
        }

        return new(StatusCodes.Status200OK, []);
    }

    private static IEnumerable<Pseudonym> SessionsOf(SessionMeasure measure) => measure.Content.Session is not { } own || new Pseudonym(own).IsNone ? []
        : measure.Linked?.Sessions ?? [new(own)];

    private void Write(SessionEncounter encounter, Pseudonym session)
    {
        transaction.ForTenant(tenant).Enqueue(
            """
            INSERT INTO session_encounter (tenant, session, patient, version, sealed) VALUES (@tenant, @session, @patient, @Version, @content)
            ON CONFLICT (tenant, session) DO UPDATE SET patient = @patient, version = @Version, sealed = @content
            """,
            new
            {
                session = session.Bytes, patient = encounter.Patient.Bytes, encounter.Version,
                content = encryption.Encrypt((encounter.Content with { Version = encounter.Version, Patient = encounter.Patient.Bytes }).ToBytes(), tenant,
                    RowPath(session)),
            });
        _pending.Remove(session);
        _hasWritten = true;
    }

    private void MoveScores(SessionEncounter encounter, EncounterSession session, EncounterContent content)
    {
        var person = links.PersonOf(encounter.Patient);
        var keys = (session.Linked?.Sessions ?? [session.Key]).ToHashSet();
        var linked = keys.Select(key => links.SessionOf(person, key)).ToHashSet();
        // A score that is only counted has no session in the record.
        foreach (var score in statistics.GetPatient(person).All
            .Where(s => s.State != ScoreState.Retracted && (s.State != ScoreState.Analysed || linked.Contains(s.Session))).ToList())
        {
            Move(person, score, content, keys);
        }
    }

    private void Move(Pseudonym person, PatientScore score, EncounterContent encounter, HashSet<Pseudonym> sessions)
    {
        var stored = transaction.ForTenant(tenant).EnqueueQuery<Row>(
            "SELECT version, sealed AS Content FROM measure_version WHERE tenant = @tenant AND measure = @measure AND withdraws = 0 "
                + "ORDER BY version DESC LIMIT 1", new { measure = score.Measure.Bytes }).Value.Single();
        var path = EncryptedRowPaths.Measure(score.Measure, stored.Version, withdraws: false);
        var content = MeasureContent.FromBytes(encryption.Decrypt(stored.Content, tenant, path));
        var completed = content.WithEncounter(encounter);
        if (ReferenceEquals(content, completed) || !sessions.Contains(new(content.Session!)))
        {
            return;
        }

        transaction.ForTenant(tenant).Enqueue(
            "UPDATE measure_version SET sealed = @content WHERE tenant = @tenant AND measure = @measure AND version = @Version AND withdraws = 0",
            new { measure = score.Measure.Bytes, stored.Version, content = encryption.Encrypt(completed.ToBytes(), tenant, path) });
        statistics.GetPatient(person).Rescore(linker.Resolve(person, completed.ToPatientScore(score.Measure)));
    }

    private EncounterContent? Find(IEnumerable<Pseudonym> sessions) =>
        sessions.SelectMany(session => Query(session).Value.Select(row => (Session: session, Row: row)))
            .OrderByDescending(found => found.Row.Version).FirstOrDefault() is ({ } key, { } row) ? Decrypt(key, row) : null;

    private QueuedResult<List<Row>> Query(Pseudonym session) => _pending.TryGetValue(session, out var queued) ? queued
        : _pending[session] = transaction.ForTenant(tenant).EnqueueQuery<Row>(
            "SELECT version, sealed AS Content FROM session_encounter WHERE tenant = @tenant AND session = @session", new { session = session.Bytes });

    private EncounterContent Decrypt(Pseudonym session, Row row) => EncounterContent.FromBytes(encryption.Decrypt(row.Content, tenant, RowPath(session)));

    private sealed record Row(long Version, byte[] Content);
}
