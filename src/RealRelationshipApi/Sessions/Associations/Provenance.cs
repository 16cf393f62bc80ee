using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Identifies the patients of a site who first came from the same lineage of credentials and the same source system.</summary>
/// <remarks>
/// Whoever holds a credential knows the patients that it sent, invented ones included, and may know the same people under the keys of several systems.
/// Thresholds of disclosure control therefore apply to the patients of each provenance alone.
/// </remarks>
internal static class Provenance
{
    private const int DigestLength = 8;
    private const char Separator = '.';

    /// <summary>Keyed digests of lineage and source system, which a release must not reveal: <c>lineage.system</c> in hexadecimal.</summary>
    public static string Of(PrivacyKey privacy, string tenant, string lineage, string sourceSystem) =>
        $"{Digest(privacy.CreateHash, tenant, "lineage", lineage)}{Separator}{SystemOf(privacy.CreateHash, tenant, sourceSystem)}";

    /// <summary>The part that stands for a source system.</summary>
    /// <param name="createHash">Begins a hash under the subkey of a purpose.</param>
    /// <param name="tenant">The site.</param>
    /// <param name="sourceSystem">Its source system.</param>
    public static string SystemOf(Func<string, KeyedHash> createHash, string tenant, string sourceSystem) =>
        Digest(createHash, tenant, "system", sourceSystem);

    /// <summary>The part of a provenance that identifies the source system; empty for patients of release 0.1.</summary>
    public static string SystemOf(string? provenance) => provenance?[(provenance.IndexOf(Separator) + 1)..] ?? "";

    private static string Digest(Func<string, KeyedHash> createHash, string tenant, string kind, string name) =>
        Convert.ToHexStringLower(createHash(KeyPurposes.Provenance).Add(tenant).Add(kind).Add(name).Finish()[..DigestLength]);
}
