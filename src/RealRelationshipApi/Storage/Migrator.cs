using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Dapper;

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
        return Plan(connection);
    }

    /// <summary>Applies what is missing.</summary>
    /// <param name="mayChangeStore">Whether a store that holds something already may be changed; one that is new always may.</param>
    /// <returns>The names of the steps applied, in order.</returns>
    /// <exception cref="StorageRefusedException">The store was written by a newer version, an applied step was edited since, or it must not be changed.</exception>
    public IReadOnlyList<string> Apply(bool mayChangeStore)
    {
        using var connection = database.OpenOwner();
        var applied = new List<string>();
        while (Plan(connection) is { Missing: [var next, ..] } plan)
        {
            if (!mayChangeStore && !plan.IsNew)
            {
                throw new StorageRefusedException($"The store lacks schema step {next}: run the command `migrate` first.");
            }

            applied.AddRange(ApplyOne(connection));
        }

        return applied;
    }

    private MigrationPlan Plan(DbConnection connection)
    {
        List<Applied> applied = database.HasSchema(connection) ? [.. connection.Query<Applied>("SELECT number, name, digest FROM migration ORDER BY number")] : [];
        RefuseStrangers(applied);
        return new(IsNew: applied.Count == 0, [.. s_steps.Value.ExceptBy(applied.Select(a => a.Number), s => s.Number).Select(s => s.Name)]);
    }

    // Another process may have applied the step while this one waited for the lock.
    private IReadOnlyList<string> ApplyOne(DbConnection connection)
    {
        connection.Execute("BEGIN TRANSACTION");
        try
        {
            database.LockSchema(connection);
            connection.Execute(database.Schema(Table));
            var done = connection.Query<long>("SELECT number FROM migration").ToHashSet();
            var step = s_steps.Value.FirstOrDefault(s => !done.Contains(s.Number));
            if (step is null)
            {
                connection.Execute("COMMIT");
                return [];
            }

            connection.Execute(database.Schema(step.Sql));
            if (step.Number == ChainHistory.Step)
            {
                ChainHistory.Apply(connection, privacy);
            }

            connection.Execute("INSERT INTO migration (number, name, digest, applied_at) VALUES (@Number, @Name, @Digest, @AppliedAt)",
                new { step.Number, step.Name, step.Digest, AppliedAt = Instant.Text(clock.GetUtcNow()) });
            connection.Execute("COMMIT");
            return [step.Name];
        }
        catch
        {
            connection.Execute("ROLLBACK");
            throw;
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

/// <param name="IsNew">Whether no step was ever applied.</param>
/// <param name="Missing">The names of the steps still to be applied, in order.</param>
public sealed record MigrationPlan(bool IsNew, IReadOnlyList<string> Missing);
