namespace RealRelationship.Statistics;

/// <summary>An analysis that cannot be computed from well-formed input, such as a design with linearly dependent columns.</summary>
/// <remarks>Faults of the caller (lengths that differ, numbers that are not finite,
/// variances that are not positive) are <see cref="ArgumentException"/> instead.</remarks>
public sealed class StatisticsException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">Stable camelCase code, e.g. <c>rankDeficient</c>.</param>
    /// <param name="message">What could not be computed, and why.</param>
    public StatisticsException(string code, string message) : base(message)
    {
        ArgumentException.ThrowIfNullOrEmpty(code);
        Code = code;
    }

    /// <summary>Stable camelCase code: <c>rankDeficient</c>, <c>oneSample</c>, <c>notConverged</c>, <c>outOfRange</c>, <c>outsideRange</c> or
    /// <c>improperPosterior</c>.</summary>
    public string Code { get; }
}
