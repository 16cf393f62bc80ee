using Microsoft.Extensions.Options;

using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Security.ApiKeys;

namespace RealRelationshipApi.Security;

/// <summary>CORS policy: configured origins may read but not write. Without the setting there are no CORS headers.</summary>
internal static class CorsConfiguration
{
    private static readonly string[] s_allowedHeaders = [ApiKeyAuthenticationHandler.HeaderName, "Authorization", "Accept", "If-None-Match"];
    private static readonly string[] s_exposedHeaders = ["ETag", "Link", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "Content-Disposition"];

    public static IServiceCollection AddConfiguredCors(this IServiceCollection services, CorsOptions options) =>
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
        .WithOrigins([.. options.OriginList]).WithMethods(HttpMethods.Get, HttpMethods.Head).WithHeaders(s_allowedHeaders)
            .WithExposedHeaders(s_exposedHeaders)));

    public static IApplicationBuilder UseConfiguredCors(this IApplicationBuilder app) =>
        app.ApplicationServices.GetRequiredService<IOptions<CorsOptions>>().Value.OriginList.Count > 0 ? app.UseCors() : app;

    /// <exception cref="StartupConfigurationException">A value is not an origin, or is <c>*</c>.</exception>
    public static void Validate(CorsOptions options)
    {
        if (options.OriginList.FirstOrDefault(origin => !IsOrigin(origin)) is { } invalid)
        {
            throw new StartupConfigurationException($"Cors__AllowedOrigins names '{invalid}', which is no origin such as https://portal.example.");
        }
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.GetLeftPart(UriPartial.Authority) == text;
}
