using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Dapper;

using Microsoft.Data.Sqlite;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Sqlite;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Migrations;

/// <summary>Migrates the schema: numbered, append-only steps, each in its own transaction.</summary>
public sealed class Migrator(Database database, PrivacyKey privacy, TimeProvider clock, IEnumerable<DataMigration> dataMigrations)
{
    private const string MigrationTableSql = """
        CREATE TABLE IF NOT EXISTS migration (
          number     INTEGER PRIMARY KEY,
          name       TEXT NOT NULL,
          digest     TEXT NOT NULL,
          applied_at TEXT NOT NULL
        ) STRICT
        """;

    private static readonly Lazy<IReadOnlyList<MigrationScript>> s_scripts = new(LoadScripts);

    /// <summary>The pending steps; all of them for a new store.</summary>
    /// <exception cref="StoragePreconditionException">The store was written by a newer version, or an applied step was edited.</exception>
    public MigrationPlan Plan()
    {
        using var connection = database.OpenMigrationConnection();
        return Plan(database, connection);
    }

    /// <summary>Applies the pending steps.</summary>
    /// <param name="mayChangeStore">Whether an existing store may be changed; a new one always may.</param>
    /// <returns>The steps applied, in order.</returns>
    /// <exception cref="StoragePreconditionException">The store was written by a newer version, an applied step was edited,
    /// or the store must not be changed.</exception>
    public IReadOnlyList<AppliedStep> Apply(bool mayChangeStore) => Apply(mayChangeStore, long.MaxValue);

    /// <summary>Applies the pending steps up to a number.</summary>
    internal IReadOnlyList<AppliedStep> Apply(bool mayChangeStore, long upTo)
    {
        using var connection = database.OpenMigrationConnection();
        var plan = Plan(database, connection);
        if (!mayChangeStore && plan is { IsNew: false, Missing: [var next, ..] })
        {
            throw new StoragePreconditionException($"The store lacks schema step {next}: run the command `migrate` first.");
        }

        var applied = new List<AppliedStep>();
        List<AppliedStep> batch;
        do
        {
            batch = ApplyPending(connection, plan.IsNew, upTo);
            applied.AddRange(batch);
        }
        while (batch.Count > 0);
        return applied;
    }

    /// <summary>The pending steps of a store.</summary>
    /// <exception cref="StoragePreconditionException">The store was written by a newer version, or an applied step was edited.</exception>
    internal static MigrationPlan Plan(Database database, DbConnection connection)
    {
        List<AppliedMigration> applied = database.HasSchema(connection)
            ? [.. connection.Query<AppliedMigration>("SELECT number, name, digest FROM migration ORDER BY number")] : [];
        RejectUnknown(applied);
        return new(applied.LastOrDefault()?.Number ?? 0, [.. s_scripts.Value.ExceptBy(applied.Select(a => a.Number), s => s.Number).Select(s => s.Name)]);
    }

    /// <summary>The tables of a schema version, each after those that it references; the same on both engines.</summary>
    internal IReadOnlyList<TableSchema> TablesAt(long step)
    {
        using var empty = new SqliteConnection("Data Source=:memory:");
        empty.Open();
        foreach (var next in s_scripts.Value.Where(s => s.Number <= step))
        {
            RunScript(next, next.Sql, new SqliteBatch(empty));
        }

        return TableSchema.ReadAll(empty);
    }

    /// <summary>The tables of the latest schema version.</summary>
    internal IReadOnlyList<TableSchema> Tables => TablesAt(LatestNumber);

    /// <summary>Number of the latest step.</summary>
    internal static long LatestNumber => s_scripts.Value[^1].Number;

    // A new store gets all steps in one transaction, so that a concurrent start sees none or all of them; another process may have
    // applied a step while this one waited for the lock.
    private List<AppliedStep> ApplyPending(DbConnection connection, bool isNew, long upTo)
    {
        database.BeginMigration(connection);
        try
        {
            var batch = database.CreateBatch(connection);
            batch.SetTenant(TenantScope.AllTenants);
            batch.Flush();
            connection.Execute(database.TranslateSchema(MigrationTableSql));
            var done = connection.Query<long>("SELECT number FROM migration").ToHashSet();
            var steps = s_scripts.Value.Where(s => !done.Contains(s.Number) && s.Number <= upTo).Take(isNew ? int.MaxValue : 1).ToList();
            var applied = new List<AppliedStep>();
            foreach (var step in steps)
            {
                RunScript(step, database.TranslateSchema(step.Sql), database.CreateBatch(connection));
                connection.Execute("INSERT INTO migration (number, name, digest, applied_at) VALUES (@Number, @Name, @Digest, @AppliedAt)",
                    new { step.Number, step.Name, step.Digest, AppliedAt = UtcTimestamp.ToText(clock.GetUtcNow()) });
                applied.Add(new(step.Name, isNew ? [] : MigrateData(step.Number, connection)));
            }

            connection.Execute("COMMIT");
            return applied;
        }
        catch
        {
            connection.Execute("ROLLBACK");
            throw;
        }
    }

    private IReadOnlyList<string> MigrateData(long number, DbConnection connection)
    {
        var migrations = dataMigrations.Where(m => m.Number == number).ToList();
        if (migrations.Count == 0)
        {
            return [];
        }

        var transaction = new WriteTransaction(database.CreateBatch(connection), new ChangeLog(privacy), clock);
        List<string> changes = [.. migrations.SelectMany(migration => migration.Apply(transaction))];
        transaction.WriteHead();
        transaction.Flush();
        return changes;
    }

    private void RunScript(MigrationScript step, string sql, SqlBatch batch)
    {
        batch.Connection.Execute(sql);
        if (step.Number == HashChainBackfill.MigrationNumber)
        {
            HashChainBackfill.Apply(batch, privacy);
        }
    }

    private static void RejectUnknown(IEnumerable<AppliedMigration> applied)
    {
        var known = s_scripts.Value.ToDictionary(s => s.Number);
        foreach (var step in applied)
        {
            if (!known.TryGetValue(step.Number, out var script))
            {
                throw new StoragePreconditionException(
                    $"The store has schema step {step.Number} ({step.Name}), which this version does not know: run a newer version.");
            }

            if (script.Digest != step.Digest)
            {
                throw new StoragePreconditionException($"Schema step {step.Number} ({step.Name}) differs from the one that made this store.");
            }
        }
    }

    private static List<MigrationScript> LoadScripts()
    {
        var assembly = typeof(Migrator).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(n => n.Contains(".Migrations.", StringComparison.Ordinal))
            .Select(resource =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
                var name = resource[(resource.IndexOf(".Migrations.", StringComparison.Ordinal) + ".Migrations.".Length)..^".sql".Length];
                var sql = reader.ReadToEnd();
                return new MigrationScript(long.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, sql,
                    Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
            })
            .OrderBy(s => s.Number)];
    }

    private sealed record MigrationScript(long Number, string Name, string Sql, string Digest);

    private sealed record AppliedMigration(long Number, string Name, string Digest);
}

/// <summary>A step that was applied.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Changes">What its data migration changed, in sentences.</param>
public sealed record AppliedStep(string Name, IReadOnlyList<string> Changes);

/// <param name="CurrentNumber">Number of the last applied step; 0 if none.</param>
/// <param name="Missing">Names of the pending steps, in order.</param>
public sealed record MigrationPlan(long CurrentNumber, IReadOnlyList<string> Missing)
{
    public bool IsNew => CurrentNumber == 0;
}
