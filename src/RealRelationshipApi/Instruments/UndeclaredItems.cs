using System.Data;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Instruments;

/// <summary>Instruments of which a site holds items of release 0.1 that may be printed numbers or raw answers. Until the site declares which,
/// these items are excluded and new ones rejected.</summary>
internal static class UndeclaredItems
{
    /// <summary>Instruments whose items release 0.1 always reversed, although their forms print keyed numbers.</summary>
    public static readonly IReadOnlyList<string> ReversedInRelease01 = ["core-10", "oq-45"];

    public static IReadOnlyList<string> Read(IDbConnection connection, string tenant) =>
        connection.ForTenant(tenant).Query<string>("SELECT instrument FROM undeclared_items WHERE tenant = @tenant ORDER BY instrument");

    public static void Add(WriteTransaction transaction, string tenant, string instrument) => transaction.ForTenant(tenant).Enqueue(
        "INSERT INTO undeclared_items (tenant, instrument) VALUES (@tenant, @instrument) ON CONFLICT DO NOTHING", new { instrument });

    public static void Remove(WriteTransaction transaction, string tenant, string instrument) =>
        transaction.ForTenant(tenant).Enqueue("DELETE FROM undeclared_items WHERE tenant = @tenant AND instrument = @instrument", new { instrument });
}
