namespace RealRelationship.Statistics;

/// <summary>Levels compared inside one regression, with one τ².</summary>
internal static class CommonTauSquared
{
    public static ModeratorFit Fit(
        string name, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, IReadOnlyList<string> values,
        List<Subgroup> groups, ModelOptions options, double margin, ReadOnlySpan<int> samples)
    {
        var design = DesignMatrix.WithIntercept(estimates.Length).Add(new CategoricalTerm(name, values));
        var fit = MetaRegression.Fit(estimates, variances, design, options, samples);
        var distribution = ReferenceDistribution.Of(options.Test, fit.Residual.DegreesOfFreedom);
        var overSamples = ReferenceDistribution.Of(CoefficientTest.StudentT, fit.Samples - groups.Count);
        var given = samples.ToArray();
        var model = new LinearModel(estimates, variances, design);
        var confidence = new Lazy<TauSquaredConfidence>(() => new TauSquaredConfidence(model));
        var levels = groups.ConvertAll(group =>
        {
            var rests = group.IsOfOneSample(given);
            return ToLevel(group, fit, rests ? overSamples : distribution, confidence, rests);
        });
        var comparison = distribution is null ? null : new ContrastInference(distribution, options.Alpha);
        var comparisonOverSamples = overSamples is null ? null : new ContrastInference(overSamples, options.Alpha);
        var contrasts = ContrastInference.AdjustByHolm(
            [.. Subgroup.Pairs(levels.Count).Select(pair => Compare(comparison, comparisonOverSamples, levels[pair.A], levels[pair.B], fit))]);
        var restsOnOneSample = levels.Exists(level => level.Mean.RestsOnOneSample);
        var within = comparison is not null && !restsOnOneSample
            && contrasts.All(c => c.PValue is not null && comparison.IsWithinMargin(c.Difference, c.StandardError, margin));
        var (verdict, reasons) = new VerdictRule { Test = fit.Omnibus, Within = within, RestsOnOneSample = restsOnOneSample }.Decide(options.Alpha);
        return new ModeratorFit
        {
            Levels = levels,
            Coefficients = fit.Coefficients,
            Test = fit.Omnibus,
            Residual = fit.Residual,
            RSquaredOfIndependent = fit.RSquared,
            Contrasts = contrasts,
            MinimumDetectableDifference = contrasts.Max(c => c.MinimumDetectableDifference),
            Verdict = verdict,
            CannotTellBecause = reasons,
            WithinMargin = within,
            Notes =
            [
                .. groups.Exists(group => group.Rows.Count == 1) ? ["oneEffectLevel"] : Array.Empty<string>(),
                .. restsOnOneSample ? ["oneSampleLevel"] : Array.Empty<string>(),
                .. ModeratorModel.Notes(fit.Residual, fit.SeveralModes, fit.FloorApplied),
            ],
        };
    }

    /// <summary>A level's mean in the cell-means form: Σwy/Σw over its effects, w = 1/(v + τ²), with variance multiplier/Σw.</summary>
    private static SubgroupLevel ToLevel(
        Subgroup group, MetaRegressionFit fit, ReferenceDistribution? distribution, Lazy<TauSquaredConfidence> confidence, bool restsOnOneSample)
    {
        var model = new LinearModel(group.Estimates, group.Variances);
        var (beta, covariance, _) = model.Solve(fit.Residual.TauSquared ?? 0);
        var se = Math.Sqrt(covariance[0, 0] * fit.VarianceMultiplier);
        var mean = ReferenceDistribution.ToCoefficient(distribution, group.Level, beta[0], se, fit.Options.Alpha) with { RestsOnOneSample = restsOnOneSample };
        return new SubgroupLevel(group.Level, group.Rows, mean, Within(model, fit))
        {
            Prediction = Predict(mean, model, fit, distribution, confidence),
        };
    }

    private static Prediction? Predict(
        Coefficient mean, LinearModel group, MetaRegressionFit fit, ReferenceDistribution? distribution, Lazy<TauSquaredConfidence> confidence)
    {
        if (fit.Residual.TauSquared is not { } tau2 || fit.Options.Estimator == TauSquaredEstimator.CommonEffect)
        {
            return null;
        }
        var df = fit.Residual.DegreesOfFreedom;
        return fit.Options.Prediction switch
        {
            PredictionDistribution.ConfidenceDistribution =>
                new Prediction(mean, fit.Options.Alpha, () => new PredictiveDistribution(confidence.Value, group.MeanAt)),
            PredictionDistribution.Riley => new Prediction(mean, fit.Options.Alpha, tau2, df > 1 ? new ReferenceDistribution(df - 1) : null),
            _ => new Prediction(mean, fit.Options.Alpha, tau2, distribution),
        };
    }

    /// <summary>Q of the level alone; τ² is the common one, set against the level's own typical variance.</summary>
    private static Heterogeneity Within(LinearModel model, MetaRegressionFit fit)
    {
        var tau2 = fit.Residual.TauSquared;
        if (model.Effects == 1)
        {
            return new Heterogeneity(0, 0, null, tau2, null, null, null, null, null, null);
        }
        var m = model.At(0);
        var df = model.DegreesOfFreedom;
        var (i2, h2) = fit.Options.Estimator == TauSquaredEstimator.CommonEffect
            ? (m.Q > 0 ? 100 * Math.Max(0, (m.Q - df) / m.Q) : 0, m.Q / df)
            : (100 * tau2 / (tau2 + df / m.TraceP), tau2 * m.TraceP / df + 1);
        return new Heterogeneity(m.Q, df, ChiSquared.UpperTail(m.Q, df), tau2, null, null, i2, null, h2, null);
    }

    private static Contrast Compare(
        ContrastInference? comparison, ContrastInference? comparisonOverSamples, SubgroupLevel a, SubgroupLevel b, MetaRegressionFit fit)
    {
        var rests = a.Mean.RestsOnOneSample || b.Mean.RestsOnOneSample;
        var se = double.Hypot(a.Mean.StandardError, b.Mean.StandardError);
        double? designError = fit.Residual.TauSquared is null || fit.VarianceMultiplier == 0 ? null : se / Math.Sqrt(fit.VarianceMultiplier);
        var difference = a.Mean.Estimate - b.Mean.Estimate;
        return ContrastInference.ToContrast(rests ? comparisonOverSamples : comparison, a.Level, b.Level, difference, se, designError) with
        {
            RestsOnOneSample = rests,
        };
    }
}
