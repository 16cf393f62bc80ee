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
    private const string LineageClaim = "lineage";
    private const string SourceSystemClaim = "source_system";
    private const string TimeZoneClaim = "time_zone";

    public static string Tenant(this ClaimsPrincipal user) =>
        user.FindTenant() ?? throw new InvalidOperationException("The endpoint let a caller without tenant in.");

    internal static string? FindTenant(this ClaimsPrincipal user) => user.FindFirstValue(TenantClaim);

    /// <summary>The id of the key, or issuer and subject of the token; empty without one.</summary>
    public static string Actor(this ClaimsPrincipal user) => user.FindFirstValue(ActorClaim) ?? "";

    /// <summary>The credential through all its rotations: of a key, of a token's client; of local callers without a key the development tenant.</summary>
    public static string Lineage(this ClaimsPrincipal user) => user.FindFirstValue(LineageClaim) ?? user.Tenant();

    /// <summary>The only source system that the credential may send for; null if it is not bound to one.</summary>
    public static string? BoundSourceSystem(this ClaimsPrincipal user) => user.FindFirstValue(SourceSystemClaim);

    /// <summary>Time zone of days that the caller sends without one; null if its key has none.</summary>
    public static string? TimeZone(this ClaimsPrincipal user) => user.FindFirstValue(TimeZoneClaim);

    public static bool HasScope(this ClaimsPrincipal user, string scope) =>
        user.HasClaim(ScopeClaim, scope) || (Scopes.IsIncludedInAdmin(scope) && user.HasClaim(ScopeClaim, Scopes.Admin));

    /// <summary>Whether the caller is on this machine and needs no key; such requests are neither rate limited nor audited.</summary>
    internal static bool IsLocalWithoutKey(this ClaimsPrincipal user) => user.FindTenant() == DevelopmentTenant && user.Actor().Length == 0;

    public static ClaimsPrincipal CreatePrincipal(string scheme, string tenant, IEnumerable<string> scopes, string actor = "") =>
        new(new ClaimsIdentity([new Claim(TenantClaim, tenant), new Claim(ActorClaim, actor), .. scopes.Select(s => new Claim(ScopeClaim, s))], scheme));

    /// <summary>The same caller with what its measurements are attributed to and read by.</summary>
    public static ClaimsPrincipal WithLineage(this ClaimsPrincipal user, string lineage, string? sourceSystem = null, string? timeZone = null)
    {
        var identity = (ClaimsIdentity)user.Identity!;
        identity.AddClaim(new Claim(LineageClaim, lineage));
        identity.AddClaims(new[] { (SourceSystemClaim, sourceSystem), (TimeZoneClaim, timeZone) }.Where(c => c.Item2 is not null)
            .Select(c => new Claim(c.Item1, c.Item2!)));
        return user;
    }

    internal static bool IsTenantName(string? text) => text is not null && TenantNamePattern().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TenantNamePattern();
}
