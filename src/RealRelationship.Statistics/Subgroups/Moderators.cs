namespace RealRelationship.Statistics;

/// <summary>Breakdown of effects by one moderator, with its test, contrasts, what the design could have found, and a verdict.</summary>
public static class Moderators
{
    /// <summary>Compares the levels of a category.</summary>
    /// <param name="name">Name of the moderator.</param>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="levels">The level of each effect.</param>
    /// <param name="options">Estimator, test, prediction and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <param name="tauSquared">One τ² for all levels, or every level fitted alone.</param>
    /// <param name="equivalenceMargin">Half-width of the margin, positive, on the scale of the effects.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance or margin that is not positive.</exception>
    public static ModeratorAnalysis Categorical(
        string name, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, IReadOnlyList<string> levels,
        ModelOptions? options = null, SubgroupTauSquared tauSquared = SubgroupTauSquared.Common, double equivalenceMargin = 0.10) =>
        throw new NotSupportedException("Not yet.");

    /// <summary>Regresses the effects on a number.</summary>
    /// <param name="name">Name of the moderator.</param>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="values">The moderator's value for each effect, finite.</param>
    /// <param name="options">Estimator, test, prediction and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <param name="equivalenceMargin">Half-width of the margin for slope × (P90 − P10), positive, on the scale of the effects.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance or margin that is not positive.</exception>
    public static ModeratorAnalysis Continuous(
        string name, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<double> values,
        ModelOptions? options = null, double equivalenceMargin = 0.10) =>
        throw new NotSupportedException("Not yet.");
}
