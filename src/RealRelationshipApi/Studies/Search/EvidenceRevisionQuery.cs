using System.Data;

using Dapper;

using RealRelationship.Storage;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Search;

/// <summary>The kind of change that made an evidence revision.</summary>
internal enum RevisionChange { Submitted, Replaced, Retracted, Reviewed, Released, Withdrawn }

/// <summary>An evidence revision, which one change made.</summary>
/// <param name="Revision">Its number, from 1, as <c>asOf</c> takes it.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="Change">submitted, replaced, retracted or reviewed (a study); released or withdrawn (associations of a site).</param>
/// <param name="Study">Key of the study; null for associations of a site.</param>
/// <param name="Studies">Number of accepted studies that can be pooled at this revision; registered studies and published results are not among
/// them.</param>
internal sealed record RevisionResponse(long Revision, DateTimeOffset RecordedAt, RevisionChange Change, string? Study, int Studies);

/// <summary>Lists evidence revisions.</summary>
internal static class EvidenceRevisionQuery
{
    private static readonly string s_pooled =
        $"v.status = 'accepted' AND coalesce(v.kind, '') NOT IN ('{EnumNames<StudyKind>.Of(StudyKind.Reference)}', "
            + $"'{EnumNames<StudyKind>.Of(StudyKind.Registered)}')";

    /// <summary>Evidence revisions up to one of them, the newest first.</summary>
    /// <remarks>It counts the studies once, and reads one page of the change log.</remarks>
    public static IReadOnlyList<RevisionResponse> Read(IDbConnection connection, long upTo, int limit)
    {
        var changes = connection.Query<ChangeRow>(
            """
            SELECT c.evidence AS Revision, c.recorded_at AS RecordedAt, c.kind, s.subject FROM change c LEFT JOIN change_subject s ON s.number = c.number
            WHERE c.moves = 1 AND c.evidence <= @upTo ORDER BY c.evidence DESC LIMIT @limit
            """, new { upTo, limit }).AsList();
        if (changes.Count == 0)
        {
            return [];
        }

        var added = connection.Query<AddedRow>(
            $"""
            SELECT v.evidence AS Revision, CAST(CASE WHEN {s_pooled} THEN 1 ELSE 0 END AS BIGINT) AS IsPooled, coalesce((
              SELECT CAST(CASE WHEN {s_pooled} THEN 1 ELSE 0 END AS BIGINT) FROM study_version v
              WHERE v.study_key = changed.study_key AND v.version < changed.version AND v.moved = 1 ORDER BY v.version DESC LIMIT 1), 0) AS WasPooled
            FROM study_version changed JOIN study_version v ON v.study_key = changed.study_key AND v.version = changed.version
            WHERE changed.moved = 1 AND changed.evidence BETWEEN @first AND @upTo
            """, new { first = changes[^1].Revision, upTo }).ToDictionary(row => row.Revision, row => (int)(row.IsPooled - row.WasPooled));
        var studies = connection.ExecuteScalar<int>($"SELECT count(*) FROM study_version v WHERE {s_pooled} AND {StudyQueries.AllLatestUpToSql}",
            new { revision = upTo });
        var revisions = new List<RevisionResponse>(changes.Count);
        foreach (var change in changes)
        {
            var kind = EnumNames<RevisionChange>.Parse(change.Kind);
            revisions.Add(new(change.Revision, UtcTimestamp.Parse(change.RecordedAt), kind,
                kind is RevisionChange.Released or RevisionChange.Withdrawn ? null : change.Subject, studies));
            studies -= added.GetValueOrDefault(change.Revision);
        }

        return revisions;
    }

    private sealed record ChangeRow(long Revision, string RecordedAt, string Kind, string? Subject);

    private sealed record AddedRow(long Revision, long IsPooled, long WasPooled);
}
