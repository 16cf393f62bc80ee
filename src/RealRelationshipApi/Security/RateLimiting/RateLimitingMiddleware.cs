using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Security.RateLimiting;

internal static class RateLimitingMiddleware
{
    /// <summary>Rejects requests beyond the limits with 429, and adds RateLimit headers to all responses (draft-ietf-httpapi-ratelimit-headers).
    /// Anonymous endpoints and local callers without a key have no limit.</summary>
    public static IApplicationBuilder UseRateLimiting(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var rateLimiter = context.RequestServices.GetRequiredService<RequestRateLimiter>();
        if (!rateLimiter.IsEnabled || context.User.FindTenant() is null || context.User.IsLocalWithoutKey())
        {
            await next(context);
            return;
        }

        var decision = await rateLimiter.AcquireAsync(RateLimitClient.For(context), context.RequestAborted);
        context.Response.Headers["RateLimit-Policy"] = rateLimiter.PolicyHeader;
        context.Response.Headers["RateLimit"] = decision.RateLimitHeader;
        await (decision.RetryAfterSeconds is { } seconds ? new Problem(ProblemKind.TooManyRequests) { RetryAfterSeconds = seconds }.ExecuteAsync(context)
            : next(context));
    });
}
