using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Security.RateLimiting;

public static class RateLimitingMiddleware
{
    /// <summary>Refuses who has asked too much with 429, and tells everybody what is left (draft-ietf-httpapi-ratelimit-headers).
    /// Development without a key has no limit.</summary>
    public static IApplicationBuilder UseRateLimiting(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var rateLimiter = context.RequestServices.GetRequiredService<RequestRateLimiter>();
        if (!rateLimiter.IsEnabled || !context.User.IsMetered())
        {
            await next(context);
            return;
        }

        var decision = await rateLimiter.AcquireAsync(RateLimitClient.For(context.User, context.Connection.RemoteIpAddress), context.RequestAborted);
        context.Response.Headers["RateLimit-Policy"] = rateLimiter.PolicyHeader;
        context.Response.Headers["RateLimit"] = decision.RateLimitHeader;
        await (decision.RetryAfterSeconds is { } seconds ? new Problem(ProblemKind.TooManyRequests) { RetryAfterSeconds = seconds }.ExecuteAsync(context)
            : next(context));
    });
}
