namespace RealRelationshipApi.Security;

/// <summary>Access without an API key or token.</summary>
internal sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>Whether callers on this machine need no key; default true in Development, not allowed elsewhere.</summary>
    public bool? Anonymous { get; set; }

    /// <summary>Whether scope <c>meta:read</c> needs no key.</summary>
    public bool PublicRead { get; set; }
}
