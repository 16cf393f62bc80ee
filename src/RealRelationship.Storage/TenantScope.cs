namespace RealRelationship.Storage;

/// <summary>Whose site data the present work may touch, for stores that look after it themselves (PostgreSQL's row-level security).</summary>
/// <remarks>A second wall: queries name their tenant anyway. Work outside of any request – commands, checks, releases – may touch every site's.</remarks>
public static class TenantScope
{
    /// <summary>Every site; no tenant has that name.</summary>
    public const string AllTenants = "*";

    private const string NoTenant = "";

    private static readonly AsyncLocal<string?> s_current = new();

    /// <summary>A tenant, or <see cref="AllTenants"/>.</summary>
    public static string Current => s_current.Value ?? AllTenants;

    /// <summary>From here on, until this request ends, site data of one tenant only.</summary>
    public static void Enter(string tenant) => s_current.Value = tenant;

    /// <summary>From here on nobody's site data.</summary>
    public static void EnterNoTenant() => s_current.Value = NoTenant;
}
