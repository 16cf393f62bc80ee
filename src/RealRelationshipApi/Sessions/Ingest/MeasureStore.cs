using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Csv;
using RealRelationshipApi.Sessions.Erasure;
using RealRelationshipApi.Sessions.Identifiers;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Stores measures in a write transaction. Each version is a row, the highest is current, and the final state does not depend on the order of
/// messages.</summary>
/// <remarks>A withdrawal ranks above the version with the same number.</remarks>
internal sealed class MeasureStore(WriteTransaction transaction, string tenant, SufficientStatistics statistics, KeyLinks links, PersonLinker linker,
    EncounterStore encounters, MeasureVersions versions)
{
    // Microseconds since 1970 in 1973: times of exports are above it, numbers of versions below.
    private const long FirstExport = 100_000_000_000_000;

    private const string OtherRowDetail =
        "is another score of the session, instrument, scale and rater of an earlier row or file of the same export: tell them apart by session, slot or "
            + "sourceId";

    private const string SeveralMeasuresDetail =
        "its identifiers name several stored measures that differ in patient, instrument, scale, rater or time: withdraw those that are wrong, each by its own "
            + "identifier, and send this one again as a higher version";

    private const string SharedIdentifierDetail =
        "is shared by several stored measures, as the number of an order or a case: send an identifier, or the id, that only this one has";

    private readonly ConflictLimit _conflicts = new(transaction, tenant);
    private readonly MeasureIdentifiers _identifiers = new(transaction, tenant);
    private readonly Dictionary<Pseudonym, QueuedResult<List<ErasureState>>> _pendingErasures = [];

    private MeasureResolver Resolver => field ??= new(versions, _identifiers, links);

    /// <summary>Enqueues the queries of a measure, so that those of many measures are pipelined.</summary>
    public void Prefetch(SessionMeasure measure)
    {
        versions.Prefetch(measure);
        Resolver.Prefetch(measure);
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

    /// <summary>201 for a new version, 200 for one already stored, 409 for other content with the same version number or if its identifiers belong to
    /// several measures, 410 for an erased patient, 429 for too many other contents.</summary>
    /// <param name="sent">The version to store.</param>
    /// <param name="alternatives">The version under the other identifiers of its resource.</param>
    /// <param name="pointer">Its JSON pointer in the request, for errors.</param>
    /// <param name="ifNoneExists">Stores nothing and returns 200 if the measure has any version.</param>
    public MeasureOutcome Store(SessionMeasure sent, IReadOnlyList<SessionMeasure> alternatives, string pointer, bool ifNoneExists)
    {
        var identity = Resolver.Resolve(sent, alternatives);
        if (identity.Measure is not { } measure)
        {
            return new(StatusCodes.Status409Conflict, [new($"{pointer}/sourceId", "severalMeasures",
                ReferenceEquals(identity, MeasureIdentity.OfShared) ? SharedIdentifierDetail : SeveralMeasuresDetail)]);
        }

        var outcome = StoreOnce(measure, pointer, ifNoneExists) with { Key = measure.Key };
        if (outcome.Status == StatusCodes.Status200OK && measure.Linked is { } keys)
        {
            linker.Link(keys);
            encounters.Move(measure);
        }

        if (outcome.Status < 300 && !outcome.IsUnread)
        {
            WithdrawOtherForms(measure);
            Identify(measure, identity);
        }

        return outcome;
    }

    private void Identify(SessionMeasure measure, MeasureIdentity identity)
    {
        if (identity.Identifiers.Count + identity.Shared.Count + identity.Merged.Count == 0)
        {
            return;
        }

        var patient = versions.PatientOf(measure);
        foreach (var other in identity.Merged)
        {
            Merge(other, measure);
            _identifiers.Move(other.Root, measure.Root, patient);
        }

        foreach (var identifier in identity.Identifiers)
        {
            _identifiers.Add(identifier, measure.Root, patient);
        }

        foreach (var (identifier, other) in identity.Shared)
        {
            _identifiers.Share(identifier, (other, versions.PatientOf(measure.Under(other))), (measure.Root, patient));
        }
    }

    // The versions stay where they are: what they withdrew is withdrawn, and they are withdrawn themselves.
    private void Merge(SessionMeasure other, SessionMeasure measure)
    {
        foreach (var key in versions.KeysOf(other))
        {
            var rows = versions.Of(key);
            var kept = other.Response is { } response && key != response.Whole
                ? measure.Response!.All[response.All.Index().First(k => k.Item == key).Index] : measure.Root;
            if (rows.FindLast(r => r.Withdraws == 1) is { } withdrawal)
            {
                Withdraw(kept, withdrawal.Version, measure);
            }

            if (rows[^1].Withdraws == 0)
            {
                Withdraw(key, rows[^1].Version, measure);
            }
        }
    }

    private void Withdraw(Pseudonym key, long version, SessionMeasure cause) => StoreOnce(
        SessionMeasure.Withdrawal(key, version, cause.Content.SourceSystem, () => transaction.CreateHash(KeyPurposes.Measure)), "#", ifNoneExists: false);

    // A version of a response replaces the lower ones as a whole, and its withdrawal withdraws all of it, whichever comes first: what it has no measure of is
    // withdrawn up to the version before, so that a part that was rejected can still be sent.
    private void WithdrawOtherForms(SessionMeasure measure)
    {
        foreach (var other in versions.OthersOf(measure))
        {
            var rows = versions.Of(other);
            if (measure.Withdraws)
            {
                Withdraw(other, measure.Version, measure);
            }
            else if (!measure.Response!.Present.Contains(other) && rows.FindLast(r => r.Version < measure.Version) is { Withdraws: 0 })
            {
                Withdraw(other, measure.Version - 1, measure);
            }

            if (!measure.Withdraws && rows.FindLast(r => r.Withdraws == 0) is { } later && later.Version > measure.Version
                && versions.Of(measure.Key)[^1].Version < later.Version)
            {
                Withdraw(measure.Key, later.Version - 1, measure);
            }

            if (!measure.Withdraws && other == measure.Response!.Whole
                && rows.FindLast(r => r.Withdraws == 1 && r.Version >= measure.Version) is { } withdrawal)
            {
                Withdraw(measure.Key, withdrawal.Version, measure);
            }
        }
    }

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

        var rows = versions.Of(measure.Key);
        if (ifNoneExists && (rows.Count > 0 || versions.OthersOf(measure).Any(other => !measure.Response!.Present.Contains(other))))
        {
            return new(StatusCodes.Status200OK, []) { IsUnread = true };
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
                        + $"was sent. Send a correction as a higher version, such as {measure.Version + 1}")])
            {
                Conflict = measure,
            };
        }

        if (rows.Count > 0 && measure.IsUnchangedInExport)
        {
            return new(StatusCodes.Status409Conflict, [new(pointer, "otherContent", OtherRowDetail)]);
        }

        measure = encounters.Complete(measure);
        if (measure.Linked is { } keys)
        {
            linker.Link(keys);
        }

        var before = rows.FindLast(r => r.Patient is not null)?.Patient;
        versions.Insert(measure);
        UpdatePatientRecord(rows, before, measure);
        UpdateCsvRow(rows, measure);
        return new(StatusCodes.Status201Created, []);
    }

    // A complete file withdraws at the time of its export, which is above the numbers that its rows have as versions. What comes after it is versioned by the
    // time of its own export, too.
    private static bool FollowsWithdrawalByExport(SessionMeasure measure, List<MeasureVersionRow> rows) =>
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

    // The measure belongs to the patient of the highest version that is not a withdrawal, even if withdrawn.
    private void UpdatePatientRecord(List<MeasureVersionRow> rows, byte[]? before, SessionMeasure measure)
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

        if (rows.Count > 1 && !current.Patient.AsSpan().SequenceEqual(before))
        {
            _identifiers.SetPatient(measure.Root, before is null ? null : new(before), new(current.Patient!));
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
    private void UpdateCsvRow(List<MeasureVersionRow> rows, SessionMeasure measure)
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
}
