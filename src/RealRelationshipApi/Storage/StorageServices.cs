namespace RealRelationshipApi.Storage;

public static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton<Database>()
            .AddSingleton<Migrator>()
            .AddSingleton<Writer>()
            .AddHostedService(provider => provider.GetRequiredService<Writer>());
    }
}
