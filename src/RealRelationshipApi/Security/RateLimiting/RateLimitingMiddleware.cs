using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Security.RateLimiting;

public static class RateLimitingMiddleware
{
    /// <summary>Refuses who has asked too much with 429, and tells everybody what is left (draft-ietf-httpapi-ratelimit-headers). Development without a key has no limit.</summary>
    public static IApplicationBuilder UseRateLimiting(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var quota = context.RequestServices.GetRequiredService<RequestRateLimiter>();
        if (!quota.HasRules || !context.User.IsCounted())
        {
            await next(context);
            return;
        }

        var answer = await quota.TakeAsync(RateLimitPartition.Of(context.User, context.Connection.RemoteIpAddress), context.RequestAborted);
        context.Response.Headers["RateLimit-Policy"] = quota.Policy;
        context.Response.Headers["RateLimit"] = answer.Left;
        await (answer.RetryAfterSeconds is { } seconds ? new Problem(ProblemKind.TooManyRequests) { RetryAfterSeconds = seconds }.ExecuteAsync(context) : next(context));
    });
}
