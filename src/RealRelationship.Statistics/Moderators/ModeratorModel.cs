namespace RealRelationship.Statistics;

/// <summary>Breakdown of effects by one moderator, with its test, contrasts, what the design could have found, and a verdict.</summary>
/// <remarks>
/// The verdict, with α = 1 − confidence: <c>Differ</c> if the omnibus p is below α (if effects are dependent, by the robust test and by the working
/// model's F on samples − p); otherwise <c>Equivalent</c> if there is a contrast and the 1 − 2α intervals of all contrasts are within ±margin; otherwise
/// <c>CannotTell</c>, with the reasons. Levels, contrasts and slopes identified by a single sample have the working model's standard error and t on
/// samples − p; they are excluded from omnibus test, Holm's adjustment and verdict, which then cannot be <c>Equivalent</c>.
/// A continuous moderator is judged by slope × (P90 − P10), percentiles of R's type 7.
/// The minimum detectable difference has 80 % power by the noncentral distribution of the two-sided test, with the standard error at the fitted τ² and without
/// the Knapp–Hartung multiplier.
/// </remarks>
public static partial class ModeratorModel
{
    /// <summary>Compares the levels of a category.</summary>
    /// <remarks>
    /// With a common τ² it is one regression: each level's mean is that of the same model in its cell-means form,
    /// with the test's degrees of freedom and multiplier, and agrees with metafor's <c>rma(yi, vi, mods = ~ level)</c>. With separate τ² every level is a
    /// <see cref="RandomEffectsModel"/> of its own; the test is Welch's F between the levels with at least three effects, and contrasts have √(SE² + SE²),
    /// normal or,
    /// under t-based tests, t with the degrees of freedom of Welch and Satterthwaite. A level of one sample has no τ², and its contrasts no test.
    /// </remarks>
    /// <param name="name">Name of the moderator.</param>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="levels">The level of each effect.</param>
    /// <param name="options">Estimator, test, prediction and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <param name="tauSquared">One τ² for all levels, or every level fitted alone.</param>
    /// <param name="equivalenceMargin">Half-width of the margin, positive, on the scale of the effects.</param>
    /// <param name="samples">Sample of each effect, to find levels with a single sample; if empty, each effect is a sample of its own.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance or margin that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static ModeratorFit FitCategorical(
        string name, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, IReadOnlyList<string> levels,
        ModelOptions? options = null, SubgroupTauSquared tauSquared = SubgroupTauSquared.Common, double equivalenceMargin = 0.10,
        ReadOnlySpan<int> samples = default)
    {
        ArgumentNullException.ThrowIfNull(levels);
        RequireParameters(name, estimates, variances, levels.Count, nameof(levels), equivalenceMargin);
        options = (options ?? new ModelOptions()) with { OneSample = OneSampleInference.WorkingModel };
        var groups = Subgroup.Split(estimates, variances, levels);
        return groups.Count == 1
            ? SingleLevel(groups[0].Level, groups[0], options, groups[0].Rows.Count == 1 ? ["singleLevel", "oneEffectLevel"] : ["singleLevel"])
            : tauSquared == SubgroupTauSquared.Common
                ? CommonTauSquared.Fit(name, estimates, variances, levels, groups, options, equivalenceMargin, samples)
                : SeparateTauSquared.Fit(groups, options, equivalenceMargin, samples);
    }

    /// <summary>Regresses the effects on a number. Agrees with metafor's <c>rma(yi, vi, mods = ~ value)</c>.</summary>
    /// <param name="name">Name of the moderator.</param>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="values">The moderator's value for each effect, finite.</param>
    /// <param name="options">Estimator, test, prediction and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <param name="equivalenceMargin">Half-width of the margin for slope × (P90 − P10), positive, on the scale of the effects.</param>
    /// <param name="samples">Sample of each effect, to find slopes identified by a single sample; if empty, each effect is a sample of its own.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance or margin that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>rankDeficient</c>: the values vary too little relative to their size; <c>outOfRange</c>:
    /// the numbers overflow.</exception>
    public static ModeratorFit FitContinuous(
        string name, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<double> values,
        ModelOptions? options = null, double equivalenceMargin = 0.10, ReadOnlySpan<int> samples = default)
    {
        RequireParameters(name, estimates, variances, values.Length, nameof(values), equivalenceMargin);
        options = (options ?? new ModelOptions()) with { OneSample = OneSampleInference.WorkingModel };
        var column = values.ToArray();
        var design = DesignMatrix.WithIntercept(estimates.Length).Add(new ContinuousTerm(name, column));
        if (column.Distinct().Count() == 1)
        {
            return SingleLevel(name, Subgroup.Split(estimates, variances, [.. column.Select(_ => name)])[0], options,
                ["constantModerator"]) with
            { Levels = [] };
        }
        var fit = MetaRegression.Fit(estimates, variances, design, options, samples);
        var slope = fit.Coefficients[1];
        var comparison = slope.Statistic is null ? null : new ContrastInference(new ReferenceDistribution(slope.DegreesOfFreedom), options.Alpha);
        var range = Quantile(column, 0.9) - Quantile(column, 0.1);
        var within = !slope.RestsOnOneSample && (comparison?.IsWithinMargin(slope.Estimate * range, slope.StandardError * range, equivalenceMargin) ?? false);
        var (verdict, reasons) =
            new VerdictRule { Test = fit.Omnibus, Within = within, RestsOnOneSample = slope.RestsOnOneSample }.Decide(options.Alpha);
        double? designError = fit.Residual.TauSquared is null ? null : slope.StandardError / Math.Sqrt(fit.VarianceMultiplier) * StandardDeviation(column);
        return new ModeratorFit
        {
            Levels = [],
            Coefficients = fit.Coefficients,
            Test = fit.Omnibus,
            Residual = fit.Residual,
            RSquaredOfIndependent = fit.RSquared,
            Contrasts = [],
            MinimumDetectableDifference = comparison?.MinimumDetectableDifference(designError),
            Verdict = verdict,
            CannotTellBecause = reasons,
            WithinMargin = within,
            Notes =
            [
                .. fit.NearlyAliased ? ["nearlyAliased"] : Array.Empty<string>(),
                .. MultilevelModel.Notes(fit.Coefficients),
                .. Notes(fit.Residual, fit.SeveralModes, fit.FloorApplied),
            ],
        };
    }

    internal static List<string> Notes(Heterogeneity residual, bool severalModes, bool floorApplied)
    {
        var notes = new List<string>();
        if (residual.DegreesOfFreedom == 0)
        {
            notes.Add("noResidualDegreesOfFreedom");
        }
        if (severalModes)
        {
            notes.Add("severalModes");
        }
        if (floorApplied)
        {
            notes.Add("floorApplied");
        }
        return notes;
    }

    private static ModeratorFit SingleLevel(string name, Subgroup group, ModelOptions options, string[] notes)
    {
        var fit = RandomEffectsModel.Fit(group.Estimates, group.Variances, options);
        return new ModeratorFit
        {
            Levels = [new SubgroupLevel(name, group.Rows, fit.Mean with { Name = name }, fit.Heterogeneity) { Prediction = fit.Prediction }],
            Coefficients = [fit.Mean],
            Test = null,
            Residual = fit.Heterogeneity,
            Contrasts = [],
            MinimumDetectableDifference = null,
            Verdict = ModeratorVerdict.CannotTell,
            WithinMargin = false,
            Notes =
            [
                .. notes,
                .. fit.Heterogeneity.IntervalIsEmpty ? ["emptyInterval"] : Array.Empty<string>(),
                .. Notes(fit.Heterogeneity, fit.SeveralModes, fit.FloorApplied),
            ],
        };
    }

    private static void RequireParameters(string name, ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, int values, string parameter,
        double margin)
    {
        ArgumentNullException.ThrowIfNull(name);
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, values, parameter);
        Guard.InRange(margin > 0, margin, "equivalenceMargin", "The equivalence margin is positive.");
    }

    /// <summary>R's default (type 7): linear between order statistics.</summary>
    internal static double Quantile(double[] values, double p)
    {
        var sorted = values.Order().ToArray();
        var h = (sorted.Length - 1) * p;
        var j = (int)h;
        return j + 1 < sorted.Length ? sorted[j] + (h - j) * (sorted[j + 1] - sorted[j]) : sorted[j];
    }

    internal static double StandardDeviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(x => (x - mean) * (x - mean)) / (values.Length - 1));
    }
}
