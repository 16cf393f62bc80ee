using System.Data.Common;

using Dapper;

using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary>Verifies every erasure against the change that recorded it.</summary>
internal sealed class ErasureIntegrityCheck(ChangeLog log) : IntegrityCheck
{
    public override string Name => "the erasures";

    public override IReadOnlyList<string> Tables => ["erasure"];

    public override void Run(DbConnection connection, VerificationResult result)
    {
        var written = log.ReadSubjects(connection, ErasureState.SubjectKind).ToList();
        var instants = written.ToDictionary(change => (change.Entry.Tenant, change.Subject.Subject), change => (change.Entry.Number, change.Entry.RecordedAt));
        var rows = connection.Query<Row>("SELECT tenant, patient, log, erased_at AS ErasedAt FROM erasure ORDER BY log").ToList();
        RecordedRows.Compare(
            rows.Select(row => new RecordedRow($"The erasure of change {row.Log}", row.Tenant, ErasureState.SubjectOf(new(row.Patient)), 1, null)), written,
            change => $"The erasure of change {change.Entry.Number}", result);
        foreach (var row in rows.Where(row =>
            instants.TryGetValue((row.Tenant, ErasureState.SubjectOf(new(row.Patient))), out var recorded) && recorded != (row.Log, row.ErasedAt)))
        {
            result.AddError($"The erasure of change {row.Log} is not what the log recorded.");
        }
    }

    private sealed record Row(string Tenant, byte[] Patient, long Log, string ErasedAt);
}
