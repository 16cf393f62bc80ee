using System.Data.Common;

using Dapper;

using RealRelationship.Storage.Migrations;

namespace RealRelationship.Storage.Ledger;

/// <summary>Runs all checks of a store on one snapshot: the engine's own first, then those of the slices.</summary>
public sealed class StoreVerifier(Migrator migrator, IEnumerable<IntegrityCheck> checks, IEnumerable<SidecarCheck> sidecars, StoreHeadFile headFile)
{
    /// <summary>Checks the store of this process together with the files beside it; a service may write to it meanwhile.</summary>
    /// <param name="database">The store.</param>
    /// <param name="acceptsHead">Whether the head of a store that is otherwise sound is accepted, although the file beside it knows a later one.</param>
    /// <param name="onError">Receives each error.</param>
    /// <exception cref="StoragePreconditionException">There is no store, it is of another schema, or it was made with another key.</exception>
    public VerificationResult RunWithSidecars(Database database, bool acceptsHead, Action<string> onError)
    {
        ArgumentNullException.ThrowIfNull(database);
        // Read before the snapshot begins: it may be ahead of one that began earlier.
        var known = acceptsHead ? [] : headFile.Read();
        using var snapshot = database.OpenSnapshot();
        var result = Run(database, snapshot, onError);
        RunGuarded("The check of the head beside the store", result, () =>
        {
            if (headFile.FindLoss(snapshot, known) is { } loss)
            {
                result.AddError(loss);
            }
        });
        foreach (var sidecar in sidecars)
        {
            RunGuarded($"The check of {sidecar.Name}", result, () => sidecar.Run(result));
        }

        if (acceptsHead && result.ErrorCount == 0)
        {
            headFile.Accept(snapshot);
        }

        return result;
    }

    /// <summary>Checks a snapshot of a store; a service may write to it meanwhile.</summary>
    /// <exception cref="StoragePreconditionException">There is no store, it is of another schema, or it was made with another key.</exception>
    public VerificationResult Run(Database database, Action<string> onError)
    {
        ArgumentNullException.ThrowIfNull(database);
        using var snapshot = database.OpenSnapshot();
        return Run(database, snapshot, onError);
    }

    /// <summary>Checks the store that a connection reads.</summary>
    /// <exception cref="StoragePreconditionException">The store is of another schema, or was made with another key.</exception>
    public VerificationResult Run(Database database, DbConnection connection, Action<string> onError)
    {
        ArgumentNullException.ThrowIfNull(database);
        var result = new VerificationResult(onError);
        RunGuarded("The engine's own check", result, () =>
        {
            foreach (var fault in database.CheckIntegrity(connection))
            {
                result.AddError(fault);
            }
        });
        RunGuarded("The check of the schema", result, () => RequireCurrentSchema(database, connection));
        foreach (var check in checks)
        {
            RunGuarded($"The check of {check.Name}", result, () => check.Run(connection, result));
        }

        result.AddFact("not covered", string.Join(' ', UncoveredTables));
        RunGuarded("Counting", result, () => result.AddFact("rows", RowCounts(connection)));
        return result;
    }

    /// <summary>Tables that no check covers.</summary>
    internal IEnumerable<string> UncoveredTables =>
        migrator.Tables.Select(table => table.Name).Except(checks.SelectMany(check => check.Tables)).Order(StringComparer.Ordinal);

    private string RowCounts(DbConnection connection) => string.Join(' ', migrator.Tables.Where(table => !table.IsSeeded)
        .Select(table => (table.Name, Rows: connection.ExecuteScalar<long>(table.CountSql))).Where(count => count.Rows > 0)
        .Select(count => $"{count.Name}={count.Rows}"));

    // An unreadable page ends one check, not the others.
    private static void RunGuarded(string name, VerificationResult result, Action check)
    {
        try
        {
            check();
        }
        catch (Exception error) when (error is DbException or StorageCorruptionException or TamperedDataException)
        {
            result.AddError($"{name} could not be finished: {error.Message}");
        }
    }

    private static void RequireCurrentSchema(Database database, DbConnection connection)
    {
        if (Migrator.Plan(database, connection).Missing is [var next, ..])
        {
            throw new StoragePreconditionException($"The store lacks schema step {next}: run the command `migrate` first.");
        }
    }
}
