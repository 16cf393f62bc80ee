using System.Data.Common;

using Dapper;

using Microsoft.Extensions.Options;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions;

/// <summary>Verifies stored measures against the change log, and the records and running sums of each site against a rebuild from its measures.</summary>
internal sealed class SessionIntegrityCheck(ColumnEncryption encryption, IOptions<AssociationOptions> options) : IntegrityCheck
{
    private const int PageLength = 500;

    private const string VersionsSql = """
        SELECT v.tenant, v.measure, v.version, v.withdraws, v.log, v.content_hash AS ContentHash,
          s.subject, s.version AS WrittenVersion, s.content_hash AS WrittenHash
        FROM measure_version v LEFT JOIN change_subject s ON s.number = v.log
        WHERE (v.tenant, v.measure, v.version, v.withdraws) > (@Tenant, @Measure, @Version, @Withdraws)
        ORDER BY v.tenant, v.measure, v.version, v.withdraws LIMIT @PageLength
        """;

    // The highest version of each measure that is not a withdrawal, even if withdrawn.
    private const string CurrentMeasuresSql = """
        SELECT v.patient, v.measure, v.version, v.sealed AS Content,
          CAST(CASE WHEN EXISTS (SELECT 1 FROM measure_version w
            WHERE w.tenant = v.tenant AND w.measure = v.measure AND w.withdraws = 1 AND w.version >= v.version) THEN 1 ELSE 0 END AS bigint) AS Withdrawn
        FROM measure_version v
        WHERE v.tenant = @tenant AND v.patient >= @first AND v.patient <= @last AND v.withdraws = 0
          AND NOT EXISTS (SELECT 1 FROM measure_version later
            WHERE later.tenant = v.tenant AND later.measure = v.measure AND later.withdraws = 0 AND later.version > v.version)
        ORDER BY v.patient, v.measure
        """;

    public override string Name => "the sessions";

    public override void Run(DbConnection connection, VerificationResult result)
    {
        CheckVersions(connection, result);
        foreach (var tenant in connection.Query<string>(
            "SELECT tenant FROM measure_version UNION SELECT tenant FROM patient_record UNION SELECT tenant FROM stratum_sum ORDER BY tenant").ToList())
        {
            new SiteRebuild(connection, encryption, tenant, options.Value.OutcomeWindow, result).Run();
        }
    }

    private static void CheckVersions(DbConnection connection, VerificationResult result)
    {
        var rows = 0L;
        for (var page = Page(new("", [], 0, 0, 0, [], null, null, null)); page.Count > 0; page = Page(page[^1]))
        {
            rows += page.Count;
            foreach (var row in page.Where(
                row =>
                    row.Subject != $"measure/{Convert.ToHexStringLower(row.Measure)}" || row.WrittenVersion != row.Version
                        || row.WrittenHash?.AsSpan().SequenceEqual(row.ContentHash) != true))
            {
                result.AddError($"Version {row.Version} of measure {new Pseudonym(row.Measure)} is not what change {row.Log} wrote.");
            }
        }

        var written = connection.ExecuteScalar<long>("SELECT count(*) FROM change c JOIN change_subject s ON s.number = c.number WHERE c.kind = @kind",
            new { kind = ChangeKinds.Measured });
        if (written != rows)
        {
            result.AddError($"The log knows of {written} versions of measures, and {rows} are stored.");
        }

        List<VersionRow> Page(VersionRow after) =>
            connection.Query<VersionRow>(VersionsSql, new { after.Tenant, after.Measure, after.Version, after.Withdraws, PageLength }).AsList();
    }

    /// <summary>Recomputes one site.</summary>
    private sealed class SiteRebuild(DbConnection connection, ColumnEncryption encryption, string tenant, OutcomeWindow window, VerificationResult result)
    {
        private readonly Dictionary<(string Cell, Pseudonym Stratum), TherapistSums> _therapistSums = [];
        private readonly long[] _excluded = new long[Exclusions.Reasons.Length];
        private long _mismatchedRecords;

        public void Run()
        {
            for (var patients = ReadPatients([]); patients.Count > 0; patients = ReadPatients(patients[^1]))
            {
                var parameters = new { tenant, first = patients[0], last = patients[^1] };
                var current = connection.Query<CurrentRow>(CurrentMeasuresSql, parameters).ToLookup(row => new Pseudonym(row.Patient));
                var stored =
                    connection.Query<StoredRow>(
                        "SELECT patient, sealed AS Content FROM patient_record WHERE tenant = @tenant AND patient >= @first AND patient <= @last", parameters)
                    .ToDictionary(row => new Pseudonym(row.Patient), row => row.Content);
                foreach (var patient in patients.Select(bytes => new Pseudonym(bytes)))
                {
                    AddPatient(patient, current[patient], stored.GetValueOrDefault(patient));
                }
            }

            if (_mismatchedRecords > 0)
            {
                result.AddError($"{_mismatchedRecords} records of patients of site '{tenant}' are not what their measures give.");
            }

            CheckSums();
        }

        // Patients with measures or a record; each must have both.
        private List<byte[]> ReadPatients(byte[] after) => connection.Query<byte[]>(
            """
            SELECT patient FROM measure_version WHERE tenant = @tenant AND patient > @after
            UNION SELECT patient FROM patient_record WHERE tenant = @tenant AND patient > @after
            ORDER BY patient LIMIT @PageLength
            """, new { tenant, after, PageLength }).AsList();

        private void AddPatient(Pseudonym patient, IEnumerable<CurrentRow> current, byte[]? stored)
        {
            var rebuilt = new PatientRecord();
            foreach (var row in current)
            {
                var measure = new Pseudonym(row.Measure);
                var score = MeasureContent.FromBytes(encryption.Decrypt(row.Content, tenant, EncryptedRowPaths.Measure(measure, row.Version, withdraws: false)))
                    .ToPatientScore(measure);
                rebuilt.Put(row.Withdrawn == 1 ? score.Retracted() : score);
            }

            var record = stored is null ? new PatientRecord() : PatientRecord.FromBytes(encryption.Decrypt(stored, tenant, EncryptedRowPaths.Patient(patient)));
            var shares = PatientContributions.Compute(rebuilt, window);
            // A patient is either a member of a cell or withheld from it.
            var cells = record.MemberSince.Keys.Concat(record.WithheldCells.Where(shares.ByAssociation.ContainsKey)).Order(StringComparer.Ordinal);
            _mismatchedRecords += record.Scores.SequenceEqual(rebuilt.Scores) && cells.SequenceEqual(shares.ByAssociation.Keys, StringComparer.Ordinal) ? 0 : 1;
            foreach (var (cell, share) in shares.ByAssociation)
            {
                if (!_therapistSums.TryGetValue((cell, share.Therapist), out var stratum))
                {
                    _therapistSums.Add((cell, share.Therapist), stratum = new());
                }

                var isOut = record.WithheldCells.Contains(cell);
                stratum.Add(share, isOut);
                (stratum.WithheldClients, stratum.NewSinceRelease) = (stratum.WithheldClients + (isOut ? 1 : 0), stratum.NewSinceRelease + (isOut ? 0 : 1));
            }

            for (var i = 0; i < _excluded.Length; i++)
            {
                _excluded[i] += shares.Excluded.Counts[i];
            }
        }

        private void CheckSums()
        {
            foreach (var cell in AssociationState.ReadAll(connection, encryption, tenant))
            {
                var stored = AssociationSums.Read(connection, encryption, tenant, cell.Key);
                var members = default(CohortCounts);
                foreach (var (key, stratum) in stored.ByTherapist)
                {
                    members += stratum.ToCohortCounts(AssociationState.MinClients(cell.Key));
                    if (!_therapistSums.Remove((cell.Key, key), out var rebuilt))
                    {
                        rebuilt = new();
                    }

                    if (stratum.Releasable != rebuilt.Releasable || stratum.WithheldClients != rebuilt.WithheldClients
                        || !AreSame(stratum.Values, rebuilt.Values) || !AreSame(stratum.WithheldValues, rebuilt.WithheldValues))
                    {
                        result.AddError($"The sums of cell '{cell.Key}' of site '{tenant}' are not what its measures give.");
                    }
                }

                if (members != cell.Cohort)
                {
                    result.AddError($"The people of cell '{cell.Key}' of site '{tenant}' are not counted as its sums have them.");
                }
            }

            if (_therapistSums.Count > 0)
            {
                result.AddError($"{_therapistSums.Count} sums of site '{tenant}' are missing.");
            }

            if (!ExclusionCounts.Read(connection, encryption, tenant).SequenceEqual(_excluded))
            {
                result.AddError($"What takes no part at site '{tenant}' is not counted as its measures have it.");
            }
        }

        // Sums without clients are empty or zeros.
        private static bool AreSame(Int128[] a, Int128[] b) => a.Length == b.Length ? a.AsSpan().SequenceEqual(b) : a.Concat(b).All(value => value == 0);
    }

    private sealed record VersionRow(string Tenant, byte[] Measure, long Version, long Withdraws, long Log, byte[] ContentHash, string? Subject,
        long? WrittenVersion, byte[]? WrittenHash);

    private sealed record CurrentRow(byte[] Patient, byte[] Measure, long Version, byte[] Content, long Withdrawn);

    private sealed record StoredRow(byte[] Patient, byte[] Content);
}
