using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>The mean of dependent effects that come and go: that of <see cref="MultilevelModel"/> after every change, in a time per change that does not grow
/// with the number of effects. Variances of the mean are not computed.</summary>
/// <example>
/// <code>
/// var pool = new IncrementalMean(estimates, variances, samples, options);
/// foreach (var study in studies)
/// {
///     pool.Propose(study.Effects.Select(effect => new EffectInclusion(effect, true)));
///     pool.Apply();
///     Show(pool.Estimate());
/// }
/// </code>
/// </example>
public sealed class IncrementalMean
{
    private readonly double[] _residuals;
    private readonly double[] _variances;
    private readonly int[] _samples; // numbered from 0
    private readonly int[][] _members;
    private readonly bool[] _included;
    private readonly double _centre;
    private readonly double _rho;
    private readonly IncrementalLikelihood _likelihood;
    private readonly Dictionary<int, bool> _proposed = [];

    /// <summary>Starts without any effect.</summary>
    /// <param name="estimates">The effects that may ever be included, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="options">Model and likelihood; the defaults of <see cref="MultilevelOptions"/> when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// or a variance that is not positive and finite.</exception>
    public IncrementalMean(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, MultilevelOptions? options = null)
    {
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        options ??= new MultilevelOptions();
        (_variances, _included, _rho) = (variances.ToArray(), new bool[estimates.Length], options.Correlation);
        _centre = new LinearModel(estimates, variances).MeanAt(0).Mean;
        _residuals = new double[estimates.Length];
        for (var i = 0; i < _residuals.Length; i++)
        {
            _residuals[i] = estimates[i] - _centre;
        }
        var codes = new Dictionary<int, int>();
        _samples = new int[samples.Length];
        for (var i = 0; i < _samples.Length; i++)
        {
            ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(codes, samples[i], out var exists);
            code = exists ? code : codes.Count - 1;
            _samples[i] = code;
        }
        _members = [.. Enumerable.Range(0, _samples.Length).GroupBy(i => _samples[i]).OrderBy(sample => sample.Key).Select(sample => sample.ToArray())];
        _likelihood = new IncrementalLikelihood([.. _members.Select(members => ToSample(members)!)],
            (_variances.Min(), _variances.Order().ElementAt(_variances.Length / 2)), _residuals.Max(Math.Abs), _rho, options.Restricted);
    }

    /// <summary>Number of samples that have effects, proposed changes included.</summary>
    public int Samples => _likelihood.Samples;

    /// <summary>Replaces the proposed changes, which only <see cref="Apply"/> makes permanent.</summary>
    /// <param name="changes">Effects to include or exclude; of several for one effect the last counts.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such effect.</exception>
    public void Propose(IEnumerable<EffectInclusion> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        _proposed.Clear();
        foreach (var change in changes)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(change.Effect, nameof(changes));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(change.Effect, _included.Length, nameof(changes));
            _proposed[change.Effect] = change.IsIncluded;
        }
        _likelihood.Propose(_proposed.Where(change => change.Value != _included[change.Key]).Select(change => _samples[change.Key]).Distinct()
            .Select(code => KeyValuePair.Create(code, ToSample(_members[code].Where(IsIncluded)))));
    }

    /// <summary>Makes the proposed changes permanent.</summary>
    public void Apply()
    {
        foreach (var (effect, isIncluded) in _proposed)
        {
            _included[effect] = isIncluded;
        }
        _proposed.Clear();
        _likelihood.Apply();
    }

    /// <summary>The mean of the included effects, proposed changes included.</summary>
    /// <returns>Null if it depends on variances that are not identified.</returns>
    /// <exception cref="StatisticsException"><c>oneSample</c>: the effects are of fewer than two samples; <c>outOfRange</c>: the numbers overflow.</exception>
    public double? Estimate()
    {
        if (Samples < 2)
        {
            throw new StatisticsException("oneSample", "All effects are of one sample: nothing can be said of the variance between samples.");
        }
        var estimate = VarianceComponents.Maximise(_likelihood);
        _likelihood.Remember(estimate.Modes, estimate.BetweenIdentified, estimate.WithinIdentified);
        var mean = _centre + estimate.Point.Solution.Gamma[0];
        Guard.FiniteResult(mean);
        return estimate.OtherEnd is { } end && CoefficientInference.RangeOf(mean, _centre + end.Solution.Gamma[0]) is not null ? null : mean;
    }

    private bool IsIncluded(int effect) => _proposed.TryGetValue(effect, out var proposed) ? proposed : _included[effect];

    private NestedSample? ToSample(IEnumerable<int> effects)
    {
        int[] members = [.. effects];
        return members.Length == 0 ? null
            : new([.. members.Select(i => _residuals[i])], [.. members.Select(i => _variances[i])], _rho);
    }
}

/// <summary>Whether an effect is included.</summary>
/// <param name="Effect">Its index.</param>
/// <param name="IsIncluded">Whether it is.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EffectInclusion(int Effect, bool IsIncluded);
