using Microsoft.Extensions.Options;

using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Security.ApiKeys;

namespace RealRelationshipApi.Security;

/// <summary>Pages of other origins may read where the operator names them, and never write; without the setting none may do anything.</summary>
internal static class CorsConfiguration
{
    private static readonly string[] s_allowedHeaders = [ApiKeyAuthenticationHandler.HeaderName, "Authorization", "Accept", "If-None-Match"];
    private static readonly string[] s_exposedHeaders = ["ETag", "Link", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "Content-Disposition"];

    public static IServiceCollection AddConfiguredCors(this IServiceCollection services, AccessOptions access) => services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
        .WithOrigins([.. access.OriginList]).WithMethods(HttpMethods.Get, HttpMethods.Head).WithHeaders(s_allowedHeaders).WithExposedHeaders(s_exposedHeaders)));

    public static IApplicationBuilder UseConfiguredCors(this IApplicationBuilder app) =>
        app.ApplicationServices.GetRequiredService<IOptions<AccessOptions>>().Value.OriginList.Count > 0 ? app.UseCors() : app;

    /// <exception cref="StartupConfigurationException">What is named is no origin, or is everybody's.</exception>
    public static void Validate(AccessOptions access)
    {
        if (access.OriginList.FirstOrDefault(origin => !IsOrigin(origin)) is { } invalid)
        {
            throw new StartupConfigurationException($"Access__Origins names '{invalid}', which is no origin such as https://portal.example.");
        }
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.GetLeftPart(UriPartial.Authority) == text;
}
