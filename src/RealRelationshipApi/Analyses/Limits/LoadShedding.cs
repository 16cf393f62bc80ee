using RealRelationshipApi.Analyses.Caching;

namespace RealRelationshipApi.Analyses.Limits;

internal static class LoadShedding
{
    /// <summary>503 for an analysis that would queue too long, before its body is read.</summary>
    public static IApplicationBuilder UseLoadShedding(this IApplicationBuilder app) => app.Use((context, next) =>
        context.IsAnalysis() && context.RequestServices.GetRequiredService<AnalysisLimiter>().IsOverloaded ? AnalysisLimiter.Reject().ExecuteAsync(context)
            : next(context));
}
