using System.Data.Common;

using Dapper;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Sessions.StageOne;
using RealRelationshipApi.Storage;
using RealRelationshipApi.Storage.Verifying;

namespace RealRelationshipApi.Sessions;

/// <summary>Holds every stored version of a measure against the log, and each site's records and running sums against a rebuild from those versions.</summary>
internal sealed class SessionCheck(Sealer sealer, IOptions<SessionOptions> options) : StoreCheck
{
    private const int PageLength = 500;

    private const string Versions = """
        SELECT v.tenant, v.measure, v.version, v.withdraws, v.log, v.content_hash AS ContentHash, s.subject, s.version AS WrittenVersion, s.content_hash AS WrittenHash
        FROM measure_version v LEFT JOIN change_subject s ON s.number = v.log
        WHERE (v.tenant, v.measure, v.version, v.withdraws) > (@Tenant, @Measure, @Version, @Withdraws)
        ORDER BY v.tenant, v.measure, v.version, v.withdraws LIMIT @PageLength
        """;

    // Of each measure the highest version that is no withdrawal, which its patient holds, if only as withdrawn.
    private const string Held = """
        SELECT v.patient, v.measure, v.version, v.sealed AS Content,
          CAST(CASE WHEN EXISTS (SELECT 1 FROM measure_version w WHERE w.tenant = v.tenant AND w.measure = v.measure AND w.withdraws = 1 AND w.version >= v.version) THEN 1 ELSE 0 END AS bigint) AS Withdrawn
        FROM measure_version v
        WHERE v.tenant = @tenant AND v.patient >= @first AND v.patient <= @last AND v.withdraws = 0
          AND NOT EXISTS (SELECT 1 FROM measure_version later WHERE later.tenant = v.tenant AND later.measure = v.measure AND later.withdraws = 0 AND later.version > v.version)
        ORDER BY v.patient, v.measure
        """;

    public override string Name => "the sessions";

    public override void Run(DbConnection connection, Findings findings)
    {
        CheckVersions(connection, findings);
        foreach (var tenant in connection.Query<string>("SELECT tenant FROM measure_version UNION SELECT tenant FROM patient_record UNION SELECT tenant FROM stratum_sum ORDER BY tenant").ToList())
        {
            new Rebuild(connection, sealer, tenant, options.Value.Window, findings).Run();
        }
    }

    private static void CheckVersions(DbConnection connection, Findings findings)
    {
        var rows = 0L;
        for (var page = Page(new("", [], 0, 0, 0, [], null, null, null)); page.Count > 0; page = Page(page[^1]))
        {
            rows += page.Count;
            foreach (var row in page.Where(row => row.Subject != $"measure/{Convert.ToHexStringLower(row.Measure)}" || row.WrittenVersion != row.Version || row.WrittenHash?.AsSpan().SequenceEqual(row.ContentHash) != true))
            {
                findings.Fault($"Version {row.Version} of measure {new Pseudonym(row.Measure)} is not what change {row.Log} wrote.");
            }
        }

        if (connection.ExecuteScalar<long>("SELECT count(*) FROM change c JOIN change_subject s ON s.number = c.number WHERE c.kind = 'measured'") is var written && written != rows)
        {
            findings.Fault($"The log knows of {written} versions of measures, and {rows} are stored.");
        }

        List<VersionRow> Page(VersionRow after) => connection.Query<VersionRow>(Versions, new { after.Tenant, after.Measure, after.Version, after.Withdraws, PageLength }).AsList();
    }

    /// <summary>One site, computed anew.</summary>
    private sealed class Rebuild(DbConnection connection, Sealer sealer, string tenant, OutcomeWindow window, Findings findings)
    {
        private readonly Dictionary<(string Cell, Pseudonym Stratum), Stratum> _strata = [];
        private readonly long[] _excluded = new long[Exclusions.Reasons.Length];
        private long _wrongRecords;

        public void Run()
        {
            for (var patients = Patients([]); patients.Count > 0; patients = Patients(patients[^1]))
            {
                var parameters = new { tenant, first = patients[0], last = patients[^1] };
                var held = connection.Query<HeldRow>(Held, parameters).ToLookup(row => new Pseudonym(row.Patient));
                var stored = connection.Query<StoredRow>("SELECT patient, sealed AS Content FROM patient_record WHERE tenant = @tenant AND patient >= @first AND patient <= @last", parameters)
                    .ToDictionary(row => new Pseudonym(row.Patient), row => row.Content);
                foreach (var patient in patients.Select(bytes => new Pseudonym(bytes)))
                {
                    Take(patient, held[patient], stored.GetValueOrDefault(patient));
                }
            }

            if (_wrongRecords > 0)
            {
                findings.Fault($"{_wrongRecords} records of patients of site '{tenant}' are not what their measures give.");
            }

            CheckSums();
        }

        // Whoever has measures or a record: neither may be without the other.
        private List<byte[]> Patients(byte[] after) => connection.Query<byte[]>(
            """
            SELECT patient FROM measure_version WHERE tenant = @tenant AND patient > @after UNION SELECT patient FROM patient_record WHERE tenant = @tenant AND patient > @after
            ORDER BY patient LIMIT @PageLength
            """, new { tenant, after, PageLength }).AsList();

        private void Take(Pseudonym patient, IEnumerable<HeldRow> held, byte[]? stored)
        {
            var rebuilt = new PatientRecord();
            foreach (var row in held)
            {
                var measure = new Pseudonym(row.Measure);
                var score = MeasureContent.FromBytes(sealer.Open(row.Content, tenant, Places.Measure(measure, row.Version, withdraws: false))).ToScore(measure);
                rebuilt.Put(row.Withdrawn == 1 ? score.Retracted() : score);
            }

            var record = stored is null ? new PatientRecord() : PatientRecord.FromBytes(sealer.Open(stored, tenant, Places.Patient(patient)));
            var shares = Shares.Of(rebuilt, window);
            // A patient takes part in each cell, or stays out of its releases; never both.
            var cells = record.Joined.Keys.Concat(record.Out.Where(shares.ByCell.ContainsKey)).Order(StringComparer.Ordinal);
            _wrongRecords += record.Scores.SequenceEqual(rebuilt.Scores) && cells.SequenceEqual(shares.ByCell.Keys, StringComparer.Ordinal) ? 0 : 1;
            foreach (var (cell, share) in shares.ByCell)
            {
                if (!_strata.TryGetValue((cell, share.Stratum), out var stratum))
                {
                    _strata.Add((cell, share.Stratum), stratum = new());
                }

                var isOut = record.Out.Contains(cell);
                stratum.Add(share, isOut);
                (stratum.Out, stratum.Fresh) = (stratum.Out + (isOut ? 1 : 0), stratum.Fresh + (isOut ? 0 : 1));
            }

            for (var i = 0; i < _excluded.Length; i++)
            {
                _excluded[i] += shares.Excluded.Counts[i];
            }
        }

        private void CheckSums()
        {
            foreach (var cell in CellSum.ReadAll(connection, sealer, tenant))
            {
                var stored = CellSums.Read(connection, sealer, tenant, cell.Key);
                var members = default(Membership);
                foreach (var (key, stratum) in stored.Strata)
                {
                    members += stratum.Membership(CellSum.FewestClients(cell.Key));
                    if (!_strata.Remove((cell.Key, key), out var rebuilt))
                    {
                        rebuilt = new();
                    }

                    if (stratum.Tellable != rebuilt.Tellable || stratum.Out != rebuilt.Out || !AreSame(stratum.Values, rebuilt.Values) || !AreSame(stratum.Withheld, rebuilt.Withheld))
                    {
                        findings.Fault($"The sums of cell '{cell.Key}' of site '{tenant}' are not what its measures give.");
                    }
                }

                if (members != cell.Members)
                {
                    findings.Fault($"The people of cell '{cell.Key}' of site '{tenant}' are not counted as its sums have them.");
                }
            }

            if (_strata.Count > 0)
            {
                findings.Fault($"{_strata.Count} sums of site '{tenant}' are missing.");
            }

            if (!SiteCounts.Read(connection, sealer, tenant).SequenceEqual(_excluded))
            {
                findings.Fault($"What takes no part at site '{tenant}' is not counted as its measures have it.");
            }
        }

        // Sums of nobody are zeros, however many of them are kept.
        private static bool AreSame(Int128[] a, Int128[] b) => a.Length == b.Length ? a.AsSpan().SequenceEqual(b) : a.Concat(b).All(value => value == 0);
    }

    private sealed record VersionRow(string Tenant, byte[] Measure, long Version, long Withdraws, long Log, byte[] ContentHash, string? Subject, long? WrittenVersion, byte[]? WrittenHash);

    private sealed record HeldRow(byte[] Patient, byte[] Measure, long Version, byte[] Content, long Withdrawn);

    private sealed record StoredRow(byte[] Patient, byte[] Content);
}
