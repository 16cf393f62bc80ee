namespace RealRelationshipApi.Access;

public static class AccessMiddleware
{
    /// <summary>Lets in whom an endpoint's policy lets in. Paths and methods that do not exist are answered as such, to everyone.</summary>
    public static IApplicationBuilder UseAccess(this IApplicationBuilder app) => app
        .UseAuthentication()
        .UseWhen(context => context.GetEndpoint() is RouteEndpoint, routed => routed.UseAuthorization());
}
