using Dapper;

using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>Signs what is kept of CSV files.</summary>
internal sealed class CsvMacMigration : DataMigration
{
    public override long Number => MigrationNumbers.Integrity;

    public override IReadOnlyList<string> Apply(WriteTransaction transaction)
    {
        foreach (var row in transaction.Connection.Query<CsvMeasureRow>($"SELECT {CsvMeasureRow.Columns} FROM csv_measure ORDER BY tenant, measure").ToList())
        {
            transaction.Enqueue("UPDATE csv_measure SET mac = @Mac WHERE tenant = @Tenant AND measure = @Measure", row.Signed(transaction.CreateHash));
        }

        foreach (var row in transaction.Connection.Query<CsvExportRow>($"SELECT {CsvExportRow.Columns} FROM csv_export ORDER BY tenant, system").ToList())
        {
            transaction.Enqueue("UPDATE csv_export SET mac = @Mac WHERE tenant = @Tenant AND system = @System", row.Signed(transaction.CreateHash));
        }

        return [];
    }
}
