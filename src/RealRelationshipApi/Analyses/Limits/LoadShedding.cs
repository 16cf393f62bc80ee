using RealRelationshipApi.Analyses.Caching;

namespace RealRelationshipApi.Analyses.Limits;

internal static class LoadShedding
{
    /// <summary>Refuses an analysis that would wait too long before anything of it is read:
    /// what cannot be done in time costs those nothing for whom there is time.</summary>
    public static IApplicationBuilder UseLoadShedding(this IApplicationBuilder app) => app.Use((context, next) =>
        context.IsAnalysis() && context.RequestServices.GetRequiredService<AnalysisLimiter>().IsOverloaded ? AnalysisLimiter.Reject().ExecuteAsync(context)
            : next(context));
}
