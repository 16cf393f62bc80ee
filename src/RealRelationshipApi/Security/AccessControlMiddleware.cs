using RealRelationship.Storage;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Security;

internal static class AccessControlMiddleware
{
    /// <summary>Answers 404 for paths of public reading where that is off, whatever the request.</summary>
    public static IApplicationBuilder UsePublicReadPaths(this IApplicationBuilder app) => app.Use((context, next) =>
        context.GetEndpoint()?.Metadata.GetMetadata<PublicReadOnly>() is not null
            && !context.RequestServices.GetRequiredService<AccessPolicy>().AllowsPublicRead
            ? new Problem(ProblemKind.NotFound, "There is no such path: it answers only where Access__PublicRead is true.").ExecuteAsync(context)
            : next(context));

    /// <summary>Authenticates, authorizes and sets the tenant of the request. Unknown paths (404) and methods (405) need no authorization.</summary>
    public static IApplicationBuilder UseAccessControl(this IApplicationBuilder app) => app
        .Use((context, next) => context.GetEndpoint() switch
        {
            RouteEndpoint => next(context),
            // Routing's own endpoints, 405 and 415, have no policy.
            { RequestDelegate: { } respond } => respond(context),
            _ => new Problem(ProblemKind.NotFound, "There is no such path.").ExecuteAsync(context),
        })
        .Use((context, next) =>
        {
            TenantScope.EnterNoTenant();
            return next(context);
        })
        .UseAuthentication()
        .UseAuthorization()
        .Use((context, next) =>
        {
            if (context.User.FindTenant() is { } tenant)
            {
                TenantScope.Enter(tenant);
            }

            return next(context);
        });
}
