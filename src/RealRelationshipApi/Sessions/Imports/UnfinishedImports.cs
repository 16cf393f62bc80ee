using System.Data;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Unfinished imports of all sites, to resume after a start.</summary>
internal static class UnfinishedImports
{
    // Release 0.1 did not store who had sent an import.
    private const string LineageOfRelease01 = "0.1";

    /// <summary>Sender and progress of an import; null if it is finished or unknown.</summary>
    /// <exception cref="TamperedDataException">The import was edited.</exception>
    public static (Sender Sender, long Line)? Find(IDbConnection connection, PrivacyKey privacy, string id) =>
        connection.QuerySingleOrDefault<ImportRow>($"SELECT {ImportRow.Columns} FROM session_import WHERE id = @id", new { id })
            ?.Verified(privacy.CreateHash) is { State: "running" } import
            ? (new(import.Tenant, import.Lineage ?? LineageOfRelease01, import.SourceSystem, import.TimeZone), import.Line) : null;
}
