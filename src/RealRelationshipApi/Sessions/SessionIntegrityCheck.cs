using System.Data.Common;

using Dapper;

using Microsoft.Extensions.Options;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions;

/// <summary>Verifies stored measures against the change log, and the records and running sums of each site against a rebuild from its measures.</summary>
internal sealed class SessionIntegrityCheck(ColumnEncryption encryption, ChangeLog log, IOptions<AssociationOptions> options) : IntegrityCheck
{
    private const int PageLength = 500;

    private const string VersionsSql = """
        SELECT v.tenant, v.measure, v.version, v.withdraws, v.log, v.content_hash AS ContentHash,
          s.subject, s.version AS WrittenVersion, s.content_hash AS WrittenHash
        FROM measure_version v LEFT JOIN change_subject s ON s.number = v.log
        WHERE (v.tenant, v.measure, v.version, v.withdraws) > (@Tenant, @Measure, @Version, @Withdraws)
        ORDER BY v.tenant, v.measure, v.version, v.withdraws LIMIT @PageLength
        """;

    private const string DeclarationsSql = """
        SELECT c.number, c.tenant, s.version, s.content_hash AS ContentHash FROM change c JOIN change_subject s ON s.number = c.number
        WHERE c.kind = @kind AND s.subject = @subject
        """;

    public override string Name => "the sessions";

    public override IReadOnlyList<string> Tables =>
        ["measure_version", "patient_record", "stratum_sum", "cell_sum", "site_count", "source_version", "key_link"];

    public override void Run(DbConnection connection, VerificationResult result)
    {
        CheckVersions(connection, result);
        CheckSources(connection, result);
        foreach (var tenant in connection.Query<string>(
            "SELECT tenant FROM measure_version UNION SELECT tenant FROM patient_record UNION SELECT tenant FROM stratum_sum ORDER BY tenant").ToList())
        {
            new SiteRebuild(connection, encryption, tenant, options.Value.OutcomeWindow, result).Run();
        }
    }

    private void CheckSources(DbConnection connection, VerificationResult result)
    {
        var rows = connection.Query<SourceRow>($"SELECT {SourceRow.Columns} FROM source_version ORDER BY tenant, version").ToList();
        var written = connection.Query<DeclarationRow>(DeclarationsSql, new { kind = ChangeKinds.Declared, subject = SourceRow.Subject })
            .ToDictionary(w => (w.Tenant, w.Version));
        foreach (var row in rows.Where(row => !row.IsIntact(log.CreateHash) || !written.TryGetValue((row.Tenant, row.Version), out var change)
            || change.Number != row.ChangeNumber || !change.ContentHash.AsSpan().SequenceEqual(row.RowHash)))
        {
            result.AddError($"Version {row.Version} of the declared source systems of site '{row.Tenant}' is not what change {row.ChangeNumber} wrote.");
        }

        if (rows.Count != written.Count)
        {
            result.AddError($"The log knows of {written.Count} declarations of source systems, and {rows.Count} are stored.");
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
        private readonly long[] _excluded = new long[Exclusions.Length];
        private readonly StoredLinks _links = StoredLinks.Read(connection, tenant);
        private long _mismatchedRecords;

        public void Run()
        {
            for (var patients = CurrentMeasureRow.ReadPatients(connection, tenant, [], PageLength); patients.Count > 0;
                patients = CurrentMeasureRow.ReadPatients(connection, tenant, patients[^1], PageLength))
            {
                var parameters = new { tenant, first = patients[0], last = patients[^1] };
                var current = CurrentMeasureRow.ReadOf(connection, tenant, patients[0], patients[^1]).ToLookup(row => new Pseudonym(row.Patient));
                var stored =
                    connection.Query<StoredRow>(
                        "SELECT patient, sealed AS Content FROM patient_record WHERE tenant = @tenant AND patient >= @first AND patient <= @last", parameters)
                    .ToDictionary(row => new Pseudonym(row.Patient), row => row.Content);
                // Linked keys belong to the record of their person.
                foreach (var patient in patients.Select(bytes => new Pseudonym(bytes)).Where(p => _links.PersonOf(p) == p))
                {
                    AddPatient(patient, current[patient].Concat(_links.KeysOf(patient).SelectMany(key =>
                        CurrentMeasureRow.ReadOf(connection, tenant, key.Bytes, key.Bytes))), stored.GetValueOrDefault(patient));
                }
            }

            if (_mismatchedRecords > 0)
            {
                result.AddError($"{_mismatchedRecords} records of patients of site '{tenant}' are not what their measures give.");
            }

            CheckSums();
        }

        private void AddPatient(Pseudonym patient, IEnumerable<CurrentMeasureRow> current, byte[]? stored)
        {
            var rebuilt = new PatientRecord();
            foreach (var row in current)
            {
                rebuilt.Put(_links.Resolve(patient, row.ToPatientScore(encryption, tenant)));
            }

            var record = stored is null ? new PatientRecord() : PatientRecord.Decrypt(encryption, tenant, patient, stored);
            var shares = PatientContributions.Compute(rebuilt, window);
            // A patient is either a member of a cell or withheld from it.
            var cells = record.MemberSince.Keys.Concat(record.WithheldCells.Where(shares.ByAssociation.ContainsKey)).Order(StringComparer.Ordinal);
            _mismatchedRecords += record.Scores.SequenceEqual(rebuilt.Scores) && cells.SequenceEqual(shares.ByAssociation.Keys, StringComparer.Ordinal) ? 0 : 1;
            foreach (var (association, share) in shares.ByAssociation)
            {
                var cell = AssociationKey.WithProvenance(association, record.Provenance);
                if (!_therapistSums.TryGetValue((cell, share.Therapist), out var stratum))
                {
                    _therapistSums.Add((cell, share.Therapist), stratum = new());
                }

                var isOut = record.WithheldCells.Contains(association);
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
                    members += stratum.ToCohortCounts(cell.MinClients);
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

    private sealed record DeclarationRow(long Number, string Tenant, long Version, byte[] ContentHash);

    private sealed record VersionRow(string Tenant, byte[] Measure, long Version, long Withdraws, long Log, byte[] ContentHash, string? Subject,
        long? WrittenVersion, byte[]? WrittenHash);

    private sealed record StoredRow(byte[] Patient, byte[] Content);
}
