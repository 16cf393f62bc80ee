using System.Data.Common;

using RealRelationshipApi.Sessions.Releases;
using RealRelationshipApi.Storage;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>Reads the evidence of a revision by what the log says of it.</summary>
internal static class EvidenceReads
{
    /// <summary>Reads a revision as a whole: every entry of the log that made it, and every version that those say.</summary>
    /// <exception cref="StorageDamagedException">Something is missing, or is not what was written; the message names it.</exception>
    public static Evidence At(DbConnection connection, long revision, ChangeLog log)
    {
        var entries = log.ReadEvidence(connection, 0, revision);
        return Evidence.From(revision, StudyReads.RecordedAt(connection, revision), StudyReads.At(connection, revision, entries, log), ReleaseReads.At(connection, entries, log));
    }

    /// <summary>Reads what a later revision has changed.</summary>
    /// <exception cref="StorageDamagedException">Something of it is missing, or is not what was written; the message names it.</exception>
    public static Evidence After(Evidence known, DbConnection connection, long revision, ChangeLog log)
    {
        var entries = log.ReadEvidence(connection, known.Revision, revision);
        return known.With(revision, StudyReads.RecordedAt(connection, revision), StudyReads.Changed(connection, revision, entries, log), ReleaseReads.At(connection, entries, log));
    }
}
