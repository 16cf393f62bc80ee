using System.Security.Cryptography;

using RealRelationship.Storage.Encryption;

namespace RealRelationship.Storage.Ledger;

/// <summary>Walks the change log to the first break of its chain, and reports its position and kind.</summary>
/// <remarks>
/// <code>
/// follows    chain(n) = HMAC(key, chain(n−1) ‖ entry n ‖ digest(n))
/// genuine    digest(n) is that of entry n and its subject
/// </code>
/// An entry that does not follow is a break. Its kind: entries before it are missing; it lies behind the head; it is genuine, so that only its chain value
/// was edited; or the next entry follows from it, so that only this entry was edited. Entries behind a break are not checked.
/// </remarks>
internal sealed class HashChainVerifier(ChangeLog log, ChangeLogHead head, IReadOnlySet<long> erased, VerificationResult result)
{
    public void Verify(IEnumerable<ChangeLog.EntryRow> entries)
    {
        var (last, chain) = (0L, new byte[KeyedHash.Length]);
        ChangeLog.EntryRow? broken = null;
        var isReported = false;
        // Reads to the end even after a break: Dapper cancels a query that is left early, and that would abort the snapshot of the other checks.
        foreach (var row in entries)
        {
            if (broken is not null)
            {
                Report(broken, row.Number == broken.Number + 1 && Follows(row, broken.Chain));
            }
            else if (Follows(row, chain))
            {
                VerifySubject(row);
                (last, chain) = (row.Number, row.Chain);
            }
            else
            {
                broken = row;
            }
        }

        if (broken is not null)
        {
            Report(broken, head.Log == broken.Number && head.Chain.AsSpan().SequenceEqual(broken.Chain));
        }
        else if (last < head.Log)
        {
            result.AddError($"{Describe(last + 1, head.Log)} cut off the end of the log: its head is at change {head.Log}.");
        }
        else if (last > head.Log)
        {
            result.AddError($"Change {last} stands after the head of the log, which is at change {head.Log}: the head was set back.");
        }
        else if (!chain.AsSpan().SequenceEqual(head.Chain))
        {
            result.AddError($"The head of the change log does not follow from change {last}.");
        }

        void Report(ChangeLog.EntryRow row, bool isFollowed)
        {
            if (!isReported)
            {
                result.AddError(DescribeBreak(row, last, isFollowed));
                isReported = true;
            }
        }
    }

    private string DescribeBreak(ChangeLog.EntryRow row, long last, bool isFollowed) =>
        row.Number > head.Log ? $"Change {row.Number} was inserted: it was never written there."
        : row.Number > last + 1 ? $"{Describe(last + 1, row.Number - 1)} deleted."
        : HasDigest(row) ? $"The chain value of change {row.Number} was edited."
        : isFollowed ? $"Change {row.Number} was edited."
        : $"Change {row.Number} is not what was written there: it was edited, moved or inserted, or renumbered after others were deleted.";

    private void VerifySubject(ChangeLog.EntryRow row)
    {
        if (row.Subject is null)
        {
            if (!erased.Contains(row.Number))
            {
                result.AddError($"What change {row.Number} was about is missing, and no erasure explains it.");
            }
        }
        else if (!HasDigest(row))
        {
            result.AddError($"What change {row.Number} was about was edited: it does not give the digest of the log.");
        }
    }

    private static string Describe(long first, long last) => first == last ? $"Change {first} was" : $"Changes {first} to {last} were";

    private bool HasDigest(ChangeLog.EntryRow row) => row.Subject is not null && log.Verify(row) is not null;

    private bool Follows(ChangeLog.EntryRow row, byte[] previous) =>
        CryptographicOperations.FixedTimeEquals(row.Chain, log.ComputeChain(previous, row.Entry, row.Digest));
}
