using RealRelationship.Storage;

using RealRelationshipApi.Http;
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
            _ => new Problem(ProblemKind.NotFound, $"There is no such path{SuggestPath(context)} The manual is at /docs, all operations are at /swagger.")
                .ExecuteAsync(context),
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

    // Of the paths without parameters, which are what is typed by hand.
    private static string SuggestPath(HttpContext context)
    {
        var paths = context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<PublicReadOnly>() is null && endpoint.RoutePattern.Parameters.Count == 0)
            .Select(endpoint => endpoint.RoutePattern.RawText!);
        return SimilarNames.Suggest(context.Request.Path.Value ?? "", paths, otherwise: ".");
    }
}
