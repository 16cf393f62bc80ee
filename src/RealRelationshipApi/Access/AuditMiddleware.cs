using Microsoft.AspNetCore.Routing;

namespace RealRelationshipApi.Access;

public static class AuditMiddleware
{
    /// <summary>Notes every request for a site's data that was let in. Who needs no key in Development has no name to note.</summary>
    public static IApplicationBuilder UseAudit(this IApplicationBuilder app)
    {
        var audit = app.ApplicationServices.GetRequiredService<AccessAudit>();
        return app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
                Note(context.Response.StatusCode);
            }
            catch
            {
                Note(StatusCodes.Status500InternalServerError);
                throw;
            }

            void Note(int status)
            {
                if (context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<NeededScope>()?.Scope is Scopes.SessionsRead or Scopes.SessionsWrite && context.User.IsCounted())
                {
                    audit.Note(context.User.Tenant(), context.User.Actor(), metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName, status);
                }
            }
        });
    }
}
