using FluentValidation;

using OpenTelemetry.Metrics;

using RealRelationshipApi.Meta.Pictures;

namespace RealRelationshipApi.Meta;

public static class MetaServices
{
    public static IServiceCollection AddMeta(this IServiceCollection services) => services
        .AddSingleton<EvidenceSource>()
        .AddSingleton<StoredQuestions>()
        .AddSingleton<KeptAnswers>()
        .AddSingleton<MetaGauges>()
        .ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddInstrumentation(provider => provider.GetRequiredService<MetaGauges>()))
        .AddSingleton<IValidator<BodyEffect>, BodyEffectValidator>()
        .AddSingleton<IValidator<FilterRequest>, FilterValidator>()
        .AddSingleton<IValidator<ModelRequest>, ModelValidator>()
        .AddSingleton<IValidator<PoolRequest>, PoolValidator>()
        .AddSingleton<IValidator<ModeratorsRequest>, ModeratorsValidator>()
        .AddSingleton<IValidator<RegressionRequest>, RegressionValidator>()
        .AddSingleton<IValidator<BiasRequest>, BiasValidator>()
        .AddSingleton<IValidator<SensitivityRequest>, SensitivityValidator>()
        .AddSingleton<IValidator<ChangesRequest>, ChangesValidator>()
        .AddSingleton<IValidator<ForestRequest>, ForestValidator>()
        .AddSingleton<IValidator<FunnelRequest>, FunnelValidator>()
        .AddSingleton<IValidator<CumulativeRequest>, CumulativeValidator>();
}
