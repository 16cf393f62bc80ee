using FluentValidation;

using OpenTelemetry.Metrics;

using RealRelationshipApi.Analyses.Agreement;
using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Coverage;
using RealRelationshipApi.Analyses.Diagnostics;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Multiverse;
using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Analyses.Plan;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Analyses.Sensitivity;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Analyses;

internal static class AnalysisServiceCollectionExtensions
{
    public static IServiceCollection AddAnalyses(this IServiceCollection services, IConfiguration configuration) => services
        .AddOptions<ResponseCacheOptions>().Bind(configuration.GetSection(ResponseCacheOptions.Section)).ValidateDataAnnotations().ValidateOnStart().Services
        .AddSingleton<EvidenceSnapshotProvider>()
        .AddSingleton<AnalysisBudget>()
        .AddSingleton<NewsCache>()
        .AddSingleton<AnalysisService>()
        .AddSingleton<ResponseCache>()
        .AddSingleton<AnalysisGauges>()
        .ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddInstrumentation(provider => provider.GetRequiredService<AnalysisGauges>()))
        .AddSingleton<IValidator<InlineEffect>, InlineEffectValidator>()
        .AddSingleton<IValidator<FilterRequest>>(new RequestOptionValidator<FilterRequest>(FilterTable.Options))
        .AddSingleton<IValidator<ModelRequest>>(new RequestOptionValidator<ModelRequest>(ModelTable.Options))
        .AddAnalysisRequest<PoolRequest>([])
        .AddAnalysisRequest(ModeratorsRequest.Options)
        .AddAnalysisRequest(RegressionRequest.Options)
        .AddAnalysisRequest(BayesRequest.Options)
        .AddAnalysisRequest(BiasRequest.Options)
        .AddAnalysisRequest<SensitivityRequest>([])
        .AddAnalysisRequest<CertaintyRequest>([])
        .AddCertainty()
        .AddAnalysisRequest(PlanRequest.Options)
        .AddAnalysisRequest(DiagnosticsRequest.Options)
        .AddAnalysisRequest(MultiverseRequest.Options)
        .AddAnalysisRequest<CoverageRequest>([])
        .AddAnalysisRequest(ChangesRequest.Options)
        .AddAnalysisRequest(NewsRequest.Options)
        .AddAnalysisRequest<AgreementRequest>([]);

    /// <summary>Registers the validator of a request, which uses the rules of its options.</summary>
    public static IServiceCollection AddAnalysisRequest<T>(this IServiceCollection services, IReadOnlyList<RequestOption<T>> options)
        where T : AnalysisRequest => services.AddSingleton(options).AddSingleton<IValidator<T>, AnalysisRequestValidator<T>>();
}
