using System.Data.Common;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Evidence;

/// <summary>An evidence revision: the change that made it, and the evidence before and after.</summary>
internal sealed record EvidenceStep(LoggedChange Change, EvidenceSnapshot Before, EvidenceSnapshot After);

/// <summary>Reads the evidence of a revision, verified against the change log.</summary>
internal static class EvidenceQueries
{
    /// <summary>Reads the whole evidence of a revision: all entries of the log up to it, and the versions that they name.</summary>
    /// <exception cref="StorageCorruptionException">A version is missing or was altered; the message names it.</exception>
    public static EvidenceSnapshot AsOf(DbConnection connection, long revision, ChangeLog log)
    {
        var entries = log.ReadEvidenceEntries(connection, 0, revision);
        return EvidenceSnapshot.From(revision, StudyQueries.RecordedAt(connection, revision), StudyQueries.AsOf(connection, revision, entries, log),
            ReleaseQueries.AsOf(connection, entries, log));
    }

    /// <summary>Extends a snapshot by the changes up to a later revision.</summary>
    /// <exception cref="StorageCorruptionException">A changed version is missing or was altered; the message names it.</exception>
    public static EvidenceSnapshot Extend(EvidenceSnapshot known, DbConnection connection, long revision, ChangeLog log)
    {
        var entries = log.ReadEvidenceEntries(connection, known.Revision, revision);
        return known.With(revision, StudyQueries.RecordedAt(connection, revision), StudyQueries.ChangedStudies(connection, revision, entries, log),
            ReleaseQueries.AsOf(connection, entries, log));
    }

    /// <summary>Reads the evidence of a revision, and extends it by one change after the other up to a later revision.</summary>
    /// <exception cref="StorageCorruptionException">A version is missing or was altered; the message names it.</exception>
    public static IReadOnlyList<EvidenceStep> Steps(DbConnection connection, long from, long to, ChangeLog log, CancellationToken cancellationToken)
    {
        var evidence = AsOf(connection, from, log);
        var steps = new List<EvidenceStep>();
        foreach (var change in log.ReadEvidenceEntries(connection, from, to))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (revision, before) = (change.Entry.Evidence, evidence);
            evidence = before.With(revision, UtcTimestamp.Parse(change.Entry.RecordedAt), StudyQueries.ChangedStudies(connection, revision, [change], log),
                ReleaseQueries.AsOf(connection, [change], log));
            steps.Add(new(change, before, evidence));
        }

        return steps;
    }
}
