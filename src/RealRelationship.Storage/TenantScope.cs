namespace RealRelationship.Storage;

/// <summary>The tenant whose data the current request may touch, for engines that enforce it (PostgreSQL row-level security).</summary>
/// <remarks>Defence in depth: queries filter by tenant anyway. Work outside of requests – commands, checks, releases – may touch every tenant.</remarks>
public static class TenantScope
{
    /// <summary>All tenants; no tenant has this name.</summary>
    public const string AllTenants = "*";

    private const string NoTenant = "";

    private static readonly AsyncLocal<string?> s_current = new();

    /// <summary>A tenant, or <see cref="AllTenants"/>.</summary>
    public static string Current => s_current.Value ?? AllTenants;

    /// <summary>Restricts the rest of the request to one tenant.</summary>
    public static void Enter(string tenant) => s_current.Value = tenant;

    /// <summary>Restricts the rest of the request to no tenant.</summary>
    public static void EnterNoTenant() => s_current.Value = NoTenant;
}
