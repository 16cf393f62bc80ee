using System.Data.Common;

using Dapper;

namespace RealRelationship.Storage.Ledger;

/// <summary>Checks the change log from its first entry to its head.</summary>
internal sealed class ChangeLogIntegrityCheck(ChangeLog log) : IntegrityCheck
{
    public override string Name => "the change log";

    public override IReadOnlyList<string> Tables => ["change", "change_subject", "erased_change", "revision", "store"];

    public override void Run(DbConnection connection, VerificationResult result)
    {
        if (connection.ExecuteScalar<long>("SELECT count(*) FROM revision") != 1)
        {
            result.AddError("The head of the change log is missing.");
            return;
        }

        var (head, isSealed) = log.InspectHead(connection);
        if (!isSealed)
        {
            result.AddError("The head of the change log does not carry this store's seal: it was edited.");
        }

        new HashChainVerifier(log, head, ErasedChanges.Read(connection, log, result.AddError), result)
            .Verify(connection.Query<ChangeLog.EntryRow>($"{ChangeLog.EntriesSql} ORDER BY c.number", buffered: false));
        StoreIdentity.Read(connection, log);
        result.AddFact("log", $"{head.Log}");
        result.AddFact("evidence revision", $"{head.Evidence}");
    }
}
