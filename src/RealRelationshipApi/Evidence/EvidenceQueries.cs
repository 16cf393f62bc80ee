using System.Data.Common;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Evidence;

/// <summary>Reads the evidence of a revision by what the log says of it.</summary>
internal static class EvidenceQueries
{
    /// <summary>Reads a revision as a whole: every entry of the log that made it, and every version that those say.</summary>
    /// <exception cref="StorageCorruptionException">Something is missing, or is not what was written; the message names it.</exception>
    public static EvidenceSnapshot AsOf(DbConnection connection, long revision, ChangeLog log)
    {
        var entries = log.ReadEvidenceEntries(connection, 0, revision);
        return EvidenceSnapshot.From(revision, StudyQueries.RecordedAt(connection, revision), StudyQueries.AsOf(connection, revision, entries, log),
            ReleaseQueries.AsOf(connection, entries, log));
    }

    /// <summary>Reads what a later revision has changed.</summary>
    /// <exception cref="StorageCorruptionException">Something of it is missing, or is not what was written; the message names it.</exception>
    public static EvidenceSnapshot Extend(EvidenceSnapshot known, DbConnection connection, long revision, ChangeLog log)
    {
        var entries = log.ReadEvidenceEntries(connection, known.Revision, revision);
        return known.With(revision, StudyQueries.RecordedAt(connection, revision), StudyQueries.ChangedStudies(connection, revision, entries, log),
            ReleaseQueries.AsOf(connection, entries, log));
    }
}
