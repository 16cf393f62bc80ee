using System.Data;

using Microsoft.Extensions.Caching.Memory;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Instruments;

/// <summary>The instruments of each tenant. Declarations are cached until the tenant declares again.</summary>
internal sealed class InstrumentCatalogue(ChangeLog log) : IDisposable
{
    private const int MaxCachedTenants = 256;

    private readonly MemoryCache _sets = new(new MemoryCacheOptions { SizeLimit = MaxCachedTenants });

    /// <summary>The instruments of a tenant as seen by the connection. Use one set for many look-ups.</summary>
    /// <exception cref="StorageCorruptionException">A stored version was altered; the message names it.</exception>
    public InstrumentSet GetInstruments(IDbConnection connection, string tenant)
    {
        // Compares hashes, as a rolled-back version may have had the same number.
        var newest = connection.ForTenant(tenant).QueryFirstOrDefault<byte[]>(
            "SELECT row_hash FROM instrument_version WHERE tenant = @tenant ORDER BY change_number DESC LIMIT 1");
        var undeclared = UndeclaredItems.Read(connection, tenant);
        if (newest is null && undeclared.Count == 0)
        {
            return InstrumentSet.BuiltInOnly;
        }

        return _sets.GetOrCreate((tenant, Convert.ToHexString(newest ?? []), string.Join(',', undeclared)), entry =>
        {
            entry.Size = 1;
            return new InstrumentSet(InstrumentRow.ReadAll(connection, tenant, log).Select(row => row.ToInstrument()), undeclared);
        })!;
    }

    /// <summary>One instrument of a tenant; see <see cref="InstrumentSet.Find"/>.</summary>
    public (Instrument? Instrument, FieldError? Error) Find(IDbConnection connection, string tenant, string code, long? version = null,
        string at = "#/instrument") =>
        GetInstruments(connection, tenant).Find(code, version, at);

    public void Dispose() => _sets.Dispose();
}
