namespace RealRelationship.Statistics;

/// <summary>Moderators of effects nested in samples.</summary>
internal static class NestedModeratorModel
{
    public static ModeratorFit FitCategorical(
        string name, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, IReadOnlyList<string> levels,
        MultilevelOptions options, double margin)
    {
        options = options with { OneSample = OneSampleInference.WorkingModel };
        var groups = Subgroup.Split(estimates, variances, levels);
        var design = DesignMatrix.WithIntercept(estimates.Length).Add(new CategoricalTerm(name, levels));
        var fit = MultilevelModel.Fit(estimates, variances, samples, design, options);
        var given = samples.ToArray();
        // Means of levels do not take part in the verdict.
        var means = new Lazy<Coefficient[]>(
            () => [.. groups.Select((group, j) => fit.LinearCombination(group.Level, LevelWeights(groups.Count, j)))], LazyThreadSafetyMode.PublicationOnly);
        var compared = Subgroup.Pairs(groups.Count)
            .Select(pair => Compare(groups[pair.A].Level, groups[pair.B].Level, ContrastWeights(groups.Count, pair), fit, margin)).ToArray();
        var contrasts = ContrastInference.AdjustByHolm([.. compared.Select(c => c.Contrast)]);
        var within = groups.Count > 1 && compared.All(c => c.Inside);
        var test = Test(fit);
        var (verdict, reasons) = groups.Count == 1 ? (ModeratorVerdict.CannotTell, []) : Rule(fit, test, within).Decide(options.Alpha);
        return new ModeratorFit
        {
            Levels = [],
            LevelsFit = new(() => [.. groups.Select((group, j) => ToLevel(group, means.Value[j], [.. group.Rows.Select(i => given[i])], fit))],
                LazyThreadSafetyMode.PublicationOnly),
            Coefficients = fit.Coefficients,
            Test = test,
            Residual = Residual(fit),
            Contrasts = contrasts,
            MinimumDetectableDifference = contrasts.Count == 0 ? null : contrasts.Max(c => c.MinimumDetectableDifference),
            Verdict = verdict,
            CannotTellBecause = reasons,
            ConfirmingTest = fit.OmnibusOverSamples,
            WithinMargin = within,
            Nested = fit,
            WithinSampleFit = WithinSample(estimates, variances, samples, () =>
                [.. groups.Skip(1).Select(group => new ContinuousTerm($"{name}:{group.Level}", [.. levels.Select(level => level == group.Level ? 1.0 : 0)]))],
                options),
            Notes = [],
            NotesOfFit = new(() => Notes(
                [
                    .. groups.Count == 1 ? ["singleLevel"] : Array.Empty<string>(),
                    .. groups.Exists(group => group.Rows.Count == 1) ? ["oneEffectLevel"] : Array.Empty<string>(),
                ],
                fit, means.Value, contrasts), LazyThreadSafetyMode.PublicationOnly),
        };
    }

    public static ModeratorFit FitContinuous(
        string name, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, double[] values,
        MultilevelOptions options, double margin)
    {
        options = options with { OneSample = OneSampleInference.WorkingModel };
        var term = new ContinuousTerm(name, values);
        var design = DesignMatrix.WithIntercept(estimates.Length).Add(term);
        if (values.Distinct().Count() == 1)
        {
            var single = FitCategorical(name, estimates, variances, samples, [.. values.Select(_ => name)], options, margin);
            return single with { Levels = [], Notes = ["constantModerator", .. single.Notes.Where(note => note is not ("singleLevel" or "oneEffectLevel"))] };
        }
        var fit = MultilevelModel.Fit(estimates, variances, samples, design, options);
        var slope = fit.Coefficients[1];
        var comparison = slope.Statistic is null ? null : new ContrastInference(new ReferenceDistribution(slope.DegreesOfFreedom), options.Alpha);
        var range = ModeratorModel.Quantile(values, 0.9) - ModeratorModel.Quantile(values, 0.1);
        var within = !slope.RestsOnOneSample && (comparison?.IsWithinMargin(slope.Estimate * range, slope.StandardError * range, margin) ?? false);
        var test = Test(fit);
        var (verdict, reasons) = Rule(fit, test, within).Decide(options.Alpha);
        return new ModeratorFit
        {
            Levels = [],
            Coefficients = fit.Coefficients,
            Test = test,
            Residual = Residual(fit),
            Contrasts = [],
            MinimumDetectableDifference = comparison?.MinimumDetectableDifference(fit.ModelStandardError([0, 1]) * ModeratorModel.StandardDeviation(values)),
            Verdict = verdict,
            CannotTellBecause = reasons,
            ConfirmingTest = fit.OmnibusOverSamples,
            WithinMargin = within,
            Nested = fit,
            WithinSampleFit = WithinSample(estimates, variances, samples, () => [term], options),
            Notes = Notes([], fit, [], []),
        };
    }

    private static Lazy<WithinSampleContrast?> WithinSample(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, Func<ContinuousTerm[]> terms, MultilevelOptions options)
    {
        var (y, v, codes) = (estimates.ToArray(), variances.ToArray(), samples.ToArray());
        return new(() => SampleMeanCentring.Fit(y, v, codes, terms(), options), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>HTZ with a robust variance, else the model's own.</summary>
    private static WaldTest? Test(MultilevelFit fit)
    {
        if (fit.Options.Robust == RobustVariance.None)
        {
            return fit.Omnibus;
        }
        return fit.RobustOmnibus is { PValue: { } p } robust
            ? new WaldTest(robust.F, robust.NumeratorDegreesOfFreedom, robust.DenominatorDegreesOfFreedom, p)
            : null;
    }

    private static VerdictRule Rule(MultilevelFit fit, WaldTest? test, bool within) => new()
    {
        Test = test,
        Second = fit.OmnibusOverSamples,
        NeedsSecond = true,
        Within = within,
        Forbidden = fit.Inference.Doubt(),
        RestsOnOneSample = fit.Coefficients.Skip(1).Any(c => c.RestsOnOneSample),
        HasEstimatedDegreesOfFreedom = fit.Options.Robust != RobustVariance.None,
    };

    /// <summary>The level's mean as a combination of the coefficients.</summary>
    private static double[] LevelWeights(int levels, int level)
    {
        var weights = new double[levels];
        weights[0] = 1;
        weights[level] = 1;
        return weights;
    }

    private static double[] ContrastWeights(int levels, (int A, int B) pair) =>
        [.. LevelWeights(levels, pair.A).Zip(LevelWeights(levels, pair.B), (a, b) => a - b)];

    private static (Contrast Contrast, bool Inside) Compare(string a, string b, double[] weights, MultilevelFit fit, double margin)
    {
        var difference = fit.LinearCombination($"{a} - {b}", weights);
        var comparison = difference.Statistic is null ? null : new ContrastInference(new ReferenceDistribution(difference.DegreesOfFreedom), fit.Options.Alpha);
        var contrast = ContrastInference.ToContrast(comparison, a, b, difference.Estimate, difference.StandardError, fit.ModelStandardError(weights)) with
        {
            Basis = difference.Basis,
            RestsOnOneSample = difference.RestsOnOneSample,
            RobustBelowModel = difference.RobustBelowModel,
            Range = difference.Range,
            StandardErrorRange = difference.StandardErrorRange,
            IsWeaklyIdentified = difference.IsWeaklyIdentified,
        };
        return (contrast, !difference.RestsOnOneSample && (comparison?.IsWithinMargin(difference.Estimate, difference.StandardError, margin) ?? false));
    }

    /// <summary>Q of the level alone; τ² is the common one, set against the level's own typical variance.</summary>
    private static SubgroupLevel ToLevel(Subgroup group, Coefficient mean, int[] samples, MultilevelFit fit)
    {
        var tau2 = IdentifiedTauSquared(fit);
        var prediction = tau2 is { } known ? MultilevelModel.Predict(mean, known, fit.Units - fit.Coefficients.Count, fit.Options) : null;
        if (group.Rows.Count == 1)
        {
            return new SubgroupLevel(group.Level, group.Rows, mean, new Heterogeneity(0, 0, null, tau2, null, null, null, null, null, null))
            {
                Prediction = prediction,
            };
        }
        var data = new NestedData(group.Estimates, group.Variances, samples, DesignMatrix.WithIntercept(group.Rows.Count),
            fit.Options.Select([.. group.Rows]));
        var alone = new NestedLikelihood(data, fit.Options.Correlation, fit.Options.Restricted).At(0, 0);
        var (q, df) = (alone.Solution.Q, data.DegreesOfFreedom);
        var typical = df / alone.TraceP;
        return new SubgroupLevel(
            group.Level, group.Rows, mean,
            new Heterogeneity(q, df, ChiSquared.UpperTail(q, df), tau2, null, null, 100 * tau2 / (tau2 + typical), null, tau2 / typical + 1, null))
        {
            Prediction = prediction,
        };
    }

    private static Heterogeneity Residual(MultilevelFit fit) => fit.QDegreesOfFreedom < 1
        ? new Heterogeneity(fit.Q, 0, null, null, null, null, null, null, null, null)
        : new Heterogeneity(
            fit.Q, fit.QDegreesOfFreedom, fit.QPValue, IdentifiedTauSquared(fit), null, null, fit.TauSquaredRange is null ? fit.ISquared : null, null,
            IdentifiedTauSquared(fit) / fit.TypicalVariance + 1, null);

    private static double? IdentifiedTauSquared(MultilevelFit fit) => fit.TauSquaredRange is null ? fit.TauSquared : null;

    private static List<string> Notes(string[] own, MultilevelFit fit, Coefficient[] levels, IReadOnlyList<Contrast> contrasts)
    {
        IEnumerable<string> few = fit.Options.Robust != RobustVariance.None && contrasts.Any(c => !(c.DegreesOfFreedom >= MultilevelModel.FewDegreesOfFreedom))
            ? ["fewDegreesOfFreedom"]
            : [];
        IEnumerable<string> shown =
        [
            .. contrasts.Any(c => c.Range is not null || c.StandardErrorRange is not null) ? ["varianceNotIdentified"] : Array.Empty<string>(),
            .. contrasts.Any(c => c.IsWeaklyIdentified) ? ["varianceWeaklyIdentified"] : Array.Empty<string>(),
            .. contrasts.Any(c => c.RobustBelowModel) ? ["robustBelowModel"] : Array.Empty<string>(),
        ];
        return [.. own.Concat(fit.Notes).Concat(few).Concat(MultilevelModel.Notes(levels)).Concat(shown).Distinct(StringComparer.Ordinal)];
    }
}
