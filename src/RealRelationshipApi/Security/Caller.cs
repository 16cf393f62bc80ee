using System.Security.Claims;
using System.Text.RegularExpressions;

namespace RealRelationshipApi.Security;

/// <summary>The authenticated caller of a request.</summary>
internal static partial class Caller
{
    public const string TenantClaim = "tenant";
    public const string ScopeClaim = "scope";

    /// <summary>The tenant of local callers without a key.</summary>
    public const string DevelopmentTenant = "development";

    internal const string TenantNameRule = "1 to 64 letters, digits, dots, hyphens or underscores";

    private const string ActorClaim = "actor";

    public static string Tenant(this ClaimsPrincipal user) =>
        user.FindTenant() ?? throw new InvalidOperationException("The endpoint let a caller without tenant in.");

    internal static string? FindTenant(this ClaimsPrincipal user) => user.FindFirstValue(TenantClaim);

    /// <summary>The id of the key, or issuer and subject of the token; empty without one.</summary>
    public static string Actor(this ClaimsPrincipal user) => user.FindFirstValue(ActorClaim) ?? "";

    public static bool HasScope(this ClaimsPrincipal user, string scope) =>
        user.HasClaim(ScopeClaim, scope) || (Scopes.IsIncludedInAdmin(scope) && user.HasClaim(ScopeClaim, Scopes.Admin));

    /// <summary>Whether the caller is on this machine and needs no key; such requests are neither rate limited nor audited.</summary>
    internal static bool IsLocalWithoutKey(this ClaimsPrincipal user) => user.FindTenant() == DevelopmentTenant && user.Actor().Length == 0;

    public static ClaimsPrincipal CreatePrincipal(string scheme, string tenant, IEnumerable<string> scopes, string actor = "") =>
        new(new ClaimsIdentity([new Claim(TenantClaim, tenant), new Claim(ActorClaim, actor), .. scopes.Select(s => new Claim(ScopeClaim, s))], scheme));

    internal static bool IsTenantName(string? text) => text is not null && TenantNamePattern().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TenantNamePattern();
}
