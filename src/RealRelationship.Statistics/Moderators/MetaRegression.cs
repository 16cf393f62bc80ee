namespace RealRelationship.Statistics;

/// <summary>Mixed-effects meta-regression y = Xβ + u + e with var u = τ² and var e = v known.</summary>
public static class MetaRegression
{
    /// <summary>Fits by weighted least squares, with τ² estimated on the residuals. Agrees with metafor's <c>rma(yi, vi, mods=)</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="design">The design, one row an effect.</param>
    /// <param name="options">Estimator, test and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <param name="samples">Sample of each effect, to find coefficients identified by a single sample; if empty, each effect is a sample of its own.</param>
    /// <returns>The fit. Without residual degrees of freedom τ² is null, weights depend only on v, and t-based tests are null.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// or a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>rankDeficient</c>: a column depends linearly on those before it (the message names it);
    /// <c>outOfRange</c>: the numbers overflow.</exception>
    public static MetaRegressionFit Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, DesignMatrix design, ModelOptions? options = null,
        ReadOnlySpan<int> samples = default)
    {
        ArgumentNullException.ThrowIfNull(design);
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, design.Rows, nameof(design));
        options ??= new ModelOptions();
        if (samples.IsEmpty)
        {
            samples = Enumerable.Range(0, estimates.Length).ToArray();
        }
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        var estimation = new LinearModelFit(new LinearModel(estimates, variances, design), options);
        var data = design.Columns == 1 ? null : new NestedData(estimates, variances, samples, design);
        return ToFit(estimation, design.Names, RSquared(estimation, estimates, variances), data);
    }

    private static MetaRegressionFit ToFit(LinearModelFit estimation, IReadOnlyList<string> names, double? rSquared, NestedData? data)
    {
        var support = data is null ? null : new OneSampleSupport(data);
        var samples = data?.Samples ?? estimation.Model.Effects;
        var options = estimation.Options;
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
            Samples = samples,
            NearlyAliased = data is not null && Collinearity.IsNearlyAliased(data),
            Coefficients = [.. names.Select((name, j) => ToCoefficient(name, j))],
            Covariance = covariance,
            VarianceMultiplier = estimation.Multiplier,
            Residual = estimation.Heterogeneity(),
            Omnibus = Omnibus(),
            RSquared = rSquared,
            LogLikelihood = estimation.LogLikelihood(),
            Iterations = estimation.TauSquared.Iterations,
            Converged = estimation.TauSquared.Converged,
            FloorApplied = estimation.FloorApplied,
            SeveralModes = estimation.TauSquared.SeveralModes,
            Weights = estimation.Model.Weights(estimation.TauSquared.Value),
            Options = options,
            Estimation = estimation,
            Support = support,
        };

        Coefficient ToCoefficient(string name, int j)
        {
            var unit = new double[beta.Length];
            unit[j] = 1;
            var rests = support?.RestsOnOneSample(unit) ?? false;
            var distribution = DistributionOf(estimation, rests, samples);
            var coefficient = ReferenceDistribution.ToCoefficient(distribution, name, beta[j], Math.Sqrt(covariance[j, j]), options.Alpha);
            return coefficient with { RestsOnOneSample = rests };
        }

        WaldTest? Omnibus()
        {
            if (support is null || options.OneSample == OneSampleInference.AsRequested || !support.Any)
            {
                return MetaRegression.Omnibus(explained, beta.Length - 1, estimation);
            }
            var tested = support.TestableCombinations();
            return tested.Length > 0 && Wald(tested, beta, covariance) is { } statistic
                ? MetaRegression.Omnibus(statistic * estimation.Multiplier, tested.Length, estimation)
                : null;
        }
    }

    /// <summary>What a combination of coefficients is referred to.</summary>
    internal static ReferenceDistribution? DistributionOf(LinearModelFit estimation, bool restsOnOneSample, int samples) =>
        restsOnOneSample && estimation.Options.OneSample == OneSampleInference.WorkingModel
            ? ReferenceDistribution.Of(CoefficientTest.StudentT, samples - estimation.Model.Columns)
            : estimation.Distribution;

    private static double? Wald(double[][] tested, double[] beta, double[,] covariance)
    {
        double[] form =
        [
            .. from a in tested
               from b in tested
               select Enumerable.Range(0, beta.Length).Sum(i => a[i] * Enumerable.Range(0, beta.Length).Sum(j => covariance[i, j] * b[j])),
        ];
        return SymmetricMatrix.InverseForm(form, [.. tested.Select(c => VectorMath.Dot(c, beta))]);
    }

    private static double? RSquared(LinearModelFit estimation, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances)
    {
        if (!estimation.Estimable || estimation.Options.Estimator == TauSquaredEstimator.CommonEffect)
        {
            return null;
        }
        var without = TauSquared.Estimate(new LinearModel(estimates, variances), estimation.Options.Estimator).Value;
        return without == 0 ? null : 100 * Math.Max(0, (without - estimation.TauSquared.Value) / without);
    }

    internal static WaldTest? Omnibus(double explained, int terms, LinearModelFit estimation)
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
