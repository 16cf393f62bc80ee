using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.Sequential;

/// <summary>Rows of a model frame in the order in which they became evidence, and the looks at them: one per revision, or one per row for effects in the
/// body, which are in the order sent.</summary>
internal sealed class EntryPath
{
    private readonly ModelFrame _frame;
    private readonly int[] _rows;

    /// <param name="frame">The frame.</param>
    /// <param name="rows">The rows that take part.</param>
    public EntryPath(ModelFrame frame, IEnumerable<int> rows)
    {
        _frame = frame;
        _rows = InOrderOfEntry(frame, rows);
        Looks = [.. Enumerable.Range(1, _rows.Length).Where(i => i == _rows.Length || !frame.Effects.IsStored
            || VersionOf(frame, _rows[i])?.Revision != VersionOf(frame, _rows[i - 1])?.Revision)];
    }

    /// <summary>Number of rows at each look.</summary>
    public int[] Looks { get; }

    public double[] Estimates => [.. _rows.Select(row => _frame.Estimates[row])];

    public double[] Variances => [.. _rows.Select(row => _frame.Variances[row])];

    public IReadOnlyList<int> Rows => _rows;

    /// <summary>Rows by the revision of their first entry, and within one by year.</summary>
    public static int[] InOrderOfEntry(ModelFrame frame, IEnumerable<int> rows) => !frame.Effects.IsStored ? [.. rows]
        : [.. rows.OrderBy(row => VersionOf(frame, row)?.Revision ?? long.MaxValue).ThenBy(row => frame.Effects.Years[frame.Members[row][0]])];

    /// <summary>What is known of a look: revision and instant, or the row that was added for effects in the body.</summary>
    public FirstCrossedResponse Describe(int look)
    {
        var last = _rows[Looks[look] - 1];
        var version = VersionOf(_frame, last);
        return new(version?.Revision, version?.RecordedAt, Looks[look], _frame.IdOf(last));
    }

    /// <summary>The version with which a row entered; null if it is not stored.</summary>
    private static EvidenceVersion? VersionOf(ModelFrame frame, int row) =>
        frame.Members[row].Select(i => VersionOf(frame.Effects, i)).OfType<EvidenceVersion>().MinBy(version => version.Revision);

    private static EvidenceVersion? VersionOf(EffectSet effects, int i) =>
        effects.Entries?.EntryOf(effects.Ids[i], effects.Samples[i]) ?? (i < effects.Versions.Length ? effects.Versions[i] : null);
}
