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

    /// <summary>Kind of the subjects of releases in the change log.</summary>
    public const string SubjectKind = "release";

    public static string SubjectOf(string tenant) => $"{SubjectKind}/{tenant}";

    /// <summary>The latest release of a site, if any, verified against the change log.</summary>
    /// <exception cref="TamperedDataException">The release is missing or was altered, or is not the latest one.</exception>
    public static SiteRelease? Latest(IDbConnection connection, string tenant, ChangeLog log)
    {
        var row = connection.QueryFirstOrDefault<ReleaseRow>($"{Rows} WHERE tenant = @tenant ORDER BY number DESC LIMIT 1", new { tenant });
        var entry = log.FindLatest(connection, tenant, SubjectOf(tenant));
        return row is null && entry is null ? null
            : row?.IsWrittenBy(entry, log) == true ? row.ToRelease()
            : throw new TamperedDataException($"Release {entry?.Subject.Version ?? row!.Number} of the site is not what was written.");
    }

    /// <summary>All releases of all sites, oldest first within a site, verified against the change log, without what was withdrawn since.</summary>
    /// <exception cref="TamperedDataException">A release was altered; the message names it.</exception>
    public static IEnumerable<SiteRelease> All(IDbConnection connection, ChangeLog log)
    {
        var withdrawals = Withdrawals.Read(connection, log);
        var entries = log.ReadSubjects(connection, SubjectKind).ToDictionary(e => (e.Entry.Tenant, e.Subject.Version));
        return Read(connection).Select(row => row.IsWrittenBy(entries.GetValueOrDefault((row.Tenant, row.Number)), log)
            ? withdrawals.Apply(row.ToRelease()) : throw new TamperedDataException($"Release {row.Number} of a site is not what was written."));
    }

    internal static List<ReleaseRow> Read(IDbConnection connection) => connection.Query<ReleaseRow>($"{Rows} ORDER BY tenant, number").AsList();

    /// <summary>The releases of all sites at an evidence revision, each verified against the change log, without what was withdrawn since. One that is missing
    /// or was altered has a <see cref="SiteRelease.Fault"/> instead of content.</summary>
    public static IReadOnlyList<SiteRelease> AsOf(IDbConnection connection, IReadOnlyList<LoggedChange> entries, ChangeLog log)
    {
        var withdrawals = Withdrawals.Read(connection, log).Verify(entries);
        var latest = entries.Where(e => e.Entry.Kind == ChangeKinds.Released).GroupBy(e => e.Entry.Tenant, StringComparer.Ordinal).Select(g => g.Last());
        return [.. latest.OrderBy(e => e.Entry.Tenant, StringComparer.Ordinal).Select(entry => withdrawals.Apply(Read(connection, entry, log)))];
    }

    private static SiteRelease Read(IDbConnection connection, LoggedChange entry, ChangeLog log)
    {
        var row = connection.QuerySingleOrDefault<ReleaseRow>($"{Rows} WHERE tenant = @Tenant AND number = @Version",
            new { entry.Entry.Tenant, entry.Subject.Version });
        return row?.IsWrittenBy(entry, log) == true ? row.ToRelease()
            : new(entry.Entry.Tenant, entry.Subject.Version, entry.Entry.Evidence, UtcTimestamp.Parse(entry.Entry.RecordedAt), ReleaseContent.None)
            {
                Fault = $"Release {entry.Subject.Version} of a site (evidence revision {entry.Entry.Evidence}) is not what was written.",
            };
    }

    /// <summary>Public name of a site.</summary>
    internal static string SiteName(WriteTransaction transaction, string tenant) =>
        $"{SitePrefix}{new Pseudonym(transaction.CreateHash(KeyPurposes.Site).Add(tenant).Finish()[..Pseudonym.Length]).ToString()[..12]}";
}

/// <summary>A stored release.</summary>
internal sealed record ReleaseRow(string Tenant, long Number, long Evidence, string RecordedAt, string Content, byte[] RowHash)
{
    public byte[] ComputeHash(KeyedHash hash) => hash.Add(Tenant).Add(Number).Add(Evidence).Add(RecordedAt).Add(Content).Finish();

    /// <summary>Whether the row is what a change wrote.</summary>
    public bool IsWrittenBy(LoggedChange? entry, ChangeLog log) => entry is not null && entry.Entry.Tenant == Tenant && entry.Subject.Version == Number
        && CryptographicOperations.FixedTimeEquals(entry.Subject.ContentHash, ComputeHash(log.CreateHash(KeyPurposes.Release)));

    public SiteRelease ToRelease() =>
        new(Tenant, Number, Evidence, UtcTimestamp.Parse(RecordedAt), JsonSerializer.Deserialize<ReleaseContent>(Content, StrictJson.Options)!);
}
