using System.Security.Claims;

namespace RealRelationshipApi.Access;

/// <summary>Who is calling, as authentication found.</summary>
public static class Caller
{
    public const string TenantClaim = "tenant";
    public const string ScopeClaim = "scope";

    /// <summary>The tenant of everyone on this machine in Development.</summary>
    public const string DevelopmentTenant = "development";

    public static string Tenant(this ClaimsPrincipal user) =>
        user.FindFirstValue(TenantClaim) ?? throw new InvalidOperationException("The endpoint let a caller without tenant in.");

    public static bool HasScope(this ClaimsPrincipal user, string scope) =>
        user.HasClaim(ScopeClaim, scope) || user.HasClaim(ScopeClaim, Scopes.Admin);

    public static ClaimsPrincipal Of(string scheme, string tenant, IEnumerable<string> scopes) =>
        new(new ClaimsIdentity([new Claim(TenantClaim, tenant), .. scopes.Select(s => new Claim(ScopeClaim, s))], scheme));
}
