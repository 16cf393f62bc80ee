using System.Data;

using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Sources;

/// <summary>Linked sessions that their systems date to different days.</summary>
internal static class SessionConflicts
{
    /// <param name="connection">Connection to the store.</param>
    /// <param name="encryption">Decrypts the measures.</param>
    /// <param name="tenant">The site.</param>
    /// <param name="sources">Time zones of the systems.</param>
    /// <param name="after">Sort key of the last patient of the previous page; empty for the first page.</param>
    public static IEnumerable<SessionConflict> Find(IDbConnection connection, ColumnEncryption encryption, string tenant, SourceDeclarations sources,
        string after)
    {
        var links = StoredLinks.Read(connection, tenant);
        foreach (var person in links.PersonsWithSessions.Where(p => string.CompareOrdinal(SortKeyOf(p), after) > 0))
        {
            var measures = links.KeysOf(person).Prepend(person)
                .SelectMany(key => CurrentMeasureRow.ReadOf(connection, tenant, key.Bytes, key.Bytes)).Where(row => row.Withdrawn == 0)
                .Select(row => MeasureContent.FromBytes(
                    encryption.Decrypt(row.Content, tenant, EncryptedRowPaths.Measure(new(row.Measure), row.Version, withdraws: false))))
                .Where(content => !new Pseudonym(content.Session!).IsNone);
            foreach (var session in measures.GroupBy(content => links.SessionOf(person, new(content.Session!))))
            {
                var days = session.Select(content => new SessionDay(content.SourceSystem, new Pseudonym(content.Session!).ToString(),
                    sources.DayOf(content.OccurredAt!.Value, content.SourceSystem))).Distinct().OrderBy(d => d.SourceSystem, StringComparer.Ordinal).ToList();
                if (days.DistinctBy(d => d.Day).Count() > 1 && days.DistinctBy(d => d.Session).Count() > 1)
                {
                    yield return new(person.ToString(), days) { SortKey = SortKeyOf(person) };
                }
            }
        }
    }

    private static string SortKeyOf(Pseudonym person) => Convert.ToHexStringLower(person.Bytes);
}

/// <summary>Linked sessions of several systems that are not of the same day.</summary>
/// <param name="Patient">Pseudonym of the patient.</param>
/// <param name="Days">The session in each system.</param>
internal sealed record SessionConflict(string Patient, IReadOnlyList<SessionDay> Days)
{
    [System.Text.Json.Serialization.JsonIgnore]
    internal string SortKey { get; init; } = "";
}

/// <param name="SourceSystem">The source system.</param>
/// <param name="Session">Pseudonym of the session in it.</param>
/// <param name="Day">Day in the time zone of the system.</param>
internal sealed record SessionDay(string SourceSystem, string Session, DateOnly Day);

/// <param name="Sessions">Linked sessions on different days, by patient.</param>
/// <param name="Next">Cursor of the next page; null on the last page.</param>
internal sealed record SessionConflictsResponse(IReadOnlyList<SessionConflict> Sessions, string? Next);
