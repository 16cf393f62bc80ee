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
    private readonly SampleSet _samples;
    private readonly bool[] _included;
    private readonly IncrementalLikelihood _likelihood;
    private readonly Dictionary<int, bool> _proposed = [];

    /// <summary>Starts without any effect.</summary>
    /// <param name="estimates">The effects that may ever be included, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="options">Model and likelihood; the defaults of <see cref="MultilevelOptions"/> when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// or a variance that is not positive and finite, or correlations by kind of pair.</exception>
    public IncrementalMean(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, MultilevelOptions? options = null)
    {
        options ??= new MultilevelOptions();
        if (options.PairCorrelations is not null)
        {
            throw new ArgumentException("Correlations by kind of pair need a fit of all effects at every step.", nameof(options));
        }
        _samples = new SampleSet(estimates, variances, samples, options.Correlation);
        _included = new bool[_samples.Effects];
        _likelihood = _samples.CreateLikelihood(options.Restricted);
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
        _likelihood.Propose(_proposed.Where(change => change.Value != _included[change.Key]).Select(change => _samples.Codes[change.Key]).Distinct()
            .Select(code => KeyValuePair.Create(code, _samples.Create(_samples.Members[code].Where(IsIncluded)))));
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
        var estimate = _likelihood.Maximise();
        var mean = _samples.Centre + estimate.Point.Solution.Gamma[0];
        Guard.FiniteResult(mean);
        return estimate.OtherEnd is { } end && CoefficientInference.RangeOf(mean, _samples.Centre + end.Solution.Gamma[0]) is not null ? null : mean;
    }

    private bool IsIncluded(int effect) => _proposed.TryGetValue(effect, out var proposed) ? proposed : _included[effect];
}

/// <summary>Whether an effect is included.</summary>
/// <param name="Effect">Its index.</param>
/// <param name="IsIncluded">Whether it is.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EffectInclusion(int Effect, bool IsIncluded);
