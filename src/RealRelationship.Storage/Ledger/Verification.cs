using System.Data.Common;

using Dapper;

namespace RealRelationshipApi.Storage.Verifying;

/// <summary>Every check of a store, one after the other, on one snapshot: the engine's own first, then those that the slices bring.</summary>
public sealed class Verification(Migrator migrator, IEnumerable<StoreCheck> checks)
{
    /// <summary>Checks a store as it is now; a service may go on writing to it.</summary>
    /// <exception cref="StorageRefusedException">There is no store, it is of another schema, or it was made with another key.</exception>
    public Findings Run(Database database, Action<string> heard)
    {
        ArgumentNullException.ThrowIfNull(database);
        using var snapshot = database.OpenSnapshot();
        return Run(database, snapshot, heard);
    }

    /// <summary>Checks what a connection sees.</summary>
    /// <exception cref="StorageRefusedException">The store is of another schema, or was made with another key.</exception>
    public Findings Run(Database database, DbConnection connection, Action<string> heard)
    {
        ArgumentNullException.ThrowIfNull(database);
        var findings = new Findings(heard);
        Guard("The engine's own check", findings, () =>
        {
            foreach (var fault in database.Faults(connection))
            {
                findings.Fault(fault);
            }
        });
        Guard("The check of the schema", findings, () => RefuseOtherSchemas(database, connection));
        foreach (var check in checks)
        {
            Guard($"The check of {check.Name}", findings, () => check.Run(connection, findings));
        }

        Guard("Counting", findings, () => findings.Say("rows", Counts(connection)));
        return findings;
    }

    private string Counts(DbConnection connection) => string.Join(' ', migrator.Tables.Where(table => !table.IsSeeded)
        .Select(table => (table.Name, Rows: connection.ExecuteScalar<long>(table.Count))).Where(count => count.Rows > 0).Select(count => $"{count.Name}={count.Rows}"));

    // A page that cannot be read ends one check, not the others.
    private static void Guard(string name, Findings findings, Action check)
    {
        try
        {
            check();
        }
        catch (Exception error) when (error is DbException or StorageDamagedException)
        {
            findings.Fault($"{name} could not be finished: {error.Message}");
        }
    }

    private static void RefuseOtherSchemas(Database database, DbConnection connection)
    {
        if (Migrator.Plan(database, connection).Missing is [var next, ..])
        {
            throw new StorageRefusedException($"The store lacks schema step {next}: run the command `migrate` first.");
        }
    }
}
