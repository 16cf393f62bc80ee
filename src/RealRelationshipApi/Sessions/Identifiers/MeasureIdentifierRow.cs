using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Identifiers;

/// <summary>A further identifier of a measure.</summary>
/// <param name="Tenant">The site.</param>
/// <param name="Identifier">Keyed hash of the identifier.</param>
/// <param name="Target">Key of the measure, or of the response whose forms are measures.</param>
/// <param name="Patient">The patient of the measure; null for a withdrawal that came before what it withdraws.</param>
/// <param name="Mac">Keyed hash of the other columns.</param>
internal sealed record MeasureIdentifierRow(string Tenant, byte[] Identifier, byte[] Target, byte[]? Patient, byte[]? Mac)
    : SignedRow<MeasureIdentifierRow>(Mac)
{
    public const string Columns = "tenant, identifier, target, patient, mac";

    public static readonly SignedTable Table = new SignedTable<MeasureIdentifierRow>("measure_identifier", Columns, "tenant, identifier, target",
        "tenant = @Tenant AND identifier = @Identifier AND target = @Target",
        row => $"An identifier of measure {new Pseudonym(row.Target)} of site '{row.Tenant}'")
    {
        IsSignedFromStart = true,
    };

    protected override string Describe() => $"An identifier of measure {new Pseudonym(Target)}";

    protected override byte[] ComputeMac(Func<string, KeyedHash> createHash) =>
        createHash(KeyPurposes.MeasureIdentifierRow).Add(Tenant).Add(Identifier).Add(Target).Add(Patient).Finish();
}
