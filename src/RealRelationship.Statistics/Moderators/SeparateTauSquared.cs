namespace RealRelationship.Statistics;

/// <summary>Levels fitted alone, each with its own τ², and compared as independent estimates.</summary>
/// <remarks>
/// Their standard errors are estimates on few degrees of freedom: with w = 1/SE², SE ad hoc, over the q levels of at least three effects,
/// F = [Σw(μ − μ̄)²/(q − 1)]/[1 + 2(q − 2)A/(q² − 1)] with A = Σ(1 − w/Σw)²/(k − 1) has q − 1 and (q² − 1)/(3A) degrees of freedom (Welch 1951, Biometrika 38,
/// 330–336). χ² instead would reach a size of .09 for 3 against 3 effects, and .17 for 1 against 10.
/// </remarks>
internal static class SeparateTauSquared
{
    private const int MinEffects = 3;

    public static ModeratorFit Fit(List<Subgroup> groups, ModelOptions options, double margin, ReadOnlySpan<int> samples)
    {
        var given = samples.ToArray();
        var fits = groups.ConvertAll(group => RandomEffectsModel.Fit(group.Estimates, group.Variances, options));
        var levels = groups.Zip(fits, (group, fit) =>
            new SubgroupLevel(
                group.Level, group.Rows, fit.Mean with { Name = group.Level, RestsOnOneSample = group.IsOfOneSample(given) },
                fit.Heterogeneity)
            {
                Prediction = fit.Prediction,
            }).ToList();
        var pairs = Subgroup.Pairs(levels.Count).ToList();
        var compared = pairs.ConvertAll(pair => levels[pair.A].Mean.RestsOnOneSample || levels[pair.B].Mean.RestsOnOneSample
            ? null
            : new ContrastInference(WelchSatterthwaite(fits[pair.A].Mean, fits[pair.B].Mean), options.Alpha));
        var contrasts =
            ContrastInference.AdjustByHolm([.. pairs.Select((pair, i) => Compare(compared[i], levels[pair.A], levels[pair.B], fits[pair.A], fits[pair.B]))]);
        var within = contrasts.Select((c, i) => c.PValue is not null && compared[i]!.IsWithinMargin(c.Difference, c.StandardError, margin))
            .All(inside => inside);
        var restsOnOneSample = levels.Exists(level => level.Mean.RestsOnOneSample);
        var tested = groups.Where((group, i) => group.Rows.Count >= MinEffects && !levels[i].Mean.RestsOnOneSample).ToList();
        within &= tested.Count == groups.Count;
        var test = Welch(tested, options);
        var (verdict, reasons) = new VerdictRule
        {
            Test = test,
            Within = within,
            RestsOnOneSample = restsOnOneSample,
            Forbidden = test?.DenominatorDegreesOfFreedom < MultilevelModel.FewDegreesOfFreedom ? "fewDegreesOfFreedom" : null,
        }.Decide(options.Alpha);
        var residual = Residual(fits);
        return new ModeratorFit
        {
            Levels = levels,
            Coefficients = [.. levels.Select(level => level.Mean)],
            Test = test,
            Residual = residual,
            Contrasts = contrasts,
            MinimumDetectableDifference = contrasts.Max(c => c.MinimumDetectableDifference),
            Verdict = verdict,
            CannotTellBecause = reasons,
            WithinMargin = within,
            Notes =
            [
                .. groups.Exists(group => group.Rows.Count == 1) ? ["oneEffectLevel"] : Array.Empty<string>(),
                .. restsOnOneSample ? ["oneSampleLevel"] : Array.Empty<string>(),
                .. tested.Count < levels.Count(level => !level.Mean.RestsOnOneSample) || test?.DenominatorDegreesOfFreedom < MultilevelModel.FewDegreesOfFreedom
                    ? ["fewDegreesOfFreedom"]
                    : Array.Empty<string>(),
                .. fits.Exists(fit => fit.Heterogeneity.IntervalIsEmpty) ? ["emptyInterval"] : Array.Empty<string>(),
                .. ModeratorModel.Notes(residual, fits.Exists(fit => fit.SeveralModes), fits.Exists(fit => fit.FloorApplied)),
            ],
        };
    }

    /// <summary>Welch's F; null for fewer than two levels.</summary>
    private static WaldTest? Welch(List<Subgroup> groups, ModelOptions options)
    {
        var q = groups.Count;
        if (q < 2)
        {
            return null;
        }
        var adHoc = options with { Test = CoefficientTest.KnappHartungAdHoc };
        var fits = groups.ConvertAll(group => MeanModel.Fit(group.Estimates, group.Variances, adHoc));
        var moments = new LinearModel(fits.Select(fit => fit.Mean).ToArray(), fits.Select(fit => fit.Variance).ToArray()).At(0);
        var a = groups.Zip(fits, (group, fit) => VectorMath.Square(1 - 1 / fit.Variance / moments.SumW) / (group.Rows.Count - 1)).Sum();
        double squares = q * q - 1;
        var f = moments.Q / (q - 1) / (1 + 2 * (q - 2) * a / squares);
        var df = squares / (3 * a);
        Guard.FiniteResult(f);
        return double.IsFinite(df) ? new WaldTest(f, q - 1, df, FDistribution.UpperTail(f, q - 1, df)) : null;
    }

    private static Heterogeneity Residual(List<RandomEffectsFit> fits)
    {
        var q = fits.Sum(fit => fit.Heterogeneity.Q);
        var df = fits.Sum(fit => fit.Heterogeneity.DegreesOfFreedom);
        return new Heterogeneity(q, df, df > 0 ? ChiSquared.UpperTail(q, df) : null, null, null, null, null, null, null, null);
    }

    private static Contrast Compare(ContrastInference? comparison, SubgroupLevel a, SubgroupLevel b, RandomEffectsFit fitA, RandomEffectsFit fitB)
    {
        var se = double.Hypot(a.Mean.StandardError, b.Mean.StandardError);
        double? designError = fitA.VarianceMultiplier == 0 || fitB.VarianceMultiplier == 0
            ? null
            : double.Hypot(a.Mean.StandardError / Math.Sqrt(fitA.VarianceMultiplier), b.Mean.StandardError / Math.Sqrt(fitB.VarianceMultiplier));
        return ContrastInference.ToContrast(comparison, a.Level, b.Level, a.Mean.Estimate - b.Mean.Estimate, se, designError) with
        {
            RestsOnOneSample = comparison is null,
        };
    }

    /// <summary>(SE²ₐ + SE²_b)²/Σ SE⁴/df; a mean without degrees of freedom has a known variance and adds nothing to the sum.</summary>
    private static ReferenceDistribution WelchSatterthwaite(Coefficient a, Coefficient b)
    {
        var (va, vb) = (a.StandardError * a.StandardError, b.StandardError * b.StandardError);
        var sum = (a.DegreesOfFreedom is { } da ? va * va / da : 0) + (b.DegreesOfFreedom is { } db ? vb * vb / db : 0);
        return sum > 0 ? new ReferenceDistribution((va + vb) * (va + vb) / sum) : ReferenceDistribution.Normal;
    }
}
