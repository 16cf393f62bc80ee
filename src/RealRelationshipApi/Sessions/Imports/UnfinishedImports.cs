using System.Data;

using Dapper;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Imports of every site that are not finished: what a service goes on with after its start.</summary>
internal static class UnfinishedImports
{
    /// <summary>Whose import it is and how far it has come; null where it is finished, or never began.</summary>
    public static (string Tenant, long Line)? Find(IDbConnection connection, string id) =>
        connection.QuerySingleOrDefault<Row>("SELECT tenant, line FROM session_import WHERE id = @id AND state = 'running'", new { id }) is { } row
            ? (row.Tenant, row.Line) : null;

    private sealed record Row(string Tenant, long Line);
}
