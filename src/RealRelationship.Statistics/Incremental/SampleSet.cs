using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>Effects by sample, with residuals from the median estimate. Samples are numbered in the order of their first effect.</summary>
internal sealed class SampleSet
{
    private readonly double[] _residuals;
    private readonly double[] _variances;
    private readonly double _rho;

    public SampleSet(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, double rho)
    {
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        (_variances, _rho, Centre) = (variances.ToArray(), rho, Median(estimates));
        (_residuals, Codes) = (new double[estimates.Length], new int[estimates.Length]);
        var codes = new Dictionary<int, int>();
        for (var i = 0; i < _residuals.Length; i++)
        {
            _residuals[i] = estimates[i] - Centre;
            ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(codes, samples[i], out var exists);
            code = exists ? code : codes.Count - 1;
            Codes[i] = code;
        }
        Members = [.. Enumerable.Range(0, Effects).GroupBy(i => Codes[i]).OrderBy(sample => sample.Key).Select(sample => sample.ToArray())];
        All = [.. Members.Select(members => Create(members)!)];
    }

    public int Effects => _residuals.Length;

    /// <summary>What residuals are distances from.</summary>
    public double Centre { get; }

    /// <summary>The number of each effect's sample.</summary>
    public int[] Codes { get; }

    /// <summary>Effects of each sample.</summary>
    public int[][] Members { get; }

    /// <summary>Every sample with all its effects.</summary>
    public NestedSample[] All { get; }

    /// <summary>A likelihood of these samples, of which none is in it at first.</summary>
    public IncrementalLikelihood CreateLikelihood(bool restricted)
    {
        var mean = _residuals.Average();
        return new(All, (_variances.Min(), Median(_variances)), _residuals.Max(r => Math.Abs(r - mean)), _rho, restricted);
    }

    /// <summary>A sample of some effects; null of none.</summary>
    public NestedSample? Create(IEnumerable<int> effects)
    {
        int[] members = [.. effects.OrderByDescending(i => _variances[i])];
        return members.Length == 0 ? null : new([.. members.Select(i => _residuals[i])], [.. members.Select(i => _variances[i])], _rho);
    }

    private static double Median(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted);
        return sorted[sorted.Length / 2];
    }
}
