using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>A score that came as a row of a CSV file.</summary>
internal sealed record CsvMeasureRow(string Tenant, byte[] Measure, byte[] Day, byte[]? Mac) : SignedRow<CsvMeasureRow>(Mac)
{
    public const string Columns = "tenant, measure, day, mac";

    public static readonly SignedTable Table = new SignedTable<CsvMeasureRow>("csv_measure", Columns, "tenant, measure",
        "tenant = @Tenant AND measure = @Measure", row => $"The day of measure {new Pseudonym(row.Measure)} in CSV files of site '{row.Tenant}'");

    protected override string Describe() => $"The day of measure {new Pseudonym(Measure)} in CSV files";

    protected override byte[] ComputeMac(Func<string, KeyedHash> createHash) =>
        createHash(KeyPurposes.CsvMeasureRow).Add(Tenant).Add(Measure).Add(Day).Finish();
}

/// <summary>When the last CSV file of a source system was exported.</summary>
internal sealed record CsvExportRow(string Tenant, byte[] System, long ExportedAt, byte[]? Mac) : SignedRow<CsvExportRow>(Mac)
{
    public const string Columns = "tenant, system, exported_at AS ExportedAt, mac";

    public static readonly SignedTable Table = new SignedTable<CsvExportRow>("csv_export", Columns, "tenant, system",
        "tenant = @Tenant AND system = @System", row => $"The time of the last CSV file of a source system of site '{row.Tenant}'");

    protected override string Describe() => "The time of the last CSV file of the source system";

    protected override byte[] ComputeMac(Func<string, KeyedHash> createHash) =>
        createHash(KeyPurposes.CsvExportRow).Add(Tenant).Add(System).Add(ExportedAt).Finish();
}

/// <summary>Scores that a file of an export had as they were stored.</summary>
/// <param name="Measures">The first eight bytes of each key.</param>
internal sealed record CsvUnchangedRow(string Tenant, byte[] System, string Id, long ExportedAt, byte[] Measures, byte[]? Mac)
    : SignedRow<CsvUnchangedRow>(Mac)
{
    public const string Columns = "tenant, system, id, exported_at AS ExportedAt, measures, mac";

    public static readonly SignedTable Table = new SignedTable<CsvUnchangedRow>("csv_unchanged", Columns, "tenant, system, id",
        "tenant = @Tenant AND system = @System AND id = @Id", row => $"A list of unchanged scores of a CSV file of site '{row.Tenant}'")
    {
        IsSignedFromStart = true,
    };

    protected override string Describe() => "A list of unchanged scores of a CSV file";

    protected override byte[] ComputeMac(Func<string, KeyedHash> createHash) =>
        createHash(KeyPurposes.CsvUnchangedRow).Add(Tenant).Add(System).Add(Id).Add(ExportedAt).Add(Measures).Finish();
}
