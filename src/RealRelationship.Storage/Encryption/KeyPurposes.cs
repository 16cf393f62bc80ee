namespace RealRelationship.Storage.Encryption;

/// <summary>The uses of <c>Privacy__Key</c>, each with a subkey of its own (the <c>info</c> of HKDF, RFC 5869, section 3.2).</summary>
/// <remarks>Stored data depend on these texts: they must never change, and no two may be equal.</remarks>
public static class KeyPurposes
{
    // Change log
    public const string KeyCheck = "key-check";
    public const string ChangeDigest = "change-digest";
    public const string ChangeChain = "change-chain";
    public const string ChangeHead = "change-head";
    public const string StoreIdentity = "store-identity";
    public const string StoreHead = "store-head";

    // Hashes of stored content
    public const string StudyVersion = "study-version";
    public const string InstrumentVersion = "instrument-version";
    public const string Measure = "measure";
    public const string Rescored = "rescored";
    public const string Release = "release";
    public const string Erasure = "erasure";
    public const string AccessEntries = "access-entries";
    public const string ApiKey = "api-key";
    public const string UndeclaredItems = "undeclared-items";
    public const string IdempotencyRow = "idempotency-row";
    public const string ImportRow = "import-row";
    public const string ImportLineRow = "import-line-row";
    public const string CsvMeasureRow = "csv-measure-row";
    public const string CsvExportRow = "csv-export-row";

    // Digests of values that must not be stored themselves
    public const string Pseudonym = "pseudonym";
    public const string Site = "site";
    public const string Withheld = "withheld";
    public const string ErasureList = "erasure-list";
    public const string IdempotencyKey = "idempotency-key";
    public const string IdempotencyRequest = "idempotency-request";
    public const string Quota = "quota";

    // Encryption; the last two derive from a key of the key ring
    public const string EncryptedColumns = "sealed-columns";
    public const string EncryptedFile = "sealed file";
    public const string KeyId = "key id";

    // Since release 0.2
    public const string SourceVersion = "source-version";
    public const string Provenance = "provenance";
    public const string Withdrawal = "withdrawal";
    public const string DocumentVersion = "document-version";
    public const string StudyCoding = "study-coding";
    public const string MeasureIdentifierRow = "measure-identifier-row";
    public const string CsvUnchangedRow = "csv-unchanged-row";
}
