using System.Data;

using Microsoft.Extensions.Caching.Memory;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Instruments;

/// <summary>The instruments of each tenant. Declarations are cached until the tenant declares again.</summary>
internal sealed class InstrumentCatalogue(ChangeLog log) : IDisposable
{
    private const int MaxCachedTenants = 4096;
    private const int SizeOfOwnSet = 16;
    private static readonly TimeSpan s_verificationInterval = TimeSpan.FromMinutes(1);

    private readonly MemoryCache _sets = new(new MemoryCacheOptions { SizeLimit = MaxCachedTenants });

    /// <summary>The instruments of a tenant as seen by the connection. Use one set for many look-ups.</summary>
    /// <exception cref="TamperedDataException">A stored version was altered or deleted; the message names it.</exception>
    public InstrumentSet GetInstruments(IDbConnection connection, string tenant)
    {
        // Compares hashes, as a rolled-back version may have had the same number. One set a tenant is cached, so that older rows are verified again.
        var newest = Convert.ToHexString(connection.ForTenant(tenant).QueryFirstOrDefault<byte[]>(
            "SELECT row_hash FROM instrument_version WHERE tenant = @tenant ORDER BY change_number DESC LIMIT 1") ?? []);
        var undeclared = UndeclaredItems.Read(connection, tenant);
        var state = $"{newest},{string.Join(',', undeclared)}";
        if (_sets.TryGetValue(tenant, out CachedSet? cached) && cached!.State == state)
        {
            return cached.Instruments;
        }

        var rows = InstrumentRow.ReadAll(connection, tenant, log);
        UndeclaredItems.Verify(connection, tenant, undeclared, log);
        var instruments = rows.Count == 0 && undeclared.Count == 0 ? InstrumentSet.BuiltInOnly
            : new InstrumentSet(rows.Select(row => row.ToInstrument()), undeclared);
        _sets.Set(tenant, new CachedSet(state, instruments), new MemoryCacheEntryOptions
        {
            Size = ReferenceEquals(instruments, InstrumentSet.BuiltInOnly) ? 1 : SizeOfOwnSet,
            AbsoluteExpirationRelativeToNow = s_verificationInterval,
        });
        return instruments;
    }

    /// <summary>One instrument of a tenant; see <see cref="InstrumentSet.Find"/>.</summary>
    public (Instrument? Instrument, FieldError? Error) Find(IDbConnection connection, string tenant, string code, long? version = null,
        string at = "#/instrument") =>
        GetInstruments(connection, tenant).Find(code, version, at);

    public void Dispose() => _sets.Dispose();

    private sealed record CachedSet(string State, InstrumentSet Instruments);
}
