using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage;

public static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.Configure<PrivacyOptions>(configuration.GetSection(PrivacyOptions.Section));
        return services
            .AddSingleton(provider => Database.Open(provider.GetRequiredService<IOptions<StorageOptions>>()))
            .AddSingleton<PrivacyKey>()
            .AddSingleton<ColumnEncryption>()
            .AddSingleton<ChangeLog>()
            .AddSingleton<StoreHeadFile>()
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
            .AddHostedService(provider => provider.GetRequiredService<GroupCommitWriter>())
            .AddHostedService(provider => provider.GetRequiredService<EvidenceRevisionMonitor>());
    }
}
