namespace RealRelationship.Statistics;

/// <summary>The pooled effect without one of the effects.</summary>
/// <param name="Estimate">The mean of the others.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Lower">Lower confidence bound.</param>
/// <param name="Upper">Upper confidence bound.</param>
/// <param name="Q">Cochran's, of the others.</param>
/// <param name="TauSquared">Of the others; null when only one is left.</param>
/// <param name="ISquared">Of the others, percent; null when only one is left.</param>
public sealed record LeaveOneOutRow(
    double Estimate, double StandardError, double Lower, double Upper, double Q, double? TauSquared, double? ISquared);

/// <summary>The pooled effect without each effect in turn.</summary>
public static class LeaveOneOut
{
    /// <summary>Refits without each effect. Every row is the <see cref="RandomEffectsModel"/> of the others; agrees with metafor's <c>leave1out</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Estimator, test and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <returns>One row an effect, in their order; none when there is only one effect.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static IReadOnlyList<LeaveOneOutRow> Run(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions? options = null)
    {
        Guard.ValidEffects(estimates, variances);
        options ??= new ModelOptions();
        return estimates.Length == 1 ? [] : ToRows(CaseDeletion.Fit(estimates, variances, options), options);
    }

    /// <summary>The same, and the diagnostics of <see cref="Influence.Run"/>, which rest on the same refits.</summary>
    /// <inheritdoc cref="Run"/>
    public static (IReadOnlyList<LeaveOneOutRow> Rows, IReadOnlyList<InfluenceRow> Influence) RunWithInfluence(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions? options = null)
    {
        Guard.ValidEffects(estimates, variances);
        options ??= new ModelOptions();
        if (estimates.Length == 1)
        {
            return ([], []);
        }
        var deleted = CaseDeletion.Fit(estimates, variances, options);
        return (ToRows(deleted, options), Influence.ToRows(estimates, variances, deleted, options));
    }

    internal static LeaveOneOutRow[] ToRows(MeanFit[] deleted, ModelOptions options)
    {
        var q = MeanModel.Quantile(deleted.Length - 1, options);
        return
        [
            .. deleted.Select(fit => new LeaveOneOutRow(
                fit.Mean, fit.StandardError, fit.Mean - q * fit.StandardError, fit.Mean + q * fit.StandardError, fit.Q,
                fit.ISquared is null ? null : fit.TauSquared, fit.ISquared)),
        ];
    }
}
