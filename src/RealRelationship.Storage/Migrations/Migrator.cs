using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Dapper;

using Microsoft.Data.Sqlite;

using RealRelationshipApi.Storage.Migrations;

namespace RealRelationshipApi.Storage;

/// <summary>Brings the schema up to date: numbered steps that only ever get longer, each applied in a transaction of its own.</summary>
public sealed class Migrator(Database database, PrivacyKey privacy, TimeProvider clock)
{
    private const string Table = """
        CREATE TABLE IF NOT EXISTS migration (
          number     INTEGER PRIMARY KEY,
          name       TEXT NOT NULL,
          digest     TEXT NOT NULL,
          applied_at TEXT NOT NULL
        ) STRICT
        """;

    private static readonly Lazy<IReadOnlyList<Step>> s_steps = new(ReadSteps);

    /// <summary>The steps that the store lacks; all of them for a store that is still to be made.</summary>
    /// <exception cref="StorageRefusedException">The store was written by a newer version, or an applied step was edited since.</exception>
    public MigrationPlan Plan()
    {
        using var connection = database.OpenOwner();
        return Plan(database, connection);
    }

    /// <summary>Applies what is missing.</summary>
    /// <param name="mayChangeStore">Whether a store that holds something already may be changed; one that is new always may.</param>
    /// <returns>The names of the steps applied, in order.</returns>
    /// <exception cref="StorageRefusedException">The store was written by a newer version, an applied step was edited since, or it must not be changed.</exception>
    public IReadOnlyList<string> Apply(bool mayChangeStore) => Apply(mayChangeStore, long.MaxValue);

    /// <summary>Applies what is missing, up to a step.</summary>
    internal IReadOnlyList<string> Apply(bool mayChangeStore, long upTo)
    {
        using var connection = database.OpenOwner();
        var plan = Plan(database, connection);
        if (!mayChangeStore && plan is { IsNew: false, Missing: [var next, ..] })
        {
            throw new StorageRefusedException($"The store lacks schema step {next}: run the command `migrate` first.");
        }

        var applied = new List<string>();
        List<string> some;
        do
        {
            some = ApplySome(connection, plan.IsNew ? int.MaxValue : 1, upTo);
            applied.AddRange(some);
        }
        while (some.Count > 0);
        return applied;
    }

    /// <summary>The steps that a store lacks.</summary>
    /// <exception cref="StorageRefusedException">The store was written by a newer version, or an applied step was edited since.</exception>
    internal static MigrationPlan Plan(Database database, DbConnection connection)
    {
        List<Applied> applied = database.HasSchema(connection) ? [.. connection.Query<Applied>("SELECT number, name, digest FROM migration ORDER BY number")] : [];
        RefuseStrangers(applied);
        return new(applied.LastOrDefault()?.Number ?? 0, [.. s_steps.Value.ExceptBy(applied.Select(a => a.Number), s => s.Number).Select(s => s.Name)]);
    }

    /// <summary>The tables of a store at a schema step, each after those that it refers to; the same on both engines.</summary>
    internal IReadOnlyList<StoredTable> TablesAt(long step)
    {
        using var empty = new SqliteConnection("Data Source=:memory:");
        empty.Open();
        foreach (var next in s_steps.Value.Where(s => s.Number <= step))
        {
            Run(next, next.Sql, empty);
        }

        return StoredTable.ReadAll(empty);
    }

    /// <summary>The tables of a store that is up to date.</summary>
    internal IReadOnlyList<StoredTable> Tables => TablesAt(Newest);

    /// <summary>The newest step that this version knows.</summary>
    internal static long Newest => s_steps.Value[^1].Number;

    // A new store gets all its steps at once, so that whoever starts beside sees none or all of them; another process may have
    // applied a step while this one waited for the lock.
    private List<string> ApplySome(DbConnection connection, int most, long upTo)
    {
        database.BeginSchemaChange(connection);
        try
        {
            connection.Execute(database.Schema(Table));
            var done = connection.Query<long>("SELECT number FROM migration").ToHashSet();
            var steps = s_steps.Value.Where(s => !done.Contains(s.Number) && s.Number <= upTo).Take(most).ToList();
            foreach (var step in steps)
            {
                Run(step, database.Schema(step.Sql), connection);
                connection.Execute("INSERT INTO migration (number, name, digest, applied_at) VALUES (@Number, @Name, @Digest, @AppliedAt)",
                    new { step.Number, step.Name, step.Digest, AppliedAt = Instant.Text(clock.GetUtcNow()) });
            }

            connection.Execute("COMMIT");
            return steps.ConvertAll(step => step.Name);
        }
        catch
        {
            connection.Execute("ROLLBACK");
            throw;
        }
    }

    private void Run(Step step, string sql, DbConnection connection)
    {
        connection.Execute(sql);
        if (step.Number == ChainHistory.Step)
        {
            ChainHistory.Apply(connection, privacy);
        }
    }

    private static void RefuseStrangers(IEnumerable<Applied> applied)
    {
        var known = s_steps.Value.ToDictionary(s => s.Number);
        foreach (var step in applied)
        {
            if (!known.TryGetValue(step.Number, out var ours))
            {
                throw new StorageRefusedException($"The store has schema step {step.Number} ({step.Name}), which this version does not know: run a newer version.");
            }

            if (ours.Digest != step.Digest)
            {
                throw new StorageRefusedException($"Schema step {step.Number} ({step.Name}) differs from the one that made this store.");
            }
        }
    }

    private static List<Step> ReadSteps()
    {
        var assembly = typeof(Migrator).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(n => n.Contains(".Migrations.", StringComparison.Ordinal))
            .Select(resource =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
                var name = resource[(resource.IndexOf(".Migrations.", StringComparison.Ordinal) + ".Migrations.".Length)..^".sql".Length];
                var sql = reader.ReadToEnd();
                return new Step(long.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, sql,
                    Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
            })
            .OrderBy(s => s.Number)];
    }

    private sealed record Step(long Number, string Name, string Sql, string Digest);

    private sealed record Applied(long Number, string Name, string Digest);
}

/// <param name="Newest">The newest step of the store; 0 when none was ever applied.</param>
/// <param name="Missing">The names of the steps still to be applied, in order.</param>
public sealed record MigrationPlan(long Newest, IReadOnlyList<string> Missing)
{
    public bool IsNew => Newest == 0;
}
