using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>A score that came as a row of a CSV file.</summary>
/// <param name="Tenant">The site.</param>
/// <param name="Measure">Key of the measure.</param>
/// <param name="Day">Keyed hash of its local day.</param>
/// <param name="Mac">Keyed hash of the other columns.</param>
/// <param name="ExportedAt">The last export with a file that had it, in microseconds since 1970; null before this was stored.</param>
internal sealed record CsvMeasureRow(string Tenant, byte[] Measure, byte[] Day, byte[]? Mac, long? ExportedAt) : SignedRow<CsvMeasureRow>(Mac)
{
    public const string Columns = $"{ColumnsOfRelease01}, exported_at AS ExportedAt";

    public const string ColumnsOfRelease01 = "tenant, measure, day, mac";

    public CsvMeasureRow(string tenant, byte[] measure, byte[] day, byte[]? mac)
        : this(tenant, measure, day, mac, ExportedAt: null)
    {
    }

    public static readonly SignedTable Table = new SignedTable<CsvMeasureRow>("csv_measure", Columns, "tenant, measure",
        "tenant = @Tenant AND measure = @Measure", row => $"The day of measure {new Pseudonym(row.Measure)} in CSV files of site '{row.Tenant}'")
    {
        UnsignedColumns = ColumnsOfRelease01,
    };

    protected override string Describe() => $"The day of measure {new Pseudonym(Measure)} in CSV files";

    protected override byte[] ComputeMac(Func<string, KeyedHash> createHash)
    {
        var hash = createHash(KeyPurposes.CsvMeasureRow).Add(Tenant).Add(Measure).Add(Day);
        return (ExportedAt is { } exportedAt ? hash.Add(exportedAt) : hash).Finish();
    }
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
