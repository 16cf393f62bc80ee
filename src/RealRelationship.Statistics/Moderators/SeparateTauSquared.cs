namespace RealRelationship.Statistics;

/// <summary>Levels fitted alone, each with its own τ², and compared as independent estimates.</summary>
internal static class SeparateTauSquared
{
    public static ModeratorFit Fit(List<Subgroup> groups, ModelOptions options, double margin, ReadOnlySpan<int> samples)
    {
        var given = samples.ToArray();
        var fits = groups.ConvertAll(group => RandomEffectsModel.Fit(group.Estimates, group.Variances, options));
        var levels = groups.Zip(fits, (group, fit) =>
            new SubgroupLevel(group.Level, group.Rows, fit.Mean with { Name = group.Level, RestsOnOneSample = group.IsOfOneSample(given) }, fit.PredictionInterval, fit.Heterogeneity)).ToList();
        var pairs = Subgroup.Pairs(levels.Count).ToList();
        var compared = pairs.ConvertAll(pair => new ContrastInference(WelchSatterthwaite(fits[pair.A].Mean, fits[pair.B].Mean), options.Alpha));
        var contrasts =
            ContrastInference.AdjustByHolm([.. pairs.Select((pair, i) => Compare(compared[i], levels[pair.A], levels[pair.B], fits[pair.A], fits[pair.B]))]);
        var within = contrasts.Select((c, i) => c.PValue is not null && compared[i].IsWithinMargin(c.Difference, c.StandardError, margin))
            .All(inside => inside);
        var restsOnOneSample = levels.Exists(level => level.Mean.RestsOnOneSample);
        within &= !restsOnOneSample;
        var test = BetweenLevels(fits);
        var (verdict, reasons) = new VerdictRule { Test = test, Within = within, RestsOnOneSample = restsOnOneSample }.Decide(options.Alpha);
        var residual = Residual(fits);
        return new ModeratorFit
        {
            Levels = levels,
            Coefficients = [.. levels.Select(level => level.Mean)],
            Test = test,
            Residual = residual,
            RSquared = null,
            Contrasts = contrasts,
            MinimumDetectableDifference = contrasts.Max(c => c.MinimumDetectableDifference),
            Verdict = verdict,
            CannotTellBecause = reasons,
            WithinMargin = within,
            Notes =
            [
                .. groups.Exists(group => group.Rows.Count == 1) ? ["oneEffectLevel"] : Array.Empty<string>(),
                .. restsOnOneSample ? ["oneSampleLevel"] : Array.Empty<string>(),
                .. ModeratorModel.Notes(residual, fits.Exists(fit => fit.SeveralModes), fits.Exists(fit => fit.FloorApplied)),
            ],
        };
    }

    /// <summary>Σ (μ − μ̄)²/SE², χ² with one degree of freedom less than there are levels.</summary>
    private static WaldTest? BetweenLevels(List<RandomEffectsFit> fits)
    {
        if (fits.Exists(fit => fit.Mean.StandardError == 0))
        {
            return null;
        }
        var model = new LinearModel(
            fits.Select(fit => fit.Mean.Estimate).ToArray(), fits.Select(fit => fit.Mean.StandardError * fit.Mean.StandardError).ToArray());
        var q = model.At(0).Q;
        return new WaldTest(q, fits.Count - 1, null, ChiSquared.UpperTail(q, fits.Count - 1));
    }

    private static Heterogeneity Residual(List<RandomEffectsFit> fits)
    {
        var q = fits.Sum(fit => fit.Heterogeneity.Q);
        var df = fits.Sum(fit => fit.Heterogeneity.DegreesOfFreedom);
        return new Heterogeneity(q, df, df > 0 ? ChiSquared.UpperTail(q, df) : null, null, null, null, null, null, null, null);
    }

    private static Contrast Compare(ContrastInference comparison, SubgroupLevel a, SubgroupLevel b, RandomEffectsFit fitA, RandomEffectsFit fitB)
    {
        var se = double.Hypot(a.Mean.StandardError, b.Mean.StandardError);
        double? designError = fitA.VarianceMultiplier == 0 || fitB.VarianceMultiplier == 0
            ? null
            : double.Hypot(a.Mean.StandardError / Math.Sqrt(fitA.VarianceMultiplier), b.Mean.StandardError / Math.Sqrt(fitB.VarianceMultiplier));
        return ContrastInference.ToContrast(comparison, a.Level, b.Level, a.Mean.Estimate - b.Mean.Estimate, se, designError);
    }

    /// <summary>(SE²ₐ + SE²_b)²/Σ SE⁴/df; a mean without degrees of freedom has a known variance and adds nothing to the sum.</summary>
    private static ReferenceDistribution WelchSatterthwaite(Coefficient a, Coefficient b)
    {
        var (va, vb) = (a.StandardError * a.StandardError, b.StandardError * b.StandardError);
        var sum = (a.DegreesOfFreedom is { } da ? va * va / da : 0) + (b.DegreesOfFreedom is { } db ? vb * vb / db : 0);
        return sum > 0 ? new ReferenceDistribution((va + vb) * (va + vb) / sum) : ReferenceDistribution.Normal;
    }
}
