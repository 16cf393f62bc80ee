using System.Data.Common;

using Dapper;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using RealRelationshipApi.Storage;
using RealRelationshipApi.Studies;

namespace Faults.Vocabulary;

/// <summary>Looks at a whole store with the service's own storage code: opened as at a start, every digest and the order of revisions verified.</summary>
internal static class StoreCheck
{
    /// <summary>Every study that a store holds, after everything about it was verified.</summary>
    /// <exception cref="StorageDamagedException">Something is not what was written.</exception>
    /// <exception cref="StorageRefusedException">The store cannot be opened.</exception>
    public static IReadOnlyList<StudyRecord> Read(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Append(("Privacy__Key", ServiceProcess.PrivacyKey))
            .Select(s => KeyValuePair.Create(s.Item1.Replace("__", ":", StringComparison.Ordinal), (string?)s.Item2)));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddStorage(builder.Configuration);
        using var host = builder.Build();
        host.Services.GetRequiredService<Migrator>().Apply(mayChangeStore: true);
        using var connection = host.Services.GetRequiredService<Database>().OpenWriter();
        var log = host.Services.GetRequiredService<ChangeLog>();
        log.Check(connection);
        if (connection is Microsoft.Data.Sqlite.SqliteConnection && connection.ExecuteScalar<string>("PRAGMA integrity_check") is not "ok" and var damage)
        {
            throw new StorageDamagedException($"integrity_check says: {damage}");
        }

        return Read(connection, log);
    }

    /// <summary>Every study of a SQLite file.</summary>
    public static IReadOnlyList<StudyRecord> ReadFile(string path) => Read(("Storage__Path", path));

    private static IReadOnlyList<StudyRecord> Read(DbConnection connection, ChangeLog log)
    {
        var studies = StudyReads.At(connection, StudyReads.CurrentRevision(connection), log);
        var versions = connection.ExecuteScalar<long>("SELECT count(*) FROM study_version");
        var claims = connection.ExecuteScalar<long>("SELECT count(*) FROM current_effect");
        return (versions, claims) == (studies.Count, studies.Count)
            ? studies
            : throw new StorageDamagedException($"{studies.Count} studies have {versions} versions and {claims} claims of effects.");
    }

    /// <summary>Compares a store with what was acknowledged.</summary>
    public static void Verify(Ledger ledger, IEnumerable<string> acknowledged, IReadOnlyList<StudyRecord> studies)
    {
        var stored = studies.ToDictionary(s => s.Key, StringComparer.Ordinal);
        foreach (var key in acknowledged.Where(key => !stored.ContainsKey(key)))
        {
            ledger.Lose($"{key} was acknowledged and is gone");
        }

        foreach (var study in studies)
        {
            var effect = study.Effects[0];
            if (new Sent(study.Key).FaultOf(effect.Statistic.Value ?? double.NaN, effect.Statistic.N, effect.Stored?.Yi) is { } fault)
            {
                ledger.Double(fault);
            }
        }

        if (!studies.Select(s => s.Revision).Order().SequenceEqual(Enumerable.Range(1, studies.Count).Select(r => (long)r)))
        {
            ledger.Violate("The revisions are not 1, 2, 3, …");
        }
    }
}
