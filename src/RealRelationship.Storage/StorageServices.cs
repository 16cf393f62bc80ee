using Microsoft.Extensions.Options;

using OpenTelemetry.Metrics;

using RealRelationshipApi.Storage.Moving;
using RealRelationshipApi.Storage.Postgres;
using RealRelationshipApi.Storage.Sqlite;
using RealRelationshipApi.Storage.Verifying;

namespace RealRelationshipApi.Storage;

public static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.Configure<PrivacyOptions>(configuration.GetSection(PrivacyOptions.Section));
        return services
            .AddSingleton(provider => Open(provider.GetRequiredService<IOptions<StorageOptions>>()))
            .AddSingleton<PrivacyKey>()
            .AddSingleton<Sealer>()
            .AddSingleton<ChangeLog>()
            .AddSingleton<Migrator>()
            .AddSingleton<StoreCheck, ChainCheck>()
            .AddSingleton<Verification>()
            .AddSingleton<Transfer>()
            .AddSingleton<Backups>()
            .AddSingleton<Upgrade>()
            .AddSingleton<Export>()
            .AddSingleton<Restoration>()
            .AddSingleton<Rotation>()
            .AddSingleton<FailStop>()
            .AddSingleton<RevisionWatch>()
            .AddSingleton<Writer>()
            .AddSingleton<StoreGauges>()
            .ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddInstrumentation(provider => provider.GetRequiredService<StoreGauges>()))
            .AddHostedService(provider => provider.GetRequiredService<Writer>())
            .AddHostedService(provider => provider.GetRequiredService<RevisionWatch>());
    }

    private static Database Open(IOptions<StorageOptions> options)
    {
        try
        {
            return options.Value.Provider == StorageProvider.Postgres ? new PostgresDatabase(options) : new SqliteDatabase(options);
        }
        catch (OptionsValidationException invalid)
        {
            throw new StorageRefusedException(string.Join(' ', invalid.Failures), invalid);
        }
    }
}
