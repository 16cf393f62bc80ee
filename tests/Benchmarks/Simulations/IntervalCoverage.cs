using RealRelationship.Statistics;
using RealRelationship.Testing.Simulations;

namespace Benchmarks.Simulations;

/// <summary>Coverage of all intervals when their own models are true.</summary>
internal static class IntervalCoverage
{
    private const string TauTreatedAsKnown = "the estimate of τ² counts as known";
    private const string TauUncertaintyPartlyCovered = "τ² is uncertain, and t allows for it only in part";
    private const string TauTruncatedAtZero = "an estimate of τ² is never below 0, and t widens beside it";
    private const string AdHocFloor = "never shorter than t with an estimate of τ² that is never below 0";
    private const string TCountsEffects = "t counts effects, not samples, and τ² as known";
    private const string ApproximateDegreesOfFreedom = "degrees of freedom are approximate, and rest on estimated weights";
    private const string WrongWeights = "its error model has the wrong weights";
    private const string MaximumLikelihoodTau = "τ² is by maximum likelihood, biased towards 0";
    private const string LargeSampleApproximation = "χ² holds for many samples";

    /// <summary>Writes the table.</summary>
    public static void Write(TextWriter output, int sets) => CoverageRow.Write(output, sets, Rows());

    private static IEnumerable<CoverageRow> Rows() => [.. Means(), .. Spread(), .. Moderated(), .. SmallStudies(), .. Nested(), .. NestedSpread()];

    private static IEnumerable<CoverageRow> Means() =>
    [
        .. new[] { 5, 10,
            40 }.SelectMany(k => Enum.GetValues<CoefficientTest>().Select(test => Mean(TauSquaredEstimator.RestrictedMaximumLikelihood, test, k))),
        .. new[] { TauSquaredEstimator.DerSimonianLaird, TauSquaredEstimator.PauleMandel }
            .SelectMany(estimator => Enum.GetValues<CoefficientTest>().Select(test => Mean(estimator, test, 10))),
    ];

    private static CoverageRow Mean(TauSquaredEstimator estimator, CoefficientTest test, int k) =>
        new($"mean, {Name(estimator)}, {Name(test)}", $"random effects, k = {k}", chance =>
    {
        var world = SimulatedEffects.Simulate(chance, k);
        return Covers(Fit(world, new() { Estimator = estimator, Test = test }).Mean, SimulatedEffects.Mean);
    })
        {
            ReasonTooShort = test == CoefficientTest.Normal ? TauTreatedAsKnown : TauUncertaintyPartlyCovered,
            ReasonTooLong = LongerBy(test),
        };

    private static IEnumerable<CoverageRow> Spread()
    {
        foreach (var k in new[] { 5, 10, 40 })
        {
            var model = $"random effects, k = {k}";
            yield return new("τ², Q-profile", model,
                chance => Covers(Fit(SimulatedEffects.Simulate(chance, k), new()).Heterogeneity.TauSquaredInterval, SimulatedEffects.TauSquared)
                    ?? false); // empty
            yield return Prediction("confidence distribution", new(), model, k);
            yield return Prediction("REML, ad hoc", new() { Prediction = PredictionDistribution.SameAsTest }, model, k);
            yield return Prediction("REML, z", new() { Test = CoefficientTest.Normal, Prediction = PredictionDistribution.SameAsTest }, model, k);
            yield return Prediction("REML, Riley", new() { Prediction = PredictionDistribution.Riley }, model, k);
            yield return new("true effect of a study (BLUP), REML, ad hoc", model, chance =>
            {
                var world = SimulatedEffects.Simulate(chance, k);
                var row = Shrinkage.Run(world.Estimates, world.Variances)[0];
                return Covers(row.Lower, row.Upper, world.TrueEffects[0]);
            })
            { ReasonTooShort = TauTreatedAsKnown };
        }
    }

    private static CoverageRow Prediction(string name, ModelOptions options, string model, int k) =>
        new($"prediction of a new true effect, {name}", model, chance =>
    {
        var world = SimulatedEffects.Simulate(chance, k);
        return Covers(Fit(world, options).PredictionInterval, world.NewEffect);
    })
        { ReasonTooShort = options.Test == CoefficientTest.Normal ? TauTreatedAsKnown : TauUncertaintyPartlyCovered };

    private static IEnumerable<CoverageRow> Moderated() =>
    [
        .. Enum.GetValues<CoefficientTest>().Select(test => Contrast(SubgroupTauSquared.Common, test)),
        Contrast(SubgroupTauSquared.Separate, CoefficientTest.KnappHartungAdHoc),
        new("slope, REML, ad hoc", "meta-regression, k = 16", chance =>
        {
            var world = SimulatedEffects.Simulate(chance, 16, slope: SimulatedEffects.Slope);
            return Covers(ModeratorModel.FitContinuous("x", world.Estimates, world.Variances, world.Moderator).Coefficients[1], SimulatedEffects.Slope);
        }) { ReasonTooLong = AdHocFloor },
        .. new[] { 8, 16, 40 }.SelectMany(Regressions),
    ];

    private static IEnumerable<CoverageRow> Regressions(int k)
    {
        var model = $"meta-regression, k = {k}";
        yield return new("residual τ², Q-profile", model,
            chance => Covers(Regress(chance, k).Fit.Residual.TauSquaredInterval, SimulatedEffects.TauSquared) ?? false); // empty
        yield return new("residual τ², profile likelihood, REML", model,
            chance => Covers(Regress(chance, k).Fit.ProfileTauSquaredInterval(), SimulatedEffects.TauSquared))
        { ReasonTooShort = LargeSampleApproximation, ReasonTooLong = LargeSampleApproximation };
        yield return new("predicted mean, REML, ad hoc", model,
            chance => Covers(Regress(chance, k).Fit.Predict("", [1, 1]).Mean, SimulatedEffects.Mean + SimulatedEffects.Slope))
        { ReasonTooLong = AdHocFloor };
        yield return new("prediction of a new true effect at a value, confidence distribution", model, chance =>
        {
            var (world, fit) = Regress(chance, k);
            return Covers(fit.Predict("", [1, 1]).Prediction?.Interval, world.NewEffect + SimulatedEffects.Slope);
        })
        { ReasonTooLong = TauTruncatedAtZero };
    }

    private static (SimulatedEffects World, MetaRegressionFit Fit) Regress(SeededRandom chance, int k)
    {
        var world = SimulatedEffects.Simulate(chance, k, slope: SimulatedEffects.Slope);
        return (world, MetaRegression.Fit(world.Estimates, world.Variances, DesignMatrix.WithIntercept(k).Add(new ContinuousTerm("x", world.Moderator))));
    }

    private static CoverageRow Contrast(SubgroupTauSquared tauSquared, CoefficientTest test) =>
        new($"subgroup contrast, {(tauSquared == SubgroupTauSquared.Common ? "common" : "separate")} τ², REML, {Name(test)}", "two levels of 8", chance =>
        {
            var world = SimulatedEffects.Simulate(chance, 16, slope: SimulatedEffects.Slope);
            string[] levels = [.. world.Moderator.Select(x => x == 0 ? "a" : "b")];
            return Covers(ModeratorModel.FitCategorical("x", world.Estimates, world.Variances, levels, new() { Test = test }, tauSquared).Contrasts[0],
                -SimulatedEffects.Slope);
        })
        {
            ReasonTooShort = test == CoefficientTest.Normal ? TauTreatedAsKnown : TauUncertaintyPartlyCovered,
            ReasonTooLong = LongerBy(test),
        };

    private static IEnumerable<CoverageRow> SmallStudies() =>
    [
        Limit("Egger's limit", "no bias, no heterogeneity, k = 15", 0, world => EggerRegression.Linear(world.Estimates, world.Variances)),
        Limit("PEESE's limit", "no bias, no heterogeneity, k = 15", 0, world => EggerRegression.Peese(world.Estimates, world.Variances)),
        Limit("Egger's limit", "no bias, random effects, k = 15", SimulatedEffects.TauSquared,
            world => EggerRegression.Linear(world.Estimates, world.Variances))
            with { ReasonTooLong = WrongWeights, ReasonTooShort = WrongWeights },
        Limit("Egger's limit, mixed, REML, ad hoc", "no bias, random effects, k = 15", SimulatedEffects.TauSquared,
            world => EggerRegression.Mixed(world.Estimates, world.Variances)) with { ReasonTooLong = AdHocFloor },
        .. new[] { 10, 40 }.Select(HenmiAndCopas),
        Unrestricted("UWLS", 0, world => UnrestrictedLeastSquares.Fit(world.Estimates, world.Variances)),
        Unrestricted("UWLS", SimulatedEffects.TauSquared, world => UnrestrictedLeastSquares.Fit(world.Estimates, world.Variances))
            with { ReasonTooShort = WrongWeights, ReasonTooLong = WrongWeights },
        Unrestricted("WAAP", 0, world => UnrestrictedLeastSquares.Powered(world.Estimates, world.Variances)!.Mean)
            with { ReasonTooShort = "which effects are powered depends on the mean" },
        Selected("mean before selection, weight assumed", (y, v) =>
            WeightFunctionModel.Fit(y, v, new WeightFunctionOptions { Fixed = [SimulatedEffects.SelectedWeight] }).Coefficients[0] is var mean
                ? (mean.Lower, mean.Upper) : default) with { ReasonTooShort = MaximumLikelihoodTau },
        Selected("p-uniform*", (y, v) => PUniformStar.Fit(y, v) is var fit ? (fit.Lower, fit.Upper) : default) with { ReasonTooShort = MaximumLikelihoodTau },
        new("mean before selection", "step at .025, weight 0.4, k = 60", chance =>
        {
            var world = SimulatedEffects.SimulateSelected(chance, 60);
            var fit = SelectionModel.Fit(world.Estimates, world.Variances, [0.025]);
            return Covers(fit.Lower, fit.Upper, SimulatedEffects.Mean);
        }) { ReasonTooShort = "a Wald interval, of a likelihood that is skewed" },
    ];

    private static CoverageRow Unrestricted(string name, double tau2, Func<SimulatedEffects, UnrestrictedMean?> fit) =>
        new(name, $"no bias, {(tau2 > 0 ? "random effects" : "no heterogeneity")}, k = 15", chance =>
    {
        var mean = fit(SimulatedEffects.Simulate(chance, 15, tau2));
        return Covers(mean?.Lower, mean?.Upper, SimulatedEffects.Mean);
    });

    private static CoverageRow Selected(string name, Func<double[], double[], (double? Lower, double? Upper)> fit) =>
        new(name, "step at .025, weight 0.4, k = 60", chance =>
    {
        var world = SimulatedEffects.SimulateSelected(chance, 60);
        var (lower, upper) = fit(world.Estimates, world.Variances);
        return Covers(lower, upper, SimulatedEffects.Mean);
    });

    private static CoverageRow HenmiAndCopas(int k) => new("Henmi and Copas", $"random effects, k = {k}", chance =>
    {
        var world = SimulatedEffects.Simulate(chance, k);
        var interval = HenmiCopas.Interval(world.Estimates, world.Variances);
        return Covers(interval.Lower, interval.Upper, SimulatedEffects.Mean);
    })
    { ReasonTooShort = "its pivot is referred to a distribution at the estimate of τ²" };

    private static CoverageRow Limit(string name, string model, double tau2, Func<SimulatedEffects, SmallStudyTest> test) => new(name, model, chance =>
    {
        var limit = test(SimulatedEffects.Simulate(chance, 15, tau2));
        return Covers(limit.LimitLower, limit.LimitUpper, SimulatedEffects.Mean);
    });

    private static IEnumerable<CoverageRow> Nested() =>
    [
        .. from samples in new[] { 8, 20, 60 }
           from model in Enum.GetValues<DependenceModel>()
           from robust in new[] { RobustVariance.CR2, RobustVariance.None }
           select NestedMean(model, robust, samples),
        new("subgroup contrast, correlated hierarchical, CR2", "20 samples, two levels", chance =>
        {
            var world = SimulatedNestedEffects.Simulate(chance, 20, 0.6, levels: true);
            var analysis = ModeratorModel.FitCategoricalNested("x", world.Estimates, world.Variances, world.Samples, world.Levels,
                WithoutProfileIntervals(DependenceModel.CorrelatedHierarchical));
            return Covers(analysis.Contrasts[0], -SimulatedEffects.Slope);
        }) { ReasonTooShort = ApproximateDegreesOfFreedom },
    ];

    private static CoverageRow NestedMean(DependenceModel model, RobustVariance robust, int samples) =>
        new($"mean, {Name(model)}, {(robust == RobustVariance.None ? "t" : robust)}", $"{samples} samples", chance =>
            Covers(Fit(World(chance, model, samples), WithoutProfileIntervals(model) with { Robust = robust }).Mean,
                SimulatedEffects.Mean))
        {
            ReasonTooShort = robust == RobustVariance.None ? TCountsEffects : ApproximateDegreesOfFreedom,
        };

    private static IEnumerable<CoverageRow> NestedSpread() =>
        from model in Enum.GetValues<DependenceModel>()
        from samples in new[] { 20, 60 }
        from row in NestedSpread(model, samples)
        select row;

    private static IEnumerable<CoverageRow> NestedSpread(DependenceModel model, int samples)
    {
        var (where, profiled) = ($"{samples} samples", WithoutProfileIntervals(model) with { ProfileIntervals = true });
        yield return new($"σ_b², profile likelihood, {Name(model)}", where,
            chance => Covers(Fit(World(chance, model, samples), profiled).BetweenInterval, SimulatedNestedEffects.Between))
        { ReasonTooShort = LargeSampleApproximation, ReasonTooLong = LargeSampleApproximation };
        yield return new($"σ_w², profile likelihood, {Name(model)}", where,
            chance => Covers(Fit(World(chance, model, samples), profiled).WithinInterval, SimulatedNestedEffects.Within))
        { ReasonTooShort = LargeSampleApproximation, ReasonTooLong = LargeSampleApproximation };
        yield return new($"prediction of a new true effect, {Name(model)}, CR2", where, chance =>
            World(chance, model, samples) is var world ? Covers(Fit(world, WithoutProfileIntervals(model)).PredictionInterval, world.NewEffect) : null)
        { ReasonTooShort = TauUncertaintyPartlyCovered };
        yield return new($"prediction of a new sample's mean, {Name(model)}, CR2", where, chance => World(chance, model, samples) is var world
            ? Covers(Fit(world, WithoutProfileIntervals(model)).SampleMeanPredictionInterval, world.NewSample) : null)
        { ReasonTooShort = TauUncertaintyPartlyCovered };
        if (model != DependenceModel.FourLevel)
        {
            yield break;
        }
        yield return new($"σ_s², profile likelihood, {Name(model)}", where,
            chance => Covers(Fit(World(chance, model, samples), profiled).StudyInterval, SimulatedNestedEffects.Study))
        { ReasonTooShort = LargeSampleApproximation, ReasonTooLong = LargeSampleApproximation };
        yield return new($"prediction of a new study's mean, {Name(model)}, CR2", where, chance => World(chance, model, samples) is var world
            ? Covers(Fit(world, WithoutProfileIntervals(model)).StudyMeanPredictionInterval, world.NewStudy) : null)
        { ReasonTooShort = TauUncertaintyPartlyCovered };
    }

    private static SimulatedNestedEffects World(SeededRandom chance, DependenceModel model, int samples) =>
        SimulatedNestedEffects.Simulate(chance, samples, RhoOf(model), hasStudies: model == DependenceModel.FourLevel);

    private static string Name(TauSquaredEstimator estimator) => estimator switch
    {
        TauSquaredEstimator.RestrictedMaximumLikelihood => "REML",
        TauSquaredEstimator.DerSimonianLaird => "DL",
        TauSquaredEstimator.PauleMandel => "PM",
        _ => estimator.ToString(),
    };

    private static string Name(CoefficientTest test) => test switch
    {
        CoefficientTest.Normal => "z",
        CoefficientTest.StudentT => "t",
        CoefficientTest.KnappHartung => "Knapp–Hartung",
        CoefficientTest.KnappHartungAdHoc => "ad hoc",
        _ => test.ToString(),
    };

    private static string Name(DependenceModel model) => model switch
    {
        DependenceModel.ThreeLevel => "three-level",
        DependenceModel.FourLevel => "four-level",
        _ => "correlated hierarchical",
    };

    private static string? LongerBy(CoefficientTest test) => test switch
    {
        CoefficientTest.StudentT => TauTruncatedAtZero,
        CoefficientTest.KnappHartungAdHoc => AdHocFloor,
        _ => null,
    };

    private static MultilevelOptions WithoutProfileIntervals(DependenceModel model) => new() { Model = model, ProfileIntervals = false };

    private static double RhoOf(DependenceModel model) => model == DependenceModel.ThreeLevel ? 0 : 0.6;

    private static RandomEffectsFit Fit(SimulatedEffects world, ModelOptions options) => RandomEffectsModel.Fit(world.Estimates, world.Variances, options);

    private static MultilevelFit Fit(SimulatedNestedEffects world, MultilevelOptions options) =>
        MultilevelModel.Fit(world.Estimates, world.Variances, world.Samples,
            options.Model == DependenceModel.FourLevel ? options with { Clusters = world.Studies } : options);

    private static bool? Covers(Coefficient coefficient, double truth) => Covers(coefficient.Lower, coefficient.Upper, truth);

    private static bool? Covers(Contrast contrast, double truth) => Covers(contrast.Lower, contrast.Upper, truth);

    private static bool? Covers(Interval? interval, double truth) => Covers(interval?.Lower, interval?.Upper, truth);

    private static bool? Covers(double? lower, double? upper, double truth) => lower is null || upper is null ? null : lower <= truth && truth <= upper;
}
