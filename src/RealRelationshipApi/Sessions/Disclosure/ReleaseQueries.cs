using System.Data;
using System.Security.Cryptography;
using System.Text.Json;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>Reads releases: of each site the latest not after a revision counts.</summary>
internal static class ReleaseQueries
{
    private const string Rows = "SELECT tenant, number, evidence, recorded_at AS RecordedAt, content, row_hash AS RowHash FROM release";

    // No key of a study has a colon.
    private const string SitePrefix = "site:";

    /// <summary>Whether a name is one of a site, and none of a study.</summary>
    public static bool IsSiteName(string name) => name.StartsWith(SitePrefix, StringComparison.Ordinal);

    /// <summary>The latest release of a site; null when there was none.</summary>
    public static SiteRelease? Latest(IDbConnection connection, string tenant) =>
        connection.QueryFirstOrDefault<ReleaseRow>($"{Rows} WHERE tenant = @tenant ORDER BY number DESC LIMIT 1", new { tenant })?.ToRelease();

    /// <summary>Every release of every site, the first of each first.</summary>
    public static IEnumerable<SiteRelease> All(IDbConnection connection) => connection.Query<ReleaseRow>($"{Rows} ORDER BY tenant, number")
        .Select(row => row.ToRelease());

    /// <summary>The releases of all sites at an evidence revision, each verified against the change log.</summary>
    /// <exception cref="StorageCorruptionException">One is missing, or is not what was written; the message names it.</exception>
    public static IReadOnlyList<SiteRelease> AsOf(IDbConnection connection, IEnumerable<EvidenceLogEntry> entries, ChangeLog log)
    {
        var latest = entries.Where(e => e.Entry.Kind == ChangeKinds.Released).GroupBy(e => e.Entry.Tenant, StringComparer.Ordinal).Select(g => g.Last());
        return [.. latest.OrderBy(e => e.Entry.Tenant, StringComparer.Ordinal).Select(entry => Read(connection, entry, log).ToRelease())];
    }

    private static ReleaseRow Read(IDbConnection connection, EvidenceLogEntry entry, ChangeLog log)
    {
        var row = connection.QuerySingleOrDefault<ReleaseRow>($"{Rows} WHERE tenant = @Tenant AND number = @Version",
            new { entry.Entry.Tenant, entry.Subject.Version });
        return row is not null && CryptographicOperations.FixedTimeEquals(entry.Subject.ContentHash, row.ComputeHash(log.CreateHash(KeyPurposes.Release)))
            ? row
            : throw new StorageCorruptionException(
                $"Release {entry.Subject.Version} of a site (evidence revision {entry.Entry.Evidence}) is not what was written.");
    }

    /// <summary>What a site is called where others see it.</summary>
    internal static string SiteName(WriteTransaction transaction, string tenant) =>
        $"{SitePrefix}{new Pseudonym(transaction.CreateHash(KeyPurposes.Site).Add(tenant).Finish()[..Pseudonym.Length]).ToString()[..12]}";
}

/// <summary>A release as it is stored.</summary>
internal sealed record ReleaseRow(string Tenant, long Number, long Evidence, string RecordedAt, string Content, byte[] RowHash)
{
    public byte[] ComputeHash(KeyedHash hash) => hash.Add(Tenant).Add(Number).Add(Evidence).Add(RecordedAt).Add(Content).Finish();

    public SiteRelease ToRelease() =>
        new(Tenant, Number, Evidence, UtcTimestamp.Parse(RecordedAt), JsonSerializer.Deserialize<ReleaseContent>(Content, StrictJson.Options)!);
}
