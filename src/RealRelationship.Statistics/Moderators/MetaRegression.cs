namespace RealRelationship.Statistics;

/// <summary>Mixed-effects meta-regression y = Xβ + u + e with var u = τ² and var e = v known.</summary>
public static class MetaRegression
{
    /// <summary>Fits by weighted least squares, with τ² estimated on the residuals. Agrees with metafor's <c>rma(yi, vi, mods=)</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="design">The design, one row an effect.</param>
    /// <param name="options">Estimator, test and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <returns>The fit. Without residual degrees of freedom τ² is null, weights rest on v alone, and t-based tests are null.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// or a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>rankDeficient</c>: a column depends linearly on those before it (the message names it);
    /// <c>outOfRange</c>: the numbers overflow.</exception>
    public static MetaRegressionFit Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, DesignMatrix design, ModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(design);
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, design.Rows, nameof(design));
        options ??= new ModelOptions();
        var estimation = new LinearModelFit(new LinearModel(estimates, variances, design), options);
        return ToFit(estimation, design.Names, RSquared(estimation, estimates, variances));
    }

    private static MetaRegressionFit ToFit(LinearModelFit estimation, IReadOnlyList<string> names, double? rSquared)
    {
        var (beta, covariance, explained) = estimation.Model.Solve(estimation.TauSquared.Value);
        for (var a = 0; a < beta.Length; a++)
        {
            for (var b = 0; b < beta.Length; b++)
            {
                covariance[a, b] *= estimation.Multiplier;
            }
        }
        return new MetaRegressionFit
        {
            Effects = estimation.Model.Effects,
            Coefficients =
            [
                .. names.Select((name, j) =>
                    ReferenceDistribution.ToCoefficient(estimation.Distribution, name, beta[j], Math.Sqrt(covariance[j, j]), estimation.Options.Alpha)),
            ],
            Covariance = covariance,
            VarianceMultiplier = estimation.Multiplier,
            Residual = estimation.Heterogeneity(),
            Omnibus = Omnibus(explained, beta.Length - 1, estimation),
            RSquared = rSquared,
            LogLikelihood = estimation.LogLikelihood(),
            Iterations = estimation.TauSquared.Iterations,
            Converged = estimation.TauSquared.Converged,
            FloorApplied = estimation.FloorApplied,
            SeveralModes = estimation.TauSquared.SeveralModes,
            Weights = estimation.Model.Weights(estimation.TauSquared.Value),
            Options = estimation.Options,
        };
    }

    private static double? RSquared(LinearModelFit estimation, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances)
    {
        if (!estimation.Estimable || estimation.Options.Estimator == TauSquaredEstimator.CommonEffect)
        {
            return null;
        }
        var without = TauSquared.Estimate(new LinearModel(estimates, variances), estimation.Options.Estimator).Value;
        return without == 0 ? 0 : 100 * Math.Max(0, (without - estimation.TauSquared.Value) / without);
    }

    private static WaldTest? Omnibus(double explained, int terms, LinearModelFit estimation)
    {
        if (terms == 0 || estimation.Distribution is null || estimation.Multiplier == 0)
        {
            return null;
        }
        var qm = explained / estimation.Multiplier;
        Guard.FiniteResult(qm);
        return estimation.Distribution.DegreesOfFreedom is { } df
            ? new WaldTest(qm / terms, terms, df, FDistribution.UpperTail(qm / terms, terms, df))
            : new WaldTest(qm, terms, null, ChiSquared.UpperTail(qm, terms));
    }
}
