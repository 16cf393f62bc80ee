using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Security.RateLimiting;

namespace RealRelationshipApi.Analyses.Limits;

internal static class LoadShedding
{
    /// <summary>Rejects analyses with 503 under overload, before their bodies are read.</summary>
    public static IApplicationBuilder UseLoadShedding(this IApplicationBuilder app) => app.Use((context, next) =>
        context.IsAnalysis() && context.RequestServices.GetRequiredService<ComputeLimiter>().IsOverloaded ? ComputeLimiter.Reject().ExecuteAsync(context)
            : next(context));
}
