namespace RealRelationship.Statistics;

public static partial class ModeratorModel
{
    /// <summary>Compares the levels of a category when effects are nested in samples: one regression, with the test, contrasts and degrees of freedom of
    /// <see cref="MultilevelModel"/>. The omnibus test is HTZ with a robust variance, else the model's own.</summary>
    /// <remarks>Each contrast has its own degrees of freedom. Its minimum detectable difference uses its distribution and the standard error expected by the
    /// fitted model.</remarks>
    /// <param name="name">Name of the moderator.</param>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="levels">The level of each effect.</param>
    /// <param name="options">Model, variances and confidence; the defaults of <see cref="MultilevelOptions"/> when null.</param>
    /// <param name="equivalenceMargin">Half-width of the margin, positive, on the scale of the effects.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance or margin that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>oneSample</c>: all effects are of one sample; <c>outOfRange</c>: the numbers overflow.</exception>
    public static ModeratorFit FitCategoricalNested(
        string name, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, IReadOnlyList<string> levels,
        MultilevelOptions? options = null, double equivalenceMargin = 0.10)
    {
        ArgumentNullException.ThrowIfNull(levels);
        RequireParameters(name, estimates, variances, levels.Count, nameof(levels), equivalenceMargin);
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        return NestedModeratorModel.FitCategorical(name, estimates, variances, samples, levels, options ?? new MultilevelOptions(), equivalenceMargin);
    }

    /// <summary>Regresses effects nested in samples on a number.</summary>
    /// <param name="name">Name of the moderator.</param>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="values">The moderator's value for each effect, finite.</param>
    /// <param name="options">Model, variances and confidence; the defaults of <see cref="MultilevelOptions"/> when null.</param>
    /// <param name="equivalenceMargin">Half-width of the margin for slope × (P90 − P10), positive, on the scale of the effects.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance or margin that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>oneSample</c>: all effects are of one sample; <c>rankDeficient</c>:
    /// the values vary too little relative to their size; <c>outOfRange</c>: the numbers overflow.</exception>
    public static ModeratorFit FitContinuousNested(
        string name, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, ReadOnlySpan<double> values,
        MultilevelOptions? options = null, double equivalenceMargin = 0.10)
    {
        RequireParameters(name, estimates, variances, values.Length, nameof(values), equivalenceMargin);
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        return NestedModeratorModel.FitContinuous(name, estimates, variances, samples, values.ToArray(), options ?? new MultilevelOptions(), equivalenceMargin);
    }
}
