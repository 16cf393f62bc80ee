using System.Data;

using Microsoft.Extensions.Caching.Memory;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Sources;

/// <summary>The declarations of each site, cached until it declares again.</summary>
internal sealed class SourceCatalogue(ChangeLog log) : IDisposable
{
    private const int MaxCachedTenants = 256;

    private readonly MemoryCache _declarations = new(new MemoryCacheOptions { SizeLimit = MaxCachedTenants });

    /// <exception cref="TamperedDataException">The stored version was edited.</exception>
    public SourceDeclarations Read(IDbConnection connection, string tenant) =>
        SourceRow.ReadCurrent(connection, tenant, log.CreateHash) is not { } row ? SourceDeclarations.None
            : _declarations.GetOrCreate((tenant, Convert.ToHexString(row.RowHash)), entry =>
            {
                entry.Size = 1;
                return new SourceDeclarations(row.ToResponse());
            })!;

    public void Dispose() => _declarations.Dispose();
}
