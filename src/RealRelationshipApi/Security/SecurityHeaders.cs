using RealRelationshipApi.Http;

namespace RealRelationshipApi.Security;

/// <summary>Security headers of every response; an endpoint may set its own.</summary>
internal static class SecurityHeaders
{
    private const string CommonDirectives = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'";
    private const string DataPolicy = $"default-src 'none'; {CommonDirectives}";
    private const string PagePolicy = $"default-src 'self'; {CommonDirectives}";

    // Swagger UI uses inline styles and data: icons.
    private const string SwaggerPolicy = $"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; {CommonDirectives}";
    private const string HstsOneYear = "max-age=31536000";

    // Set when the response starts, because the exception handler clears headers set earlier.
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(static state =>
        {
            SetHeaders((HttpContext)state);
            return Task.CompletedTask;
        }, context);
        return next(context);
    });

    private static void SetHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        // It can name no origins; a policy that does says who may frame the response.
        if (!headers.ContentSecurityPolicy.ToString().Contains("frame-ancestors http", StringComparison.Ordinal))
        {
            headers.XFrameOptions = "DENY";
        }

        headers["Referrer-Policy"] = "no-referrer";
        // Plots may be embedded in pages of other origins.
        headers["Cross-Origin-Resource-Policy"] = context.Response.ContentType?.StartsWith(MediaTypes.Svg, StringComparison.OrdinalIgnoreCase) == true
            ? "cross-origin" : "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        // A policy in a 304 would replace that of the cached response (RFC 9111, 3.2).
        if (headers.ContentSecurityPolicy.Count == 0 && context.Response.StatusCode != StatusCodes.Status304NotModified)
        {
            headers.ContentSecurityPolicy = PolicyFor(context);
        }

        if (headers.CacheControl.Count == 0 && !IsSwagger(context))
        {
            headers.CacheControl = "no-store";
        }

        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = HstsOneYear;
        }
    }

    private static string PolicyFor(HttpContext context) => IsSwagger(context) ? SwaggerPolicy
        : context.Response.ContentType?.StartsWith(MediaTypes.Html, StringComparison.OrdinalIgnoreCase) == true ? PagePolicy
        : DataPolicy;

    private static bool IsSwagger(HttpContext context) => context.Request.Path.StartsWithSegments("/swagger", StringComparison.OrdinalIgnoreCase);
}
