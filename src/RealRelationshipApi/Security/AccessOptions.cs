namespace RealRelationshipApi.Security;

/// <summary>Who may come in.</summary>
public sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>Whether callers on this machine need no key; true in Development when absent, refused elsewhere.</summary>
    public bool? Anonymous { get; set; }

    /// <summary>Whether scope <c>meta:read</c> is open to everyone.</summary>
    public bool PublicRead { get; set; }
}
