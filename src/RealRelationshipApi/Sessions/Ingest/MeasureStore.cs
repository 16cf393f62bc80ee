using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Csv;
using RealRelationshipApi.Sessions.Erasure;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Stores measures in a write transaction. Each version is a row, the highest is current, and the final state does not depend on the order of
/// messages.</summary>
/// <remarks>A withdrawal ranks above the version with the same number.</remarks>
internal sealed class MeasureStore(WriteTransaction transaction, ColumnEncryption encryption, string tenant, SufficientStatistics statistics, KeyLinks links,
    PersonLinker linker, EncounterStore encounters)
{
    // Microseconds since 1970 in 1973: times of exports are above it, numbers of versions below.
    private const long FirstExport = 100_000_000_000_000;

    private const string OtherRowDetail =
        "is another score of the session, instrument, scale and rater of an earlier row or file of the same export: tell them apart by session, slot or "
            + "sourceId";

    private readonly ConflictLimit _conflicts = new(transaction, tenant);
    private readonly ResponseMeasures _responses = new(transaction, tenant);
    private readonly Dictionary<Pseudonym, QueuedResult<List<ErasureState>>> _pendingErasures = [];
    private readonly Dictionary<Pseudonym, QueuedResult<List<Row>>> _pendingVersions = [];

    /// <summary>Enqueues the queries of a measure, so that those of many measures are pipelined.</summary>
    public void Prefetch(SessionMeasure measure)
    {
        QueryVersions(measure.Key);
        if (measure.Response is { } response)
        {
            _responses.Prefetch(response);
        }

        foreach (var patient in KeysOf(measure))
        {
            QueryErasure(patient);
            statistics.Prefetch(patient);
            if (measure.Linked is not null)
            {
                links.Prefetch(patient);
            }
        }

        encounters.Prefetch(measure);
    }

    private static IReadOnlyList<Pseudonym> KeysOf(SessionMeasure measure) => measure.Linked?.Patients ?? (measure.Patient is { } own ? [own] : []);

    /// <summary>201 for a new version, 200 for one already stored, 409 for other content with the same version number, 410 for an erased patient, 429 for
    /// too many other contents.</summary>
    /// <param name="measure">The version to store.</param>
    /// <param name="pointer">Its JSON pointer in the request, for errors.</param>
    /// <param name="ifNoneExists">Stores nothing and returns 200 if the measure has any version.</param>
    public MeasureOutcome Store(SessionMeasure measure, string pointer, bool ifNoneExists = false)
    {
        var outcome = StoreOnce(measure, pointer, ifNoneExists);
        if (outcome.Status == StatusCodes.Status200OK && measure.Linked is { } keys)
        {
            linker.Link(keys);
            encounters.Move(measure);
        }

        if (outcome.Status < 300)
        {
            WithdrawOtherForms(measure);
        }

        return outcome;
    }

    /// <summary>The measure under the key that it is stored by; under its own if it is stored by none.</summary>
    public SessionMeasure FindStored(SessionMeasure measure, IReadOnlyList<SessionMeasure> alternatives) =>
        alternatives.Count == 0 || QueryVersions(measure.Key).Value.Count > 0 ? measure
            : alternatives.FirstOrDefault(a => QueryVersions(a.Key).Value.Count > 0) ?? measure;

    // A version of a response replaces the lower ones as a whole, and its withdrawal withdraws all of it, whichever comes first: what it has no measure of is
    // withdrawn up to the version before, so that a part that was rejected can still be sent.
    private void WithdrawOtherForms(SessionMeasure measure)
    {
        foreach (var other in StoredOthers(measure))
        {
            var rows = QueryVersions(other).Value;
            if (measure.Withdraws)
            {
                Withdraw(other, measure.Version);
            }
            else if (!measure.Response!.Present.Contains(other) && rows.FindLast(r => r.Version < measure.Version) is { Withdraws: 0 })
            {
                Withdraw(other, measure.Version - 1);
            }

            if (!measure.Withdraws && rows.FindLast(r => r.Withdraws == 0) is { } later && later.Version > measure.Version
                && QueryVersions(measure.Key).Value[^1].Version < later.Version)
            {
                Withdraw(measure.Key, later.Version - 1);
            }

            if (!measure.Withdraws && other == measure.Response!.Whole
                && rows.FindLast(r => r.Withdraws == 1 && r.Version >= measure.Version) is { } withdrawal)
            {
                Withdraw(measure.Key, withdrawal.Version);
            }
        }

        void Withdraw(Pseudonym key, long version) => StoreOnce(
            SessionMeasure.Withdrawal(key, version, measure.Content.SourceSystem, transaction.CreateHash(KeyPurposes.Measure)), "#", ifNoneExists: false);
    }

    // Also those that this request stored.
    private IReadOnlyList<Pseudonym> StoredOthers(SessionMeasure measure) => measure.Response is not { } response ? []
        : [.. _responses.FindStored(response).Concat(response.All.Where(_pendingVersions.ContainsKey)).Distinct()
            .Where(other => other != measure.Key && QueryVersions(other).Value.Count > 0)];

    private MeasureOutcome StoreOnce(SessionMeasure measure, string pointer, bool ifNoneExists)
    {
        if (KeysOf(measure).Any(key => QueryErasure(key).Value.Single().IsErased))
        {
            return new(StatusCodes.Status410Gone, [new(pointer, "erased", "belongs to a patient whose data were erased")]);
        }

        if (measure.IsContradictedInFile)
        {
            return new(StatusCodes.Status409Conflict, [new(pointer, "otherContent", OtherRowDetail)]);
        }

        var rows = QueryVersions(measure.Key).Value;
        if (ifNoneExists && (rows.Count > 0 || StoredOthers(measure).Any(other => !measure.Response!.Present.Contains(other))))
        {
            return new(StatusCodes.Status200OK, []);
        }

        if (rows is [.., { Withdraws: 1 } withdrawn] && withdrawn.Version == measure.ExportedAt)
        {
            return new(StatusCodes.Status409Conflict,
                [new(pointer, "withdrawnByExport", "was withdrawn by a complete file of the same exportedAt: send the file again with a later one")]);
        }

        if (FollowsWithdrawalByExport(measure, rows))
        {
            var stored = rows[^1];
            if (stored.Withdraws == 0
                && rows.Exists(r => (r == stored || r.Version == measure.Version) && measure.Hashes.Match(r.ContentHash, r.HashVersion)))
            {
                return new(StatusCodes.Status200OK, []);
            }

            measure = measure.WithVersion(measure.ExportedAt!.Value);
        }

        if (measure.IsVersionedByReceipt && rows is [.., { Withdraws: 0 } newest] && measure.Hashes.Match(newest.ContentHash, newest.HashVersion))
        {
            return new(StatusCodes.Status200OK, []);
        }

        var same = rows.Find(r => r.Version == measure.Version && r.Withdraws == (measure.Withdraws ? 1 : 0));
        if (same is not null && _conflicts.IsReached(measure))
        {
            return new(StatusCodes.Status429TooManyRequests,
                [new(pointer, "tooManyConflicts",
                    $"version {measure.Version} is stored, and {ConflictLimit.MaxPerDay} other contents were sent for it today: send a correction as a higher "
                        + "version")]);
        }

        if (same is not null && measure.Hashes.Match(same.ContentHash, same.HashVersion))
        {
            return new(StatusCodes.Status200OK, []);
        }

        if (measure.Rejection.Count > 0)
        {
            return new(Problem.Invalid(measure.Rejection).Kind.Status, measure.Rejection);
        }

        if (same is not null)
        {
            _conflicts.Add(measure);
            return new(StatusCodes.Status409Conflict,
                [new(pointer, "otherContent", measure is { IsVersionedByReceipt: true, CsvDay: not null }
                    ? OtherRowDetail
                    : $"version {measure.Version} is stored with other content: {ShortHash(same.ContentHash)} is stored, {ShortHash(measure.ContentHash)} "
                        + "was sent")])
            {
                Conflict = measure,
            };
        }

        measure = encounters.Complete(measure);
        Insert(measure);
        if (measure.Linked is { } keys)
        {
            linker.Link(keys);
        }

        var before = rows.FindLast(r => r.Patient is not null)?.Patient;
        AddToVersions(rows, measure);
        UpdatePatientRecord(rows, before, measure);
        UpdateCsvRow(rows, measure);
        return new(StatusCodes.Status201Created, []);
    }

    // A complete file withdraws at the time of its export, which is above the numbers that its rows have as versions. What comes after it is versioned by the
    // time of its own export, too.
    private static bool FollowsWithdrawalByExport(SessionMeasure measure, List<Row> rows) =>
        measure is { ExportedAt: { } exportedAt, IsVersionedByReceipt: false, Version: < FirstExport }
            && rows.Exists(r => r is { Withdraws: 1, Version: >= FirstExport } && r.Version < exportedAt);

    private QueuedResult<List<ErasureState>> QueryErasure(Pseudonym patient)
    {
        if (!_pendingErasures.TryGetValue(patient, out var erased))
        {
            erased = ErasureState.EnqueueQuery(transaction.ForTenant(tenant), patient);
            _pendingErasures.Add(patient, erased);
        }

        return erased;
    }

    // Sorted by version; a withdrawal follows the version with the same number.
    private QueuedResult<List<Row>> QueryVersions(Pseudonym measure)
    {
        if (!_pendingVersions.TryGetValue(measure, out var versions))
        {
            versions = transaction.ForTenant(tenant).EnqueueQuery<Row>(
                "SELECT version, withdraws, patient, content_hash AS ContentHash, hash_version AS HashVersion FROM measure_version "
                    + "WHERE tenant = @tenant AND measure = @measure ORDER BY version, withdraws",
                new { measure = measure.Bytes });
            _pendingVersions.Add(measure, versions);
        }

        return versions;
    }

    // A request may contain the same measure more than once.
    private static void AddToVersions(List<Row> rows, SessionMeasure measure)
    {
        var row = new Row(measure.Version, measure.Withdraws ? 1 : 0, measure.Patient?.Bytes, measure.ContentHash, ContentHashes.Current);
        rows.Insert(rows.FindLastIndex(r => (r.Version, r.Withdraws).CompareTo((row.Version, row.Withdraws)) < 0) + 1, row);
    }

    private void Insert(SessionMeasure measure)
    {
        var recorded = transaction.RecordChange(tenant, ChangeKind.Measured, $"measure/{Convert.ToHexStringLower(measure.Key.Bytes)}", measure.Version,
            _ => measure.ContentHash);
        transaction.ForTenant(tenant).Enqueue(
            """
            INSERT INTO measure_version (tenant, measure, version, withdraws, patient, log, recorded_at, content_hash, hash_version, sealed)
            VALUES (@tenant, @measure, @Version, @withdraws, @patient, @Number, @RecordedAt, @ContentHash, @Current, @content)
            """,
            new
            {
                measure = measure.Key.Bytes, measure.Version, withdraws = measure.Withdraws ? 1L
                    : 0L, patient = measure.Patient?.Bytes, recorded.Number, recorded.RecordedAt,
                measure.ContentHash, ContentHashes.Current,
                content = encryption.Encrypt(measure.Content.ToBytes(), tenant, EncryptedRowPaths.Measure(measure.Key, measure.Version, measure.Withdraws)),
            });
    }

    // The measure belongs to the patient of the highest version that is not a withdrawal, even if withdrawn.
    private void UpdatePatientRecord(List<Row> rows, byte[]? before, SessionMeasure measure)
    {
        if (rows.FindLast(r => r.Patient is not null) is not { } current)
        {
            return;
        }

        var person = links.PersonOf(new(current.Patient!));
        if (before is not null && links.PersonOf(new(before)) is var earlier && earlier != person)
        {
            statistics.GetPatient(earlier).Remove(measure.Key);
        }

        var record = statistics.GetPatient(person);
        if (record.IsEmpty)
        {
            record.Provenance = measure.Provenance;
        }

        if (!measure.Withdraws && measure.Version == current.Version)
        {
            record.Put(linker.Resolve(person, measure.Score!));
        }

        record.SetVersions(measure.Key, VersionCounts.Of(rows.ConvertAll(r => (r.Version, r.Withdraws == 1))));
    }

    // The row of a CSV file that a measure came from, until it is withdrawn.
    private void UpdateCsvRow(List<Row> rows, SessionMeasure measure)
    {
        if (rows[^1].Withdraws == 1)
        {
            transaction.ForTenant(tenant).Enqueue("DELETE FROM csv_measure WHERE tenant = @tenant AND measure = @measure", new { measure = measure.Key.Bytes });
        }
        else if (measure.CsvDay is { } day && rows[^1].Version == measure.Version)
        {
            transaction.ForTenant(tenant).Enqueue(
                "INSERT INTO csv_measure (tenant, measure, day, mac) VALUES (@tenant, @Measure, @Day, @Mac) ON CONFLICT (tenant, measure) DO UPDATE SET "
                    + "day = @Day, mac = @Mac",
                new CsvMeasureRow(tenant, measure.Key.Bytes, day.Bytes, null).Signed(transaction.CreateHash));
        }
    }

    private static string ShortHash(byte[] hash) => new Pseudonym(hash[..Pseudonym.Length]).ToString();

    private sealed record Row(long Version, long Withdraws, byte[]? Patient, byte[] ContentHash, long HashVersion);
}

/// <summary>The outcome of one measure.</summary>
internal sealed record MeasureOutcome(int Status, IReadOnlyList<FieldError> Errors)
{
    /// <summary>The measure if it contradicts a stored version; null otherwise.</summary>
    public SessionMeasure? Conflict { get; init; }
}
