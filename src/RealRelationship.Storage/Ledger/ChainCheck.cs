using System.Data.Common;

using Dapper;

namespace RealRelationshipApi.Storage.Verifying;

/// <summary>Walks the whole change log from its first entry to its head.</summary>
internal sealed class ChainCheck(ChangeLog log) : StoreCheck
{
    public override string Name => "the change log";

    public override void Run(DbConnection connection, Findings findings)
    {
        if (connection.ExecuteScalar<long>("SELECT count(*) FROM revision") != 1)
        {
            findings.Fault("The head of the change log is missing.");
            return;
        }

        var (head, isSealed) = log.LookAtHead(connection);
        if (!isSealed)
        {
            findings.Fault("The head of the change log does not carry this store's seal: it was edited.");
        }

        var walk = new ChainWalk(log, head, ErasedChanges.Read(connection, log, findings.Fault), findings);
        foreach (var row in connection.Query<ChangeLog.EntryRow>($"{ChangeLog.Entries} ORDER BY c.number", buffered: false))
        {
            walk.Take(row);
        }

        walk.End();
        findings.Say("log", $"{head.Log}");
        findings.Say("evidence revision", $"{head.Evidence}");
    }
}
