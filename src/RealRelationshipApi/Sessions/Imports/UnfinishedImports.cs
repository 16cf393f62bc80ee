using System.Data;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Unfinished imports of all sites, to resume after a start.</summary>
internal static class UnfinishedImports
{
    /// <summary>Tenant and progress of an import; null if it is finished or unknown.</summary>
    /// <exception cref="TamperedDataException">The import was edited.</exception>
    public static (string Tenant, long Line)? Find(IDbConnection connection, PrivacyKey privacy, string id) =>
        connection.QuerySingleOrDefault<ImportRow>($"SELECT {ImportRow.Columns} FROM session_import WHERE id = @id", new { id })
            ?.Verified(privacy.CreateHash) is { State: "running" } import ? (import.Tenant, import.Line) : null;
}
