using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>A sample before and after a change; null where it has no effects.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SampleChange(NestedSample? Before, NestedSample? After);

/// <summary>Samples as they are now, and how they became so: sums over samples follow the changes since they were last brought up to date.</summary>
internal sealed class SampleJournal(int samples)
{
    private readonly NestedSample?[] _current = new NestedSample?[samples];
    private readonly List<SampleChange> _changes = [];

    /// <summary>Number of samples with effects.</summary>
    public int Samples { get; private set; }

    /// <summary>Number of effects.</summary>
    public int Effects { get; private set; }

    public ReadOnlySpan<NestedSample?> Current => _current;

    public void Set(int code, NestedSample? sample)
    {
        var change = new SampleChange(_current[code], sample);
        _changes.Add(change);
        _current[code] = sample;
        Samples += (sample is null ? 0 : 1) - (change.Before is null ? 0 : 1);
        Effects += (sample?.Effects ?? 0) - (change.Before?.Effects ?? 0);
    }

    /// <summary>A reader of the changes, for one sum.</summary>
    public Reader CreateReader() => new(this);

    /// <summary>Follows the changes. Where more samples were subtracted than are left, or one of so much weight that digits are lost, the sum starts anew.
    /// </summary>
    internal sealed class Reader(SampleJournal journal)
    {
        private int _position = -1; // before the first
        private int _subtracted;

        /// <summary>How many samples it takes to bring the sum up to date.</summary>
        public int Pending => _position < 0 ? journal.Samples : Math.Min(journal.Samples, journal._changes.Count - _position);

        public void CatchUp(ISampleSums sums)
        {
            if (_position < 0 || journal._changes.Count - _position > journal.Samples || !TryFollow(sums))
            {
                sums.Clear();
                _subtracted = 0;
                foreach (var (i, sample) in journal._current.Index())
                {
                    CancellationScope.ThrowIfCancelled(i);
                    if (sample is not null)
                    {
                        sums.Add(sample);
                    }
                }
            }
            _position = journal._changes.Count;
        }

        private bool TryFollow(ISampleSums sums)
        {
            foreach (var (before, after) in CollectionsMarshal.AsSpan(journal._changes)[_position..])
            {
                CancellationScope.ThrowIfCancelled();
                if (after is not null)
                {
                    sums.Add(after);
                }
                if (before is not null && (++_subtracted > journal.Samples || !sums.TrySubtract(before)))
                {
                    return false;
                }
            }
            return true;
        }
    }
}

/// <summary>Sums over samples at several variances.</summary>
internal interface ISampleSums
{
    void Clear();

    void Add(NestedSample sample);

    /// <summary>Subtracts a sample; false if that loses digits.</summary>
    bool TrySubtract(NestedSample sample);
}
