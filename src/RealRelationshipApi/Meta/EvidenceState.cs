using System.Data.Common;

using RealRelationshipApi.Sessions.Releases;
using RealRelationshipApi.Storage;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>The studies and releases of one evidence revision, from which the next is read without reading them all again.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="RecordedAt">When it came about.</param>
/// <param name="Studies">Each in its version of then, in the order of their keys.</param>
/// <param name="Releases">The latest of each site.</param>
internal sealed record EvidenceState(long Revision, DateTimeOffset? RecordedAt, IReadOnlyList<StudyRecord> Studies, IReadOnlyList<Release> Releases)
{
    /// <summary>Reads a revision as a whole: every entry of the log that made it, and every version that those say.</summary>
    /// <exception cref="StorageDamagedException">Something is missing, or is not what was written; the message names it.</exception>
    public static EvidenceState Read(DbConnection connection, long revision, ChangeLog log)
    {
        var entries = log.ReadEvidence(connection, 0, revision);
        return new(revision, StudyReads.RecordedAt(connection, revision), StudyReads.At(connection, revision, entries, log), ReleaseReads.At(connection, entries, log));
    }

    /// <summary>Reads what a later revision has changed.</summary>
    /// <exception cref="StorageDamagedException">Something of it is missing, or is not what was written; the message names it.</exception>
    public EvidenceState Extend(DbConnection connection, long revision, ChangeLog log)
    {
        var entries = log.ReadEvidence(connection, Revision, revision);
        var studies = StudyReads.Changed(connection, revision, entries, log);
        var releases = ReleaseReads.At(connection, entries, log);
        return new(revision, StudyReads.RecordedAt(connection, revision),
            Replaced(Studies, studies, s => s.Key), Replaced(Releases, releases, r => r.Tenant));
    }

    // Both in the order of their keys.
    private static IReadOnlyList<T> Replaced<T>(IReadOnlyList<T> before, IReadOnlyList<T> changed, Func<T, string> keyOf)
    {
        if (changed.Count == 0)
        {
            return before;
        }

        var all = new List<T>(before.Count + changed.Count);
        var (i, j) = (0, 0);
        while (i < before.Count || j < changed.Count)
        {
            var order = i == before.Count ? 1 : j == changed.Count ? -1 : string.CompareOrdinal(keyOf(before[i]), keyOf(changed[j]));
            all.Add(order < 0 ? before[i] : changed[j]);
            (i, j) = (i + (order <= 0 ? 1 : 0), j + (order >= 0 ? 1 : 0));
        }

        return all;
    }
}
