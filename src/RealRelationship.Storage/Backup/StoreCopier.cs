using System.Data.Common;

using Dapper;

using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;

namespace RealRelationship.Storage.Backup;

/// <summary>Copies a whole store into another in one transaction, compared and verified: all or nothing.</summary>
public sealed class StoreCopier(Migrator migrator, StoreVerifier verification)
{
    /// <summary>Fills an empty, migrated store.</summary>
    /// <param name="source">A snapshot of a migrated store.</param>
    /// <param name="target">The store to fill.</param>
    /// <param name="mayReplace">Whether rows of the target may be deleted first.</param>
    /// <exception cref="StoragePreconditionException">The target is not empty.</exception>
    /// <exception cref="StorageCorruptionException">The copy differs from the source, or is corrupted.</exception>
    public VerificationResult CopyAndVerify(DbConnection source, Database target, bool mayReplace)
    {
        ArgumentNullException.ThrowIfNull(target);
        var tables = migrator.Tables;
        using var connection = target.OpenMigrationConnection();
        return InTransaction(target, connection, () =>
        {
            Clear(connection, tables, target, mayReplace);
            Copy(source, target, connection, tables);
            return Verify(target, connection);
        });
    }

    /// <summary>Copies a store of any schema version into a new one of the same version.</summary>
    internal static void CopyTables(DbConnection source, Database target, IReadOnlyList<TableSchema> tables)
    {
        using var connection = target.OpenMigrationConnection();
        InTransaction(target, connection, () =>
        {
            Copy(source, target, connection, tables);
            return true;
        });
    }

    /// <summary>The first non-empty table, seeded ones aside; null if there is none.</summary>
    internal static TableSchema? FindNonEmptyTable(DbConnection connection, IEnumerable<TableSchema> tables) =>
        tables.FirstOrDefault(
            table => !table.IsSeeded && connection.ExecuteScalar<long>($"SELECT count(*) FROM (SELECT 1 FROM {table.Name} LIMIT 1) AS any_row") > 0);

    private static T InTransaction<T>(Database target, DbConnection connection, Func<T> work)
    {
        target.BeginTransaction(connection);
        try
        {
            var batch = target.CreateBatch(connection);
            batch.SetTenant(TenantScope.AllTenants);
            batch.Flush();
            var result = work();
            batch.NotifyEvidenceChanged();
            batch.Enqueue(new("COMMIT"));
            batch.Flush();
            return result;
        }
        catch
        {
            connection.Execute("ROLLBACK");
            throw;
        }
    }

    private static void Clear(DbConnection connection, IReadOnlyList<TableSchema> tables, Database target, bool mayReplace)
    {
        if (!mayReplace && FindNonEmptyTable(connection, tables) is { } occupied)
        {
            throw new StoragePreconditionException($"The store at {target.Name} is not empty: there are rows in {occupied.Name}. Nothing was written.");
        }

        foreach (var table in tables.Where(table => !table.IsSeeded).Reverse())
        {
            connection.Execute($"DELETE FROM {table.Name}");
        }
    }

    private static void Copy(DbConnection source, Database target, DbConnection connection, IReadOnlyList<TableSchema> tables)
    {
        foreach (var table in tables)
        {
            target.BulkInsert(connection, table, table.ReadRows(source));
        }

        foreach (var table in tables)
        {
            var (sent, arrived) = (table.ComputeDigest(source), table.ComputeDigest(connection));
            if (sent != arrived)
            {
                throw new StorageCorruptionException(
                    $"Of {table.Name}, {sent.Rows} rows were sent and {arrived.Rows} arrived, or they are not the same. Nothing was kept.");
            }
        }
    }

    private VerificationResult Verify(Database target, DbConnection connection)
    {
        var errors = new List<string>();
        var result = verification.Run(target, connection, errors.Add);
        return result.ErrorCount == 0 ? result
            : throw new StorageCorruptionException($"{string.Join('\n', errors)}\nWhat arrived is not sound. Nothing was kept.");
    }
}
