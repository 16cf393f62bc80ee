using Microsoft.AspNetCore.Routing;

namespace RealRelationshipApi.Security;

public static class AuditMiddleware
{
    /// <summary>Notes every request for a site's data that was let in. Who needs no key in Development has no name to note.</summary>
    public static IApplicationBuilder UseAudit(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<NeededScope>()?.Scope is Scopes.SessionsRead or Scopes.SessionsWrite && context.User.IsCounted())
        {
            var audit = context.RequestServices.GetRequiredService<AccessAudit>();
            var operation = metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName;
            // Before the first byte leaves, when it is known how the request ended.
            context.Response.OnStarting(() =>
            {
                audit.Note(context.User.Tenant(), context.User.Actor(), operation, context.Response.StatusCode);
                return Task.CompletedTask;
            });
        }

        return next(context);
    });
}
