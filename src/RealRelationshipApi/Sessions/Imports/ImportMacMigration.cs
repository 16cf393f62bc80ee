using Dapper;

using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Signs the imports of release 0.1.</summary>
internal sealed class ImportMacMigration : DataMigration
{
    public override long Number => MigrationNumbers.Integrity;

    public override IReadOnlyList<string> Apply(WriteTransaction transaction)
    {
        foreach (var import in transaction.Connection.Query<ImportRow>($"SELECT {ImportRow.ColumnsOfRelease01} FROM session_import ORDER BY id").ToList())
        {
            transaction.Enqueue("UPDATE session_import SET mac = @Mac WHERE id = @Id", import.Signed(transaction.CreateHash));
        }

        foreach (var line in transaction.Connection.Query<ImportLineRow>($"SELECT {ImportLineRow.Columns} FROM session_import_line ORDER BY id, line").ToList())
        {
            transaction.Enqueue("UPDATE session_import_line SET mac = @Mac WHERE id = @Id AND line = @Line", line.Signed(transaction.CreateHash));
        }

        return [];
    }
}
