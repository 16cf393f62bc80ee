using Microsoft.Extensions.Options;

using OpenTelemetry.Metrics;

using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Postgres;
using RealRelationship.Storage.Sqlite;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage;

public static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.Configure<PrivacyOptions>(configuration.GetSection(PrivacyOptions.Section));
        return services
            .AddSingleton(provider => OpenDatabase(provider.GetRequiredService<IOptions<StorageOptions>>()))
            .AddSingleton<PrivacyKey>()
            .AddSingleton<ColumnEncryption>()
            .AddSingleton<ChangeLog>()
            .AddSingleton<Migrator>()
            .AddSingleton<IntegrityCheck, ChangeLogIntegrityCheck>()
            .AddSingleton<StoreVerifier>()
            .AddSingleton<StoreCopier>()
            .AddSingleton<BackupWriter>()
            .AddSingleton<StoreUpgrader>()
            .AddSingleton<StoreExporter>()
            .AddSingleton<StoreRestorer>()
            .AddSingleton<KeyRotation>()
            .AddSingleton<CorruptionGuard>()
            .AddSingleton<EvidenceRevisionMonitor>()
            .AddSingleton<GroupCommitWriter>()
            .AddSingleton<StorageGauges>()
            .ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddInstrumentation(provider => provider.GetRequiredService<StorageGauges>()))
            .AddHostedService(provider => provider.GetRequiredService<GroupCommitWriter>())
            .AddHostedService(provider => provider.GetRequiredService<EvidenceRevisionMonitor>());
    }

    private static Database OpenDatabase(IOptions<StorageOptions> options)
    {
        try
        {
            return options.Value.Provider == StorageProvider.Postgres ? new PostgresDatabase(options) : new SqliteDatabase(options);
        }
        catch (OptionsValidationException invalid)
        {
            throw new StoragePreconditionException(string.Join(' ', invalid.Failures), invalid);
        }
    }
}
