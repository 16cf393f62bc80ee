using RealRelationship.Statistics;

namespace Benchmarks.Simulations;

/// <summary>How often every interval holds the truth when its own model is true.</summary>
internal static class Coverage
{
    private const string TauKnown = "the estimate of τ² counts as known";
    private const string TauInPart = "τ² is uncertain, and t allows for it only in part";
    private const string TauNotNegative = "an estimate of τ² is never below 0, and t widens beside it";
    private const string Floor = "never shorter than t with an estimate of τ² that is never below 0";
    private const string FewSamples = "t counts effects, not samples, and τ² as known";
    private const string Satterthwaite = "degrees of freedom are approximate, and rest on estimated weights";
    private const string LargeSample = "χ² holds for many samples";

    /// <summary>Writes the table.</summary>
    public static void Write(TextWriter output, int sets) => CoverageRow.Write(output, sets, Rows());

    private static IEnumerable<CoverageRow> Rows() => [.. Means(), .. Spread(), .. Moderated(), .. SmallStudies(), .. Nested(), .. NestedSpread()];

    private static IEnumerable<CoverageRow> Means() =>
    [
        .. new[] { 5, 10, 40 }.SelectMany(k => Enum.GetValues<CoefficientTest>().Select(test => Mean(TauSquaredEstimator.RestrictedMaximumLikelihood, test, k))),
        .. new[] { TauSquaredEstimator.DerSimonianLaird, TauSquaredEstimator.PauleMandel }
            .SelectMany(estimator => Enum.GetValues<CoefficientTest>().Select(test => Mean(estimator, test, 10))),
    ];

    private static CoverageRow Mean(TauSquaredEstimator estimator, CoefficientTest test, int k) => new($"mean, {Name(estimator)}, {Name(test)}", $"random effects, k = {k}", chance =>
    {
        var world = World.Of(chance, k);
        return Holds(Fit(world, new() { Estimator = estimator, Test = test }).Mean, World.Mean);
    })
    {
        Short = test == CoefficientTest.Normal ? TauKnown : TauInPart,
        Long = LongerBy(test),
    };

    private static IEnumerable<CoverageRow> Spread()
    {
        foreach (var k in new[] { 5, 10, 40 })
        {
            var model = $"random effects, k = {k}";
            yield return new("τ², Q-profile", model, chance => Holds(Fit(World.Of(chance, k), new()).Heterogeneity.TauSquaredInterval, World.TauSquared));
            yield return Prediction("REML, ad hoc", new(), model, k);
            yield return Prediction("REML, z", new() { Test = CoefficientTest.Normal }, model, k);
            yield return Prediction("REML, Riley", new() { Prediction = PredictionDistribution.Riley }, model, k);
            yield return new("true effect of a study (BLUP), REML, ad hoc", model, chance =>
            {
                var world = World.Of(chance, k);
                var row = Shrinkage.Run(world.Estimates, world.Variances)[0];
                return Holds(row.Lower, row.Upper, world.TrueEffects[0]);
            })
            { Short = TauKnown };
        }
    }

    private static CoverageRow Prediction(string name, ModelOptions options, string model, int k) => new($"prediction of a new true effect, {name}", model, chance =>
    {
        var world = World.Of(chance, k);
        return Holds(Fit(world, options).PredictionInterval, world.NewEffect);
    })
    { Short = options.Test == CoefficientTest.Normal ? TauKnown : TauInPart };

    private static IEnumerable<CoverageRow> Moderated() =>
    [
        .. Enum.GetValues<CoefficientTest>().Select(test => Contrast(SubgroupTauSquared.Common, test)),
        Contrast(SubgroupTauSquared.Separate, CoefficientTest.KnappHartungAdHoc),
        new("slope, REML, ad hoc", "meta-regression, k = 16", chance =>
        {
            var world = World.Of(chance, 16, slope: World.Slope);
            return Holds(ModeratorModel.FitContinuous("x", world.Estimates, world.Variances, world.Moderator).Coefficients[1], World.Slope);
        }) { Long = Floor },
    ];

    private static CoverageRow Contrast(SubgroupTauSquared tauSquared, CoefficientTest test) =>
        new($"subgroup contrast, {(tauSquared == SubgroupTauSquared.Common ? "common" : "separate")} τ², REML, {Name(test)}", "two levels of 8", chance =>
        {
            var world = World.Of(chance, 16, slope: World.Slope);
            string[] levels = [.. world.Moderator.Select(x => x == 0 ? "a" : "b")];
            return Holds(ModeratorModel.FitCategorical("x", world.Estimates, world.Variances, levels, new() { Test = test }, tauSquared).Contrasts[0], -World.Slope);
        })
        {
            Short = test == CoefficientTest.Normal ? TauKnown : TauInPart,
            Long = LongerBy(test),
        };

    private static IEnumerable<CoverageRow> SmallStudies() =>
    [
        Limit("Egger's limit", "no bias, no heterogeneity, k = 15", 0, world => EggerRegression.Linear(world.Estimates, world.Variances)),
        Limit("PEESE's limit", "no bias, no heterogeneity, k = 15", 0, world => EggerRegression.Peese(world.Estimates, world.Variances)),
        Limit("Egger's limit", "no bias, random effects, k = 15", World.TauSquared, world => EggerRegression.Linear(world.Estimates, world.Variances))
            with { Long = "its error model has the wrong weights", Short = "its error model has the wrong weights" },
        Limit("Egger's limit, mixed, REML, ad hoc", "no bias, random effects, k = 15", World.TauSquared, world => EggerRegression.Mixed(world.Estimates, world.Variances)) with { Long = Floor },
        .. new[] { 10, 40 }.Select(HenmiAndCopas),
        new("mean before selection", "step at .025, weight 0.4, k = 60", chance =>
        {
            var world = World.Selected(chance, 60);
            var fit = SelectionModel.Fit(world.Estimates, world.Variances, [0.025]);
            return Holds(fit.Lower, fit.Upper, World.Mean);
        }) { Short = "a Wald interval, of a likelihood that is skewed" },
    ];

    private static CoverageRow HenmiAndCopas(int k) => new("Henmi and Copas", $"random effects, k = {k}", chance =>
    {
        var world = World.Of(chance, k);
        var interval = HenmiCopas.Interval(world.Estimates, world.Variances);
        return Holds(interval.Lower, interval.Upper, World.Mean);
    })
    { Short = "its pivot is referred to a distribution at the estimate of τ²" };

    private static CoverageRow Limit(string name, string model, double tau2, Func<World, SmallStudyTest> test) => new(name, model, chance =>
    {
        var limit = test(World.Of(chance, 15, tau2));
        return Holds(limit.LimitLower, limit.LimitUpper, World.Mean);
    });

    private static IEnumerable<CoverageRow> Nested() =>
    [
        .. from samples in new[] { 8, 20, 60 }
           from model in Enum.GetValues<DependenceModel>()
           from robust in new[] { RobustVariance.CR2, RobustVariance.None }
           select NestedMean(model, robust, samples),
        new("subgroup contrast, correlated hierarchical, CR2", "20 samples, two levels", chance =>
        {
            var world = NestedWorld.Of(chance, 20, 0.6, levels: true);
            var analysis = ModeratorModel.FitCategoricalNested("x", world.Estimates, world.Variances, world.Samples, world.Levels, Quick(DependenceModel.CorrelatedHierarchical));
            return Holds(analysis.Contrasts[0], -World.Slope);
        }) { Short = Satterthwaite },
    ];

    private static CoverageRow NestedMean(DependenceModel model, RobustVariance robust, int samples) =>
        new($"mean, {Name(model)}, {(robust == RobustVariance.None ? "t" : robust)}", $"{samples} samples", chance =>
            Holds(Fit(NestedWorld.Of(chance, samples, Rho(model)), Quick(model) with { Robust = robust }).Mean, World.Mean))
        {
            Short = robust == RobustVariance.None ? FewSamples : Satterthwaite,
        };

    private static IEnumerable<CoverageRow> NestedSpread() =>
        from model in Enum.GetValues<DependenceModel>()
        from samples in new[] { 20, 60 }
        from row in NestedSpread(model, samples)
        select row;

    private static IEnumerable<CoverageRow> NestedSpread(DependenceModel model, int samples)
    {
        var (where, profiled) = ($"{samples} samples", Quick(model) with { ProfileIntervals = true });
        NestedWorld World(Chance chance) => NestedWorld.Of(chance, samples, Rho(model));
        yield return new($"σ_b², profile likelihood, {Name(model)}", where, chance => Holds(Fit(World(chance), profiled).BetweenInterval, NestedWorld.Between))
        { Short = LargeSample, Long = LargeSample };
        yield return new($"σ_w², profile likelihood, {Name(model)}", where, chance => Holds(Fit(World(chance), profiled).WithinInterval, NestedWorld.Within))
        { Short = LargeSample, Long = LargeSample };
        yield return new($"prediction of a new true effect, {Name(model)}, CR2", where, chance =>
            World(chance) is var world ? Holds(Fit(world, Quick(model)).PredictionInterval, world.NewEffect) : null)
        { Short = TauInPart };
        yield return new($"prediction of a new sample's mean, {Name(model)}, CR2", where, chance =>
            World(chance) is var world ? Holds(Fit(world, Quick(model)).SampleMeanPredictionInterval, world.NewSample) : null)
        { Short = TauInPart };
    }

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

    private static string Name(DependenceModel model) => model == DependenceModel.ThreeLevel ? "three-level" : "correlated hierarchical";

    private static string? LongerBy(CoefficientTest test) => test switch
    {
        CoefficientTest.StudentT => TauNotNegative,
        CoefficientTest.KnappHartungAdHoc => Floor,
        _ => null,
    };

    private static MultilevelOptions Quick(DependenceModel model) => new() { Model = model, ProfileIntervals = false };

    private static double Rho(DependenceModel model) => model == DependenceModel.ThreeLevel ? 0 : 0.6;

    private static RandomEffectsFit Fit(World world, ModelOptions options) => RandomEffectsModel.Fit(world.Estimates, world.Variances, options);

    private static MultilevelFit Fit(NestedWorld world, MultilevelOptions options) => MultilevelModel.Fit(world.Estimates, world.Variances, world.Samples, options);

    private static bool? Holds(Coefficient coefficient, double truth) => Holds(coefficient.Lower, coefficient.Upper, truth);

    private static bool? Holds(Contrast contrast, double truth) => Holds(contrast.Lower, contrast.Upper, truth);

    private static bool? Holds(Interval? interval, double truth) => Holds(interval?.Lower, interval?.Upper, truth);

    private static bool? Holds(double? lower, double? upper, double truth) => lower is null || upper is null ? null : lower <= truth && truth <= upper;
}
