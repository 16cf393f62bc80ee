using System.Security.Cryptography;

using RealRelationship.Storage.Encryption;

namespace RealRelationship.Storage.Ledger;

/// <summary>One walk along the change log, which tells an entry that was edited from one that was deleted, inserted, moved or cut off.</summary>
/// <remarks>
/// <code>
/// an entry is genuine as number m   its digest holds m, or it follows from the entry before as m
/// shift                             m − the number it stands under: not 0 where others were renumbered
/// </code>
/// Entries that are genuine under no number are held back until the next genuine one tells how many were written in their place:
/// as many: they were edited, or moved where their instants are out of order; fewer: some were inserted; more: some were deleted.
/// </remarks>
internal sealed class HashChainVerifier(ChangeLog log, ChangeLogHead head, IReadOnlySet<long> erased, VerificationResult result)
{
    private const int MaxShift = 16;
    private const int MaxUnverified = 1000;

    private readonly List<UnverifiedEntry> _unverified = [];
    private ChangeLog.EntryRow? _row;
    private string _previousTimestamp = "";
    private long _last;
    private long _shift;

    // The chain value before the next entry: none after a break, two where the stored one is not the one that it should be.
    private byte[][] _previousChains = [new byte[KeyedHash.Length]];

    public void Add(ChangeLog.EntryRow row)
    {
        if (_row is not null)
        {
            Verify(_row, row);
        }

        _row = row;
    }

    public void Complete()
    {
        if (_row is not null)
        {
            Verify(_row, null);
        }

        var unverified = _unverified.Count;
        ReportUnverified(head.Log + 1, isEnd: true);
        if (unverified == 0 && _last == head.Log && !_previousChains.Any(chain => chain.AsSpan().SequenceEqual(head.Chain)))
        {
            result.AddError($"The head of the change log does not follow from change {_last}.");
        }
    }

    private void Verify(ChangeLog.EntryRow row, ChangeLog.EntryRow? next)
    {
        if (FindOriginalNumber(row, next) is not { } number)
        {
            AddUnverified(row, next);
        }
        else
        {
            ReportUnverified(number, isEnd: false);
            Accept(row, number);
        }

        _previousTimestamp = row.RecordedAt;
    }

    private void Accept(ChangeLog.EntryRow row, long number)
    {
        _shift = number - row.Number;
        if (CandidateEntries(row, _shift).FirstOrDefault(entry => Follows(row, entry) || HasDigest(row, entry)) is not { } entry)
        {
            entry = row.Entry;
        }

        var follows = Follows(row, entry);
        if (!follows && _previousChains.Length > 0)
        {
            result.AddError($"The chain value of change {row.Number} was edited.");
        }
        else if (row.Subject is null)
        {
            if (!erased.Contains(row.Number))
            {
                result.AddError($"What change {row.Number} was about is missing, and no erasure explains it.");
            }
        }
        else if (!HasDigest(row, entry))
        {
            result.AddError($"What change {row.Number} was about was edited: it does not give the digest of the log.");
        }

        _previousChains = follows || _previousChains.Length == 0 ? [row.Chain]
            : [row.Chain, .. _previousChains.Select(before => log.ComputeChain(before, entry, row.Digest))];
        _last = number;
    }

    private void AddUnverified(ChangeLog.EntryRow row, ChangeLog.EntryRow? next)
    {
        var isOutOfOrder = string.CompareOrdinal(row.RecordedAt, _previousTimestamp) <= 0
            || (next is not null && string.CompareOrdinal(row.RecordedAt, next.RecordedAt) >= 0);
        _unverified.Add(new(row.Number, isOutOfOrder));
        _previousChains = [];
        if (_unverified.Count == MaxUnverified)
        {
            ReportUnverified(_last + MaxUnverified + 1, isEnd: false);
            _last += MaxUnverified;
        }
    }

    /// <summary>Says what became of the entries between the last genuine one and the next, of number <paramref name="number"/>.</summary>
    private void ReportUnverified(long number, bool isEnd)
    {
        var missingCount = number - _last - 1;
        if (missingCount == 0)
        {
            foreach (var entry in _unverified)
            {
                result.AddError($"Change {entry.Number} was inserted: it was never written there.");
            }
        }
        else if (_unverified.Count == 0)
        {
            result.AddError(DescribeMissing(_last + 1, number - 1, isEnd));
            _previousChains = [];
        }
        else if (_unverified.Count == missingCount)
        {
            foreach (var entry in _unverified)
            {
                result.AddError(
                    entry.IsOutOfOrder ? $"Change {entry.Number} stands out of order: it was moved, or its instant was edited."
                        : $"Change {entry.Number} was edited.");
            }
        }
        else
        {
            result.AddError(
                $"{DescribeChanges(_unverified[0].Number, _unverified[^1].Number)} edited: {_unverified.Count} stand where {Math.Max(missingCount, 0)} were "
                    + $"written, so that others were {(_unverified.Count > missingCount ? "inserted" : "deleted")}.");
        }

        _unverified.Clear();
    }

    private string DescribeMissing(long first, long last, bool isEnd) =>
        last < first ? $"Change {_last} stands after the head of the log, which is at change {head.Log}: the head was set back."
        : isEnd ? $"{DescribeChanges(first, last)} cut off the end of the log: its head is at change {head.Log}."
        : $"{DescribeChanges(first, last)} deleted.";

    private static string DescribeChanges(long first, long last) => first == last ? $"Change {first} was" : $"Changes {first} to {last} were";

    /// <summary>The number under which an entry was written; null when that cannot be told.</summary>
    private long? FindOriginalNumber(ChangeLog.EntryRow row, ChangeLog.EntryRow? next)
    {
        if (IsGenuine(row, _shift) || (row.Subject is null && _previousChains.Length == 0))
        {
            return row.Number + _shift > _last ? row.Number + _shift : null;
        }

        // One entry that was moved is no renumbering: the next must stand under the same shift.
        for (var by = 1; by <= MaxShift; by++)
        {
            foreach (var shift in new[] { _shift - by, _shift + by })
            {
                if (row.Number + shift > _last && IsGenuine(row, shift) && (next is null ? row.Number + shift == head.Log : HasDigestAs(next, shift)))
                {
                    return row.Number + shift;
                }
            }
        }

        return null;
    }

    private bool IsGenuine(ChangeLog.EntryRow row, long shift) => CandidateEntries(row, shift).Any(entry => HasDigest(row, entry) || Follows(row, entry));

    private bool HasDigestAs(ChangeLog.EntryRow row, long shift) => CandidateEntries(row, shift).Any(entry => HasDigest(row, entry));

    // Who renumbers entries may renumber the revisions with them.
    private static ChangeLogEntry[] CandidateEntries(ChangeLog.EntryRow row, long shift)
    {
        var entry = row.Entry with { Number = row.Number + shift };
        return shift == 0 ? [entry] : [entry, entry with { Evidence = row.Evidence + shift }];
    }

    private bool HasDigest(ChangeLog.EntryRow row, ChangeLogEntry entry) =>
        row.Subject is not null
            && CryptographicOperations.FixedTimeEquals(row.Digest, log.ComputeDigest(entry, new(row.Subject, row.Version!.Value, row.ContentHash!), row.Salt!));

    private bool Follows(ChangeLog.EntryRow row, ChangeLogEntry entry) =>
        Array.Exists(_previousChains, before => CryptographicOperations.FixedTimeEquals(row.Chain, log.ComputeChain(before, entry, row.Digest)));

    private readonly record struct UnverifiedEntry(long Number, bool IsOutOfOrder);
}
