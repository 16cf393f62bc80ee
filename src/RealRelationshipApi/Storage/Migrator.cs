using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Dapper;

using Microsoft.Data.Sqlite;

namespace RealRelationshipApi.Storage;

/// <summary>Brings the schema up to date: numbered steps that only ever get longer, each applied in a transaction of its own.</summary>
public sealed class Migrator(TimeProvider clock)
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

    /// <summary>Applies what is missing.</summary>
    /// <returns>The names of the steps applied, in order.</returns>
    /// <exception cref="StorageRefusedException">The file was written by a newer version, or an applied step was edited since.</exception>
    public IReadOnlyList<string> Apply(SqliteConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        connection.Execute(Table);
        var applied = connection.Query<Applied>("SELECT number, name, digest FROM migration ORDER BY number").ToDictionary(a => a.Number);
        RefuseStrangers(applied.Values);
        return [.. s_steps.Value.Where(step => !applied.ContainsKey(step.Number)).Select(step => Apply(connection, step))];
    }

    private string Apply(SqliteConnection connection, Step step)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        connection.Execute(step.Sql, transaction: transaction);
        connection.Execute("INSERT INTO migration (number, name, digest, applied_at) VALUES (@Number, @Name, @Digest, @AppliedAt)",
            new { step.Number, step.Name, step.Digest, AppliedAt = Instant.Text(clock.GetUtcNow()) }, transaction);
        transaction.Commit();
        return step.Name;
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
