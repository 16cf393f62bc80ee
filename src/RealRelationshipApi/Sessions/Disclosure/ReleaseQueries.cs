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

/// <summary>Reads releases. At a given revision, the latest release of each site up to it applies.</summary>
internal static class ReleaseQueries
{
    private const string Rows = "SELECT tenant, number, evidence, recorded_at AS RecordedAt, content, row_hash AS RowHash FROM release";

    // Study keys contain no colon.
    private const string SitePrefix = "site:";

    /// <summary>Whether a name is that of a site, not a study.</summary>
    public static bool IsSiteName(string name) => name.StartsWith(SitePrefix, StringComparison.Ordinal);

    /// <summary>The latest release of a site, if any.</summary>
    public static SiteRelease? Latest(IDbConnection connection, string tenant) =>
        connection.QueryFirstOrDefault<ReleaseRow>($"{Rows} WHERE tenant = @tenant ORDER BY number DESC LIMIT 1", new { tenant })?.ToRelease();

    /// <summary>All releases of all sites, oldest first within a site.</summary>
    public static IEnumerable<SiteRelease> All(IDbConnection connection) => connection.Query<ReleaseRow>($"{Rows} ORDER BY tenant, number")
        .Select(row => row.ToRelease());

    /// <summary>The releases of all sites at an evidence revision, each verified against the change log.</summary>
    /// <exception cref="StorageCorruptionException">A release is missing or was altered; the message names it.</exception>
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

    /// <summary>Public name of a site.</summary>
    internal static string SiteName(WriteTransaction transaction, string tenant) =>
        $"{SitePrefix}{new Pseudonym(transaction.CreateHash(KeyPurposes.Site).Add(tenant).Finish()[..Pseudonym.Length]).ToString()[..12]}";
}

/// <summary>A stored release.</summary>
internal sealed record ReleaseRow(string Tenant, long Number, long Evidence, string RecordedAt, string Content, byte[] RowHash)
{
    public byte[] ComputeHash(KeyedHash hash) => hash.Add(Tenant).Add(Number).Add(Evidence).Add(RecordedAt).Add(Content).Finish();

    public SiteRelease ToRelease() =>
        new(Tenant, Number, Evidence, UtcTimestamp.Parse(RecordedAt), JsonSerializer.Deserialize<ReleaseContent>(Content, StrictJson.Options)!);
}
