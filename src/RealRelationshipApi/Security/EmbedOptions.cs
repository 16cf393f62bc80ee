namespace RealRelationshipApi.Security;

/// <summary>Origins whose pages may show <c>/embed</c> in a frame.</summary>
internal sealed class EmbedOptions
{
    public const string Section = "Embed";

    /// <summary>Origins, separated by commas: <c>https://portal.example</c>; default none. <c>*</c> is not allowed.</summary>
    public string? AllowedOrigins { get; set; }

    internal IReadOnlyList<string> OriginList => CorsOptions.ParseOrigins(AllowedOrigins);
}
