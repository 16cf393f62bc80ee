using System.Security.Cryptography;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>A score that came as a row of a CSV file.</summary>
/// <param name="Mac">Keyed hash of the other columns.</param>
internal sealed record CsvMeasureRow(string Tenant, byte[] Measure, byte[] Day, byte[]? Mac)
{
    public const string Columns = "tenant, measure, day, mac";

    public CsvMeasureRow Signed(Func<string, KeyedHash> createHash) => this with { Mac = ComputeMac(createHash) };

    /// <exception cref="TamperedDataException">The row was edited.</exception>
    public CsvMeasureRow Verified(Func<string, KeyedHash> createHash) =>
        IsGenuine(createHash) ? this : throw new TamperedDataException($"The day of measure {new Pseudonym(Measure)} in CSV files is not what was written.");

    public bool IsGenuine(Func<string, KeyedHash> createHash) => CryptographicOperations.FixedTimeEquals(Mac, ComputeMac(createHash));

    private byte[] ComputeMac(Func<string, KeyedHash> createHash) => createHash(KeyPurposes.CsvMeasureRow).Add(Tenant).Add(Measure).Add(Day).Finish();
}

/// <summary>When the last CSV file of a source system was exported.</summary>
/// <param name="Mac">Keyed hash of the other columns.</param>
internal sealed record CsvExportRow(string Tenant, byte[] System, long ExportedAt, byte[]? Mac)
{
    public const string Columns = "tenant, system, exported_at AS ExportedAt, mac";

    public CsvExportRow Signed(Func<string, KeyedHash> createHash) => this with { Mac = ComputeMac(createHash) };

    /// <exception cref="TamperedDataException">The row was edited.</exception>
    public CsvExportRow Verified(Func<string, KeyedHash> createHash) =>
        IsGenuine(createHash) ? this : throw new TamperedDataException("The time of the last CSV file of the source system is not what was written.");

    public bool IsGenuine(Func<string, KeyedHash> createHash) => CryptographicOperations.FixedTimeEquals(Mac, ComputeMac(createHash));

    private byte[] ComputeMac(Func<string, KeyedHash> createHash) => createHash(KeyPurposes.CsvExportRow).Add(Tenant).Add(System).Add(ExportedAt).Finish();
}
