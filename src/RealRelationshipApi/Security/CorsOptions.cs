namespace RealRelationshipApi.Security;

/// <summary>Origins whose pages may read the service, and use its calculators.</summary>
internal sealed class CorsOptions
{
    public const string Section = "Cors";

    /// <summary>Origins, separated by commas: <c>https://portal.example</c>; default none. <c>*</c> is not allowed.</summary>
    public string? AllowedOrigins { get; set; }

    internal IReadOnlyList<string> OriginList => ParseOrigins(AllowedOrigins);

    internal static IReadOnlyList<string> ParseOrigins(string? text) =>
        text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
