namespace RealRelationshipApi.Security;

/// <summary>Which pages of other origins may read the service.</summary>
public sealed class CorsOptions
{
    public const string Section = "Cors";

    /// <summary>Origins, separated by commas: <c>https://portal.example</c>; none when absent. <c>*</c> is refused.</summary>
    public string? AllowedOrigins { get; set; }

    internal IReadOnlyList<string> OriginList => AllowedOrigins?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
