using System.Data.Common;

using Dapper;

using RealRelationshipApi.Storage.Verifying;

namespace RealRelationshipApi.Storage.Moving;

/// <summary>Puts everything of one store into another, in one transaction: all of it, compared and verified, or nothing.</summary>
public sealed class Transfer(Migrator migrator, Verification verification)
{
    /// <summary>Fills an empty store that is up to date.</summary>
    /// <param name="source">A snapshot of a store that is up to date.</param>
    /// <param name="target">The store to fill.</param>
    /// <param name="mayReplace">Whether what the target holds may be taken out first.</param>
    /// <exception cref="StorageRefusedException">The target holds something.</exception>
    /// <exception cref="StorageDamagedException">What arrived is not what was sent, or is not sound.</exception>
    public Findings Run(DbConnection source, Database target, bool mayReplace)
    {
        ArgumentNullException.ThrowIfNull(target);
        var tables = migrator.Tables;
        using var connection = target.OpenOwner();
        return InTransaction(target, connection, () =>
        {
            Clear(connection, tables, target, mayReplace);
            Copy(source, target, connection, tables);
            return Verify(target, connection);
        });
    }

    /// <summary>Copies a store of any schema step into a new one of the same step.</summary>
    internal static void CopyAll(DbConnection source, Database target, IReadOnlyList<StoredTable> tables)
    {
        using var connection = target.OpenOwner();
        InTransaction(target, connection, () =>
        {
            Copy(source, target, connection, tables);
            return true;
        });
    }

    /// <summary>The first table, other than those that every store has rows in, that is not empty; null when all are.</summary>
    internal static StoredTable? Occupied(DbConnection connection, IEnumerable<StoredTable> tables) =>
        tables.FirstOrDefault(table => !table.IsSeeded && connection.ExecuteScalar<long>($"SELECT count(*) FROM (SELECT 1 FROM {table.Name} LIMIT 1) AS any_row") > 0);

    private static T InTransaction<T>(Database target, DbConnection connection, Func<T> work)
    {
        target.Begin(connection);
        try
        {
            var result = work();
            target.Announce(connection);
            connection.Execute("COMMIT");
            return result;
        }
        catch
        {
            connection.Execute("ROLLBACK");
            throw;
        }
    }

    private static void Clear(DbConnection connection, IReadOnlyList<StoredTable> tables, Database target, bool mayReplace)
    {
        if (!mayReplace && Occupied(connection, tables) is { } occupied)
        {
            throw new StorageRefusedException($"The store at {target.Name} is not empty: there are rows in {occupied.Name}. Nothing was written.");
        }

        foreach (var table in tables.Where(table => !table.IsSeeded).Reverse())
        {
            connection.Execute($"DELETE FROM {table.Name}");
        }
    }

    private static void Copy(DbConnection source, Database target, DbConnection connection, IReadOnlyList<StoredTable> tables)
    {
        foreach (var table in tables)
        {
            target.Load(connection, table, table.Rows(source));
        }

        foreach (var table in tables)
        {
            var (sent, arrived) = (table.Sum(source), table.Sum(connection));
            if (sent != arrived)
            {
                throw new StorageDamagedException($"Of {table.Name}, {sent.Rows} rows were sent and {arrived.Rows} arrived, or they are not the same. Nothing was kept.");
            }
        }
    }

    private Findings Verify(Database target, DbConnection connection)
    {
        var faults = new List<string>();
        var findings = verification.Run(target, connection, faults.Add);
        return findings.Faults == 0 ? findings : throw new StorageDamagedException($"{string.Join('\n', faults)}\nWhat arrived is not sound. Nothing was kept.");
    }
}
