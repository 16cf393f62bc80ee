using System.Data.Common;

using Dapper;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>Verifies the MAC of what is kept of CSV files.</summary>
internal sealed class CsvIntegrityCheck(PrivacyKey privacy) : IntegrityCheck
{
    public override string Name => "the CSV files";

    public override IReadOnlyList<string> Tables => ["csv_measure", "csv_export"];

    public override void Run(DbConnection connection, VerificationResult result)
    {
        foreach (var row in connection.Query<CsvMeasureRow>($"SELECT {CsvMeasureRow.Columns} FROM csv_measure ORDER BY tenant, measure", buffered: false)
            .Where(row => !row.IsGenuine(privacy.CreateHash)))
        {
            result.AddError($"The day of measure {new Pseudonym(row.Measure)} in CSV files of site '{row.Tenant}' is not what was written.");
        }

        foreach (var row in connection.Query<CsvExportRow>($"SELECT {CsvExportRow.Columns} FROM csv_export ORDER BY tenant, system", buffered: false)
            .Where(row => !row.IsGenuine(privacy.CreateHash)))
        {
            result.AddError($"The time of the last CSV file of a source system of site '{row.Tenant}' is not what was written.");
        }
    }
}
