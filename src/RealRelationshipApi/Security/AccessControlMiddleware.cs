using RealRelationship.Storage;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Security;

public static class AccessControlMiddleware
{
    /// <summary>Lets in whom an endpoint's policy lets in. Paths and methods that do not exist are answered as such, to everyone.</summary>
    public static IApplicationBuilder UseAccessControl(this IApplicationBuilder app) => app
        .Use((context, next) => context.GetEndpoint() switch
        {
            RouteEndpoint => next(context),
            // Routing's own endpoints, which answer 405 and 415, have no policy that could let anybody in.
            { RequestDelegate: { } refuse } => refuse(context),
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
