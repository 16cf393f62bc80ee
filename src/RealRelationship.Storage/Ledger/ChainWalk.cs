using System.Security.Cryptography;

namespace RealRelationshipApi.Storage.Verifying;

/// <summary>One walk along the change log, which tells an entry that was edited from one that was deleted, inserted, moved or cut off.</summary>
/// <remarks>
/// <code>
/// an entry is genuine as number m   its digest holds m, or it follows from the entry before as m
/// shift                             m − the number it stands under: not 0 where others were renumbered
/// </code>
/// Entries that are genuine under no number are held back until the next genuine one tells how many were written in their place:
/// as many: they were edited, or moved where their instants are out of order; fewer: some were inserted; more: some were deleted.
/// </remarks>
internal sealed class ChainWalk(ChangeLog log, LogHead head, IReadOnlySet<long> erased, Findings findings)
{
    private const int LargestShift = 16;
    private const int MostHeldBack = 1000;

    private readonly List<HeldBack> _heldBack = [];
    private ChangeLog.EntryRow? _row;
    private string _instantBefore = "";
    private long _last;
    private long _shift;

    // The chain value before the next entry: none after a break, two where the stored one is not the one that it should be.
    private byte[][] _before = [new byte[KeyedHash.Length]];

    public void Take(ChangeLog.EntryRow row)
    {
        if (_row is not null)
        {
            Judge(_row, row);
        }

        _row = row;
    }

    public void End()
    {
        if (_row is not null)
        {
            Judge(_row, null);
        }

        var heldBack = _heldBack.Count;
        Settle(head.Log + 1, isEnd: true);
        if (heldBack == 0 && _last == head.Log && !_before.Any(chain => chain.AsSpan().SequenceEqual(head.Chain)))
        {
            findings.Fault($"The head of the change log does not follow from change {_last}.");
        }
    }

    private void Judge(ChangeLog.EntryRow row, ChangeLog.EntryRow? next)
    {
        if (NumberOf(row, next) is not { } number)
        {
            HoldBack(row, next);
        }
        else
        {
            Settle(number, isEnd: false);
            Accept(row, number);
        }

        _instantBefore = row.RecordedAt;
    }

    private void Accept(ChangeLog.EntryRow row, long number)
    {
        _shift = number - row.Number;
        if (Written(row, _shift).FirstOrDefault(entry => Follows(row, entry) || HasDigest(row, entry)) is not { } entry)
        {
            entry = row.Entry;
        }

        var follows = Follows(row, entry);
        if (!follows && _before.Length > 0)
        {
            findings.Fault($"The chain value of change {row.Number} was edited.");
        }
        else if (row.Subject is null)
        {
            if (!erased.Contains(row.Number))
            {
                findings.Fault($"What change {row.Number} was about is missing, and no erasure explains it.");
            }
        }
        else if (!HasDigest(row, entry))
        {
            findings.Fault($"What change {row.Number} was about was edited: it does not give the digest of the log.");
        }

        _before = follows || _before.Length == 0 ? [row.Chain] : [row.Chain, .. _before.Select(before => log.ChainOf(before, entry, row.Digest))];
        _last = number;
    }

    private void HoldBack(ChangeLog.EntryRow row, ChangeLog.EntryRow? next)
    {
        var isOutOfOrder = string.CompareOrdinal(row.RecordedAt, _instantBefore) <= 0 || (next is not null && string.CompareOrdinal(row.RecordedAt, next.RecordedAt) >= 0);
        _heldBack.Add(new(row.Number, isOutOfOrder));
        _before = [];
        if (_heldBack.Count == MostHeldBack)
        {
            Settle(_last + MostHeldBack + 1, isEnd: false);
            _last += MostHeldBack;
        }
    }

    /// <summary>Says what became of the entries between the last genuine one and the next, of number <paramref name="number"/>.</summary>
    private void Settle(long number, bool isEnd)
    {
        var written = number - _last - 1;
        if (written == 0)
        {
            foreach (var entry in _heldBack)
            {
                findings.Fault($"Change {entry.Number} was inserted: it was never written there.");
            }
        }
        else if (_heldBack.Count == 0)
        {
            findings.Fault(Missing(_last + 1, number - 1, isEnd));
            _before = [];
        }
        else if (_heldBack.Count == written)
        {
            foreach (var entry in _heldBack)
            {
                findings.Fault(entry.IsOutOfOrder ? $"Change {entry.Number} stands out of order: it was moved, or its instant was edited." : $"Change {entry.Number} was edited.");
            }
        }
        else
        {
            findings.Fault($"{Changes(_heldBack[0].Number, _heldBack[^1].Number)} edited: {_heldBack.Count} stand where {Math.Max(written, 0)} were written, so that others were {(_heldBack.Count > written ? "inserted" : "deleted")}.");
        }

        _heldBack.Clear();
    }

    private string Missing(long first, long last, bool isEnd) =>
        last < first ? $"Change {_last} stands after the head of the log, which is at change {head.Log}: the head was set back."
        : isEnd ? $"{Changes(first, last)} cut off the end of the log: its head is at change {head.Log}."
        : $"{Changes(first, last)} deleted.";

    private static string Changes(long first, long last) => first == last ? $"Change {first} was" : $"Changes {first} to {last} were";

    /// <summary>The number under which an entry was written; null when that cannot be told.</summary>
    private long? NumberOf(ChangeLog.EntryRow row, ChangeLog.EntryRow? next)
    {
        if (IsGenuine(row, _shift) || (row.Subject is null && _before.Length == 0))
        {
            return row.Number + _shift > _last ? row.Number + _shift : null;
        }

        // One entry that was moved is no renumbering: the next must stand under the same shift.
        for (var by = 1; by <= LargestShift; by++)
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

    private bool IsGenuine(ChangeLog.EntryRow row, long shift) => Written(row, shift).Any(entry => HasDigest(row, entry) || Follows(row, entry));

    private bool HasDigestAs(ChangeLog.EntryRow row, long shift) => Written(row, shift).Any(entry => HasDigest(row, entry));

    // Who renumbers entries may renumber the revisions with them.
    private static LogEntry[] Written(ChangeLog.EntryRow row, long shift)
    {
        var entry = row.Entry with { Number = row.Number + shift };
        return shift == 0 ? [entry] : [entry, entry with { Evidence = row.Evidence + shift }];
    }

    private bool HasDigest(ChangeLog.EntryRow row, LogEntry entry) =>
        row.Subject is not null && CryptographicOperations.FixedTimeEquals(row.Digest, log.DigestOf(entry, new(row.Subject, row.Version!.Value, row.ContentHash!), row.Salt!));

    private bool Follows(ChangeLog.EntryRow row, LogEntry entry) =>
        Array.Exists(_before, before => CryptographicOperations.FixedTimeEquals(row.Chain, log.ChainOf(before, entry, row.Digest)));

    private readonly record struct HeldBack(long Number, bool IsOutOfOrder);
}
