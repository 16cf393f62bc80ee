using System.Data;

using Dapper;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Unfinished imports of all sites, to resume after a start.</summary>
internal static class UnfinishedImports
{
    /// <summary>Tenant and progress of an import; null if it is finished or unknown.</summary>
    public static (string Tenant, long Line)? Find(IDbConnection connection, string id) =>
        connection.QuerySingleOrDefault<Row>("SELECT tenant, line FROM session_import WHERE id = @id AND state = 'running'", new { id }) is { } row
            ? (row.Tenant, row.Line) : null;

    private sealed record Row(string Tenant, long Line);
}
