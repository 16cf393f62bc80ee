namespace RealRelationship.Statistics;

/// <summary>The checks every analysis makes once, at its door.</summary>
internal static class Guard
{
    public static bool AllFinite(this ReadOnlySpan<double> values)
    {
        foreach (var x in values)
        {
            if (!double.IsFinite(x))
            {
                return false;
            }
        }
        return true;
    }

    public static bool AllFinite(this Span<double> values) => ((ReadOnlySpan<double>)values).AllFinite();

    /// <summary>At least one effect, as many variances, estimates finite, variances positive and finite.</summary>
    public static void ValidEffects(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances)
    {
        if (estimates.IsEmpty)
        {
            throw new ArgumentException("There are no effects.", nameof(estimates));
        }
        SameLength(estimates.Length, variances.Length, nameof(variances));
        if (!estimates.AllFinite())
        {
            throw new ArgumentException("An estimate is not finite.", nameof(estimates));
        }
        foreach (var v in variances)
        {
            if (!(v > 0 && double.IsFinite(v)))
            {
                throw new ArgumentException($"Variances are positive and finite, not {v}.", nameof(variances));
            }
        }
    }

    public static void SameLength(int expected, int actual, string parameter)
    {
        if (expected != actual)
        {
            throw new ArgumentException($"There are {expected} effects, but {actual} here.", parameter);
        }
    }

    public static double InRange(bool valid, double value, string parameter, string rule) =>
        valid && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(parameter, value, rule);

    /// <summary>Checks of results: a result is finite or it is null.</summary>
    public static void FiniteResult(params ReadOnlySpan<double> values)
    {
        if (!values.AllFinite())
        {
            throw new StatisticsException("outOfRange", "The numbers are too large or too small for double precision.");
        }
    }
}
