using FluentValidation;

using OpenTelemetry.Metrics;

using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses;

public static class AnalysisServiceCollectionExtensions
{
    public static IServiceCollection AddAnalyses(this IServiceCollection services, IConfiguration configuration) => services
        .AddOptions<ResponseCacheOptions>().Bind(configuration.GetSection(ResponseCacheOptions.Section)).ValidateDataAnnotations().ValidateOnStart().Services
        .AddSingleton<EvidenceSnapshotProvider>()
        .AddSingleton<AnalysisLimiter>()
        .AddSingleton<AnalysisService>()
        .AddSingleton<ResponseCache>()
        .AddSingleton<AnalysisGauges>()
        .ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddInstrumentation(provider => provider.GetRequiredService<AnalysisGauges>()))
        .AddSingleton<IValidator<InlineEffect>, InlineEffectValidator>()
        .AddSingleton<IValidator<FilterRequest>, FilterValidator>()
        .AddSingleton<IValidator<ModelRequest>, ModelValidator>()
        .AddSingleton<IValidator<PoolRequest>, PoolValidator>()
        .AddSingleton<IValidator<ModeratorsRequest>, ModeratorsValidator>()
        .AddSingleton<IValidator<RegressionRequest>, RegressionValidator>()
        .AddSingleton<IValidator<BiasRequest>, BiasValidator>()
        .AddSingleton<IValidator<SensitivityRequest>, SensitivityValidator>()
        .AddSingleton<IValidator<ChangesRequest>, ChangesValidator>();
}
