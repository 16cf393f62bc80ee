using Microsoft.Extensions.Options;

using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Security.ApiKeys;

namespace RealRelationshipApi.Security;

/// <summary>CORS policies: configured origins may read, and post to the calculators under <c>/meta</c>, which store nothing. No other POST answers a preflight
/// request. Without the setting there are no CORS headers.</summary>
internal static class CorsConfiguration
{
    private const string CalculatorPolicy = "calculators";
    private const string CalculatorPath = "/meta";

    private static readonly string[] s_allowedHeaders = [ApiKeyAuthenticationHandler.HeaderName, "Authorization", "Accept", "If-None-Match"];
    private static readonly string[] s_exposedHeaders = ["ETag", "Link", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "Content-Disposition"];

    public static IServiceCollection AddConfiguredCors(this IServiceCollection services, CorsOptions options) => services.AddCors(cors =>
    {
        string[] origins = [.. options.OriginList];
        cors.AddDefaultPolicy(policy => policy.WithOrigins(origins).WithMethods(HttpMethods.Get, HttpMethods.Head).WithHeaders(s_allowedHeaders)
            .WithExposedHeaders(s_exposedHeaders));
        cors.AddPolicy(CalculatorPolicy, policy => policy.WithOrigins(origins).WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post)
            .WithHeaders([.. s_allowedHeaders, "Content-Type"]).WithExposedHeaders(s_exposedHeaders));
    });

    public static IApplicationBuilder UseConfiguredCors(this IApplicationBuilder app) =>
        app.ApplicationServices.GetRequiredService<IOptions<CorsOptions>>().Value.OriginList.Count == 0 ? app : app
            .UseWhen(IsCalculator, calculators => calculators.UseCors(CalculatorPolicy))
            .UseWhen(context => !IsCalculator(context), others => others.UseCors());

    /// <exception cref="StartupConfigurationException">A value is not an origin, or is <c>*</c>.</exception>
    public static void Validate(CorsOptions cors, EmbedOptions embed)
    {
        foreach (var (setting, origins) in new[] { ("Cors__AllowedOrigins", cors.OriginList), ("Embed__AllowedOrigins", embed.OriginList) })
        {
            if (origins.FirstOrDefault(origin => !IsOrigin(origin)) is { } invalid)
            {
                throw new StartupConfigurationException($"{setting} names '{invalid}', which is no origin such as https://portal.example.");
            }
        }
    }

    private static bool IsCalculator(HttpContext context) => context.Request.Path.StartsWithSegments(CalculatorPath, StringComparison.OrdinalIgnoreCase);

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.GetLeftPart(UriPartial.Authority) == text;
}
