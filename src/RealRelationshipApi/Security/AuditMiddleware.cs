using Microsoft.AspNetCore.Routing;

namespace RealRelationshipApi.Security;

internal static class AuditMiddleware
{
    /// <summary>Records every authorized request for a site's data, except by local callers without a key.</summary>
    public static IApplicationBuilder UseAudit(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<RequiredScope>()?.Scope is Scopes.SessionsRead or Scopes.SessionsWrite
            && !context.User.IsLocalWithoutKey())
        {
            var audit = context.RequestServices.GetRequiredService<AuditLog>();
            var operation = metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName;
            // The status is known once the response starts.
            context.Response.OnStarting(() =>
            {
                audit.Record(context.User.Tenant(), context.User.Actor(), operation, context.Response.StatusCode);
                return Task.CompletedTask;
            });
        }

        return next(context);
    });
}
