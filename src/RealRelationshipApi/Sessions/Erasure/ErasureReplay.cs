using System.Data.Common;

using Dapper;

using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary>Repeats in a restored store the erasures since its backup, from the erasure list and from the replaced store.</summary>
internal sealed class ErasureReplay(ErasureList list, Database database, ChangeLog log, ColumnEncryption encryption, IOptions<AssociationOptions> options,
    IOptions<DisclosureOptions> disclosure) : PostRestoreStep
{
    public override string? Apply(WriteTransaction restored, string? store, string newStore)
    {
        var erased = 0;
        foreach (var site in list.Read(store).Union(ReadReplacedStore()).GroupBy(p => p.Tenant, StringComparer.Ordinal))
        {
            var statistics = new SufficientStatistics(restored, encryption, site.Key, options.Value);
            var eraser = new PatientEraser(restored, site.Key, statistics);
            foreach (var (_, patient) in site)
            {
                eraser.Erase(patient);
            }

            erased += eraser.Erased.Count;
            var changed = statistics.Save();
            new DisclosureControl(restored, encryption, site.Key, disclosure.Value, options.Value).WithdrawDepleted(changed.Values);
        }

        if (store is not null && store != newStore)
        {
            list.AddRestored(newStore, store);
        }

        return erased == 0 ? null : $"Erased {erased} {(erased == 1 ? "patient" : "patients")} again, who were erased after the backup was made.";
    }

    // Normally the list is complete; if it was lost, the replaced store still has the erasures if it is readable.
    private IEnumerable<(string Tenant, Pseudonym Patient)> ReadReplacedStore()
    {
        try
        {
            using var connection = database.OpenSnapshot();
            return TryReadLog(connection)
                ?? connection.Query<Row>("SELECT tenant, patient FROM erasure").Select(row => (row.Tenant, new Pseudonym(row.Patient))).ToList();
        }
        catch (Exception error) when (error is StoragePreconditionException or StorageCorruptionException or DbException)
        {
            return [];
        }
    }

    // The log decides, not the table: an invented row erases nobody. Null if release 0.1 wrote it, or if it was edited.
    private List<(string Tenant, Pseudonym Patient)>? TryReadLog(DbConnection connection)
    {
        try
        {
            return connection.ExecuteScalar<long>("SELECT max(number) FROM migration") < MigrationNumbers.Integrity ? null
                : [.. log.ReadSubjects(connection, ErasureState.SubjectKind).Select(change =>
                    (change.Entry.Tenant, ErasureState.PatientOf(change.Subject.Subject)))];
        }
        catch (TamperedDataException)
        {
            return null;
        }
    }

    private sealed record Row(string Tenant, byte[] Patient);
}
