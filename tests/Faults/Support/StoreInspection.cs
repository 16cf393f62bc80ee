using System.Data.Common;

using Dapper;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;
using RealRelationship.Testing.Processes;

using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;

namespace Faults.Support;

/// <summary>Looks at a whole store with the service's own storage code: opened as at a start, every digest and the order of revisions verified.</summary>
internal static class StoreInspection
{
    // Each value is sealed for its place.
    private static readonly (string Table, string Place)[] s_encryptedTables =
    [
        ("patient_record", "'patient_record/' || lower(hex(patient))"),
        ("stratum_sum", "'stratum_sum/' || cell || '/' || lower(hex(stratum))"),
        ("cell_sum", "'cell_sum/' || cell"),
        ("site_count", "'site_count'"),
    ];

    /// <summary>All studies of a store, after it was verified.</summary>
    /// <exception cref="StorageCorruptionException">Something is not what was written.</exception>
    /// <exception cref="StoragePreconditionException">The store cannot be opened.</exception>
    public static IReadOnlyList<StudyRecord> ReadStudies(params (string Name, string Value)[] settings)
    {
        using var host = BuildHost(settings);
        using var connection = Open(host);
        var log = host.Services.GetRequiredService<ChangeLog>();
        log.VerifyHead(connection);
        if (connection is Microsoft.Data.Sqlite.SqliteConnection && connection.ExecuteScalar<string>("PRAGMA integrity_check") is not "ok" and var damage)
        {
            throw new StorageCorruptionException($"integrity_check says: {damage}");
        }

        return ReadStudies(connection, log);
    }

    /// <summary>Every study of a SQLite file.</summary>
    public static IReadOnlyList<StudyRecord> ReadStudiesOfFile(string path) => ReadStudies(("Storage__Path", path));

    /// <summary>Decrypted session tables of a SQLite file, in the order of keys.</summary>
    public static IEnumerable<(string Table, string Content)> DecryptedSums(string path)
    {
        using var host = BuildHost(("Storage__Path", path));
        using var connection = Open(host);
        var sealer = host.Services.GetRequiredService<ColumnEncryption>();
        foreach (var (table, place) in s_encryptedTables)
        {
            var rows = connection.Query<(string Tenant, string Place, byte[] Sealed)>($"SELECT tenant, {place}, sealed FROM {table} ORDER BY 1, 2");
            yield return (table,
                string.Join('\n', rows.Select(row => $"{row.Place} {Convert.ToHexString(sealer.Decrypt(row.Sealed, row.Tenant, row.Place))}")));
        }
    }

    private static IHost BuildHost(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Append(("Privacy__Key", ServiceProcess.PrivacyKey))
            .Select(s => KeyValuePair.Create(s.Item1.Replace("__", ":", StringComparison.Ordinal), (string?)s.Item2)));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddStorage(builder.Configuration);
        return builder.Build();
    }

    private static DbConnection Open(IHost host)
    {
        host.Services.GetRequiredService<Migrator>().Apply(mayChangeStore: true);
        return host.Services.GetRequiredService<Database>().OpenWriter();
    }

    private static IReadOnlyList<StudyRecord> ReadStudies(DbConnection connection, ChangeLog log)
    {
        var studies = StudyQueries.AsOf(connection, StudyQueries.CurrentRevision(connection), log);
        var versions = connection.ExecuteScalar<long>("SELECT count(*) FROM study_version");
        var claims = connection.ExecuteScalar<long>("SELECT count(*) FROM current_effect");
        return (versions, claims) == (studies.Count, studies.Count)
            ? studies
            : throw new StorageCorruptionException($"{studies.Count} studies have {versions} versions and {claims} claims of effects.");
    }

    /// <summary>Compares a store with what was acknowledged.</summary>
    public static void CompareWithRecord(WriteRecord ledger, IEnumerable<string> acknowledged, IReadOnlyList<StudyRecord> studies)
    {
        var stored = studies.ToDictionary(s => s.Key, StringComparer.Ordinal);
        foreach (var key in acknowledged.Where(key => !stored.ContainsKey(key)))
        {
            ledger.RecordLoss($"{key} was acknowledged and is gone");
        }

        foreach (var study in studies)
        {
            var effect = study.Effects[0];
            if (new GeneratedStudy(study.Key).FindError(effect.Statistic.Value ?? double.NaN, effect.Statistic.N, effect.Stored?.Yi) is { } error)
            {
                ledger.RecordDuplicate(error);
            }
        }

        if (!studies.Select(s => s.Revision).Order().SequenceEqual(Enumerable.Range(1, studies.Count).Select(r => (long)r)))
        {
            ledger.RecordViolation("The revisions are not 1, 2, 3, …");
        }
    }
}
