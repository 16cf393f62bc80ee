using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

internal static class Admission
{
    /// <summary>Refuses an analysis that would wait too long before anything of it is read: what cannot be done in time costs those nothing for whom there is time.</summary>
    public static IApplicationBuilder UseAdmission(this IApplicationBuilder app) => app.Use((context, next) =>
        context.IsAnalysis() && context.RequestServices.GetRequiredService<HeavyWork>().IsBehind ? HeavyWork.Refuse().ExecuteAsync(context) : next(context));
}
