using System.Data.Common;

using Dapper;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Sessions.StageOne;
using RealRelationshipApi.Storage;
using RealRelationshipApi.Storage.Moving;

namespace RealRelationshipApi.Sessions.Erasures;

/// <summary>Erases from a restored store whoever was erased since its backup was made: by the list, and by the store that it replaces.</summary>
internal sealed class EraseAgain(ErasureList list, Database database, ChangeLog log, Sealer sealer, IOptions<SessionOptions> options, TimeProvider clock) : AfterRestore
{
    public override string? Apply(Database restored)
    {
        var patients = list.Read().Union(OfReplacedStore()).ToList();
        if (patients.Count == 0)
        {
            return null;
        }

        using var connection = restored.OpenWriter();
        restored.Begin(connection);
        var transaction = new WriteTransaction(connection, log, clock);
        var erased = 0;
        foreach (var site in patients.GroupBy(p => p.Tenant, StringComparer.Ordinal))
        {
            var book = new SumBook(transaction, sealer, site.Key, options.Value);
            var erasure = new Erasure(transaction, site.Key, book);
            erased += site.Count(p => erasure.Erase(p.Patient).Versions > 0);
            book.Save();
        }

        transaction.Commit();
        restored.BeforeClosing(connection);
        return erased == 0 ? null : $"Erased {erased} {(erased == 1 ? "patient" : "patients")} again, who were erased after the backup was made.";
    }

    // The list is what counts; the store that is replaced knows of erasures whose list was lost, if it can still be read.
    private IEnumerable<(string Tenant, Pseudonym Patient)> OfReplacedStore()
    {
        try
        {
            using var connection = database.OpenSnapshot();
            return connection.Query<Row>("SELECT tenant, patient FROM erasure").Select(row => (row.Tenant, new Pseudonym(row.Patient))).ToList();
        }
        catch (Exception error) when (error is StorageRefusedException or StorageDamagedException or DbException)
        {
            return [];
        }
    }

    private sealed record Row(string Tenant, byte[] Patient);
}
