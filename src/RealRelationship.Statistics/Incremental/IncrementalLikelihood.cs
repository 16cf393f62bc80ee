using System.Runtime.CompilerServices;

namespace RealRelationship.Statistics;

/// <summary>The likelihood of a common mean of samples that come and go, in a time that does not grow with their number.</summary>
/// <remarks>
/// 1. Sums over samples of smooth functions of both variances are interpolated on tiles (<see cref="LogScale"/>). A tile follows the changes of samples once
///    it has been needed so often that summing anew would have cost as much; before that, and where subtraction loses digits, samples are summed.
/// 2. Changes that are only proposed, such as the deletion of a sample, are added to the interpolated sums.
/// 3. The likelihood on a grid, followed likewise, shows whether there are other maxima than those of the fit before. Newton's method starts from these, and
///    from every maximum of the grid that is not next to one of them.
/// </remarks>
internal sealed class IncrementalLikelihood : INestedLikelihood
{
    private const int TileCost = 50; // of adding a sample to a tile, in evaluations of a sample
    private const int MinSamples = 48; // fewer are summed as quickly as interpolated

    private readonly SampleJournal _journal;
    private readonly bool _restricted;
    private readonly Dictionary<(int Column, int Row), (TermsTile Tile, SampleJournal.Reader Reader, int[] Misses)> _tiles = [];
    private readonly (GridSums Sums, SampleJournal.Reader Reader) _grid;
    private readonly Dictionary<int, NestedSample?> _proposed = [];
    private readonly List<SampleChange> _changes = [];
    private readonly Dictionary<(bool, bool), StartingPoints> _starts = [];

    /// <summary>Without samples at first.</summary>
    /// <param name="samples">Every sample that may come, with all its effects.</param>
    /// <param name="variances">The smallest and the median variance of their effects.</param>
    /// <param name="largestResidual">Of their effects.</param>
    /// <param name="rho">Correlation of sampling errors.</param>
    /// <param name="restricted">Which likelihood.</param>
    public IncrementalLikelihood(IReadOnlyList<NestedSample> samples, (double Smallest, double Typical) variances, double largestResidual, double rho,
        bool restricted)
    {
        (_journal, _restricted, TypicalVariance) = (new SampleJournal(samples.Count), restricted, variances.Typical);
        Scales = (new(1 / samples.Max(sample => sample.At(0, 0).Weight)), new((1 - rho) * variances.Smallest));
        var (lower, upper) = LikelihoodGrid.Range(variances.Smallest, rho, largestResidual);
        _grid = (new(LikelihoodGrid.Axis(lower, upper, LikelihoodGrid.CountPoints(samples.Sum(sample => sample.Effects)))), _journal.CreateReader());
    }

    public int Effects { get; private set; }

    /// <summary>Number of samples, proposed changes included.</summary>
    public int Samples { get; private set; }

    public double TypicalVariance { get; }

    public double RelativeError => 1e-12;

    /// <summary>On which sums over samples are smooth.</summary>
    public (LogScale Between, LogScale Within) Scales { get; }

    /// <summary>Replaces the proposed changes.</summary>
    /// <param name="changes">Sample codes, and what is then in them; null for nothing.</param>
    public void Propose(IEnumerable<KeyValuePair<int, NestedSample?>> changes)
    {
        _proposed.Clear();
        _changes.Clear();
        (Effects, Samples) = (_journal.Effects, _journal.Samples);
        foreach (var (code, after) in changes)
        {
            var before = _journal.Current[code];
            _proposed.Add(code, after);
            _changes.Add(new(before, after));
            Effects += (after?.Effects ?? 0) - (before?.Effects ?? 0);
            Samples += (after is null ? 0 : 1) - (before is null ? 0 : 1);
        }
    }

    /// <summary>Makes the proposed changes permanent.</summary>
    public void Apply()
    {
        foreach (var (code, after) in _proposed)
        {
            _journal.Set(code, after);
        }
        Propose([]);
    }

    public NestedLikelihoodPoint At(double between, double within)
    {
        CancellationScope.ThrowIfCancelled();
        return SumsAt(between, within).ToPoint(between, within, Effects, _restricted);
    }

    public IEnumerable<(double Between, double Within)> Starts(bool between, bool within)
    {
        _grid.Reader.CatchUp(_grid.Sums);
        var points = _grid.Sums.Axis.Length;
        var peaks = _grid.Sums.Peaks(_changes, Effects, _restricted, between ? points : 1, within ? points : 1);
        if (!_starts.TryGetValue((between, within), out var starts))
        {
            _starts.Add((between, within), starts = new(_grid.Sums.Axis));
        }
        return starts.Next(peaks);
    }

    /// <summary>Fits both variances, and starts the next fit from the maxima of this one.</summary>
    public VarianceEstimate Maximise()
    {
        var estimate = VarianceComponents.Maximise(this);
        if (_starts.TryGetValue((estimate.BetweenIdentified, estimate.WithinIdentified), out var starts))
        {
            starts.Remember(estimate.Modes);
        }
        return estimate;
    }

    private NestedTerms SumsAt(double between, double within)
    {
        if (TileOf(between, within) is not { } tile)
        {
            return SumAt(between, within);
        }
        var sums = tile.At(between, within);
        var left = sums;
        foreach (var (before, _) in _changes)
        {
            left = before is null ? left : left - before.At(between, within);
        }
        if (_changes.Count > 0 && left.HasLostDigits(sums))
        {
            return SumAt(between, within);
        }
        foreach (var (_, after) in _changes)
        {
            left = after is null ? left : left + after.At(between, within);
        }
        return left;
    }

    /// <summary>The tile with two variances; null if it does not pay yet.</summary>
    private TermsTile? TileOf(double between, double within)
    {
        if (_journal.Samples < MinSamples)
        {
            return null;
        }
        var key = (Scales.Between.TileOf(between), Scales.Within.TileOf(within));
        if (!_tiles.TryGetValue(key, out var entry))
        {
            _tiles.Add(key, entry = (new(Scales.Between, Scales.Within, key.Item1, key.Item2), _journal.CreateReader(), [0]));
        }
        if (entry.Reader.Pending is > 0 and var pending)
        {
            if ((long)++entry.Misses[0] * _journal.Samples < (long)TileCost * pending)
            {
                return null;
            }
            entry.Reader.CatchUp(entry.Tile);
            entry.Misses[0] = 0;
        }
        return entry.Tile;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private NestedTerms SumAt(double between, double within)
    {
        var sums = default(NestedTerms);
        var current = _journal.Current;
        for (var code = 0; code < current.Length; code++)
        {
            CancellationScope.ThrowIfCancelled(code);
            if ((_proposed.Count > 0 && _proposed.TryGetValue(code, out var proposed) ? proposed : current[code]) is { } sample)
            {
                sums += sample.At(between, within);
            }
        }
        return sums;
    }

    /// <summary>Where to start from: the maxima of the fit before, and every maximum of the grid that is not next to one of them.</summary>
    private sealed class StartingPoints(double[] axis)
    {
        private (double Between, double Within)[] _modes = [];

        public IEnumerable<(double Between, double Within)> Next(IReadOnlyList<GridPeak> peaks) => [.. _modes, .. peaks
            .Where(peak => !Array.Exists(_modes, mode => IsNear(mode.Between, peak.Column) && IsNear(mode.Within, peak.Row)))
            .Select(peak => (axis[peak.Column], axis[peak.Row]))];

        public void Remember(IReadOnlyList<NestedLikelihoodPoint> modes) => _modes = [.. modes.Select(mode => (mode.Between, mode.Within))];

        private bool IsNear(double variance, int point) =>
            variance >= axis[Math.Max(0, point - 1)] && variance <= axis[Math.Min(axis.Length - 1, point + 1)];
    }
}
