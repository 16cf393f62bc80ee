using System.Globalization;

using RealRelationship.Statistics;
using RealRelationship.Testing.Simulations;

namespace Benchmarks.Simulations;

/// <summary>Checks the stated certainty of results: size and power of the verdict <c>differ</c>, coverage of all intervals, and how many series of
/// repeated looks at a null effect are significant at least once. Every set has its own seed.</summary>
/// <remarks>Fails if a size exceeds .07, if a coverage is below .93, or if a prediction interval of at least 5 effects covers more than .97 at an I² of
/// 50 % or more; with fewer than 5,000 sets only beyond three Monte Carlo errors. Profile intervals are not computed, as weakly identified
/// results would only be judged less often. Predictions of dependent effects are shown but not judged, nor are unrestricted weighted least squares (UWLS),
/// which estimate no τ².</remarks>
internal sealed class CertaintyReport(TextWriter output, int sets)
{
    private const double Alpha = 0.05;
    private const double LargestSize = 0.07;
    private const double SmallestCoverage = 0.93;
    private const double LargestPrediction = 0.97;
    private const double Mean = 0.3;
    private const double Threshold = 0.1;
    private const double Rho = 0.6;
    private const double WithinShare = 0.3; // of τ², inside samples
    private const double StudyShare = 0.4; // of τ², between studies of two samples
    private const int FirstSeed = 20_000_003;
    private const int MinLook = 3;
    private static readonly double[] s_tauSquared = [0, 0.014, 0.05];
    private static readonly double[] s_differences = [0.2, 0.4];
    private static readonly int[] s_looks = [5, 10, 20, 38];

    private int _failures;

    /// <summary>Power is known well enough from fewer sets than size.</summary>
    private int PowerSets => Math.Max(1, sets / 5);

    private enum Model
    {
        CorrelatedHierarchical,
        ThreeLevel,
        Independent,
        Separate,
        FourLevel,
    }

    /// <summary>Writes the tables.</summary>
    /// <returns>The number of cells that fail.</returns>
    public int Write()
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{sets} sets a cell ({PowerSets} for power); z = {Mean}, differences .2 and .4, samples of 25 to 200 people."));
        output.WriteLine();
        WriteVerdicts();
        output.WriteLine();
        WriteCoverage();
        output.WriteLine();
        WriteLooks();
        return _failures;
    }

    private void WriteVerdicts()
    {
        output.WriteLine("| model | samples | τ² | size of `differ` | of the test alone | cannot tell under H0 | power at .2 | of the test alone | "
            + "power at .4 | of the test alone | |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        // Four levels have the same rule, and cost ten times as much.
        foreach (var model in Enum.GetValues<Model>().Except([Model.FourLevel]))
        {
            foreach (var (few, many) in from few in new[] { 1, 2, 3, 5, 8 } from many in new[] { 2, 13, 40 } select (few, many))
            {
                foreach (var tau2 in s_tauSquared)
                {
                    WriteVerdict(model, few, many, tau2);
                }
            }
        }
    }

    private void WriteVerdict(Model model, int few, int many, double tau2)
    {
        var (none, some) = (new ModeratorFit[sets], s_differences.Select(_ => new ModeratorFit[PowerSets]).ToArray());
        Parallel.For(0, sets, set =>
        {
            var world = Simulate(new SeededRandom(FirstSeed + set), few + many, tau2, model);
            string[] levels = [.. world.Samples.Select(s => s < few ? "a" : "b")];
            none[set] = Fit(model, world.Estimates, world, levels);
            foreach (var (i, difference) in s_differences.Index().Where(_ => set < PowerSets))
            {
                some[i][set] = Fit(model, [.. world.Estimates.Select((y, row) => levels[row] == "a" ? y + difference : y)], world, levels);
            }
        });
        double Share(ModeratorFit[] fits, Func<ModeratorFit, bool> counts) => fits.Count(counts) / (double)fits.Length;
        bool Differs(ModeratorFit fit) => fit.Verdict == ModeratorVerdict.Differ;
        bool Significant(ModeratorFit fit) => fit.Test?.PValue < Alpha;
        var size = Share(none, Differs);
        Row([model.ToString(), string.Create(CultureInfo.InvariantCulture, $"{few} v {many}"), Number(tau2), Number(size), Number(Share(none, Significant)),
            Number(Share(none, fit => fit.Verdict == ModeratorVerdict.CannotTell)),
            .. some.SelectMany(fits => new[] { Number(Share(fits, Differs)), Number(Share(fits, Significant)) })],
            size > LargestSize + Tolerance(LargestSize) ? "too certain" : "");
    }

    private static ModeratorFit Fit(Model model, double[] y, World world, string[] levels) => model switch
    {
        Model.Independent => ModeratorModel.FitCategorical("m", y, world.Variances, levels),
        Model.Separate => ModeratorModel.FitCategorical("m", y, world.Variances, levels, tauSquared: SubgroupTauSquared.Separate),
        _ => ModeratorModel.FitCategoricalNested("m", y, world.Variances, world.Samples, levels, Nested(model, world)),
    };

    private static MultilevelOptions Nested(Model model, World world) => new()
    {
        Model = model switch
        {
            Model.ThreeLevel => DependenceModel.ThreeLevel,
            Model.FourLevel => DependenceModel.FourLevel,
            _ => DependenceModel.CorrelatedHierarchical,
        },
        Clusters = model == Model.FourLevel ? world.Studies : null,
        ProfileIntervals = false,
    };

    private void WriteCoverage()
    {
        output.WriteLine("| interval | model | k | τ² | mean I² | sets with it | coverage | |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var (k, tau2) in from k in new[] { 5, 10, 16, 40 } from tau2 in new[] { 0, 0.005, 0.014, 0.05 } select (k, tau2))
        {
            WriteCoverage(Model.Independent, k, tau2);
        }
        foreach (var (model, k, tau2) in from model in new[] { Model.CorrelatedHierarchical, Model.FourLevel }
                                         from k in new[] { 10, 16, 40 }
                                         from tau2 in s_tauSquared
                                         select (model, k, tau2))
        {
            WriteCoverage(model, k, tau2);
        }
    }

    private void WriteCoverage(Model model, int k, double tau2)
    {
        var rows = new Covered[sets];
        Parallel.For(0, sets, set =>
        {
            var world = Simulate(new SeededRandom(FirstSeed + sets + set), k, tau2, model);
            string[] levels = [.. world.Samples.Select(s => s % 2 == 0 ? "a" : "b")];
            rows[set] = model == Model.Independent ? OfIndependent(world, levels, tau2) : OfNested(world, levels, model);
        });
        var i2 = rows.Average(row => row.ISquared);
        foreach (var (name, of) in new (string, Func<Covered, bool?>)[]
        {
            ("mean", row => row.Mean), ("prediction", row => row.Prediction), ("level", row => row.Level), ("contrast", row => row.Contrast),
            ("τ²", row => row.TauSquared), ("probabilityAbove", row => row.ProbabilityAbove),
            ("residual τ²", row => row.ResidualTauSquared), ("predicted value", row => row.Predicted), ("its prediction", row => row.PredictedEffect),
            ("Bayes mean", row => row.BayesMean), ("Bayes prediction", row => row.BayesPrediction), ("Bayes τ", row => row.BayesTau),
            ("UWLS", row => row.Unrestricted),
        })
        {
            var answers = rows.Select(of).OfType<bool>().ToList();
            if (answers.Count > 0)
            {
                var coverage = answers.Count(covers => covers) / (double)answers.Count;
                Row([name, model.ToString(), k.ToString(CultureInfo.InvariantCulture), Number(tau2),
                    i2.ToString("F0", CultureInfo.InvariantCulture), answers.Count.ToString(CultureInfo.InvariantCulture), Number(coverage)],
                    name == "UWLS" || (name == "prediction" && model != Model.Independent) ? "not judged" : Judge(name, coverage, k, i2));
            }
        }
    }

    private string Judge(string name, double coverage, int k, double i2) =>
        coverage < SmallestCoverage - Tolerance(SmallestCoverage) ? "too certain"
        : name == "prediction" && k >= 5 && i2 >= 50 && coverage > LargestPrediction + Tolerance(LargestPrediction) ? "too wide"
        : "";

    private static Covered OfIndependent(World world, string[] levels, double tau2)
    {
        var fit = RandomEffectsModel.Fit(world.Estimates, world.Variances);
        var moderator = ModeratorModel.FitCategorical("m", world.Estimates, world.Variances, levels);
        var above = tau2 > 0 ? Normal.UpperTail((Threshold - Mean) / Math.Sqrt(tau2)) : 1;
        var share = fit.ProbabilityAbove(Threshold)!;
        // A moderator without an effect, whose value of a new study is 1.
        var regression = MetaRegression.Fit(world.Estimates, world.Variances, DesignMatrix.WithIntercept(levels.Length)
            .Add(new ContinuousTerm("x", [.. world.Estimates.Select((_, i) => (double)(i % 3))])));
        var predicted = regression.Predict("1", [1, 1]);
        var bayes = BayesianMeanModel.Fit(world.Estimates, world.Variances);
        var unrestricted = UnrestrictedLeastSquares.Fit(world.Estimates, world.Variances);
        return new Covered(fit.Heterogeneity.ISquared!.Value)
        {
            Mean = Covers(fit.Mean.Lower, fit.Mean.Upper, Mean),
            Prediction = Covers(fit.PredictionInterval?.Lower, fit.PredictionInterval?.Upper, world.NewEffect),
            Level = Covers(moderator.Levels[0].Mean.Lower, moderator.Levels[0].Mean.Upper, Mean),
            Contrast = Covers(moderator.Contrasts[0].Lower, moderator.Contrasts[0].Upper, 0),
            TauSquared = fit.Heterogeneity.TauSquaredInterval is { } interval ? Covers(interval.Lower, interval.Upper, tau2) : false,
            ProbabilityAbove = Covers(share.Lower, share.Upper, above),
            ResidualTauSquared = regression.Residual.TauSquaredInterval is { } residual ? Covers(residual.Lower, residual.Upper, tau2) : false,
            Predicted = Covers(predicted.Mean.Lower, predicted.Mean.Upper, Mean),
            PredictedEffect = Covers(predicted.Prediction?.Interval?.Lower, predicted.Prediction?.Interval?.Upper, world.NewEffect),
            BayesMean = Covers(bayes.Mean.Central.Lower, bayes.Mean.Central.Upper, Mean),
            BayesPrediction = Covers(bayes.NewEffect.Central.Lower, bayes.NewEffect.Central.Upper, world.NewEffect),
            BayesTau = tau2 > 0 ? Covers(bayes.Tau.Central.Lower, bayes.Tau.Central.Upper, Math.Sqrt(tau2)) : null,
            Unrestricted = Covers(unrestricted?.Lower, unrestricted?.Upper, Mean),
        };
    }

    private static Covered OfNested(World world, string[] levels, Model model)
    {
        var fit = MultilevelModel.Fit(world.Estimates, world.Variances, world.Samples, Nested(model, world));
        var moderator = Fit(model, world.Estimates, world, levels);
        return new Covered(fit.ISquared)
        {
            Mean = Covers(fit.Mean.Lower, fit.Mean.Upper, Mean),
            Prediction = Covers(fit.PredictionInterval?.Lower, fit.PredictionInterval?.Upper, world.NewEffect),
            Level = Covers(moderator.Levels[0].Mean.Lower, moderator.Levels[0].Mean.Upper, Mean),
            Contrast = Covers(moderator.Contrasts[0].Lower, moderator.Contrasts[0].Upper, 0),
        };
    }

    private static bool? Covers(double? lower, double? upper, double truth) => lower <= truth && truth <= upper ? true : lower is null ? null : false;

    private void WriteLooks()
    {
        output.WriteLine("| looks | series of no effect with a significant one, τ² .014 |");
        output.WriteLine("|---|---|");
        var first = new int[sets]; // the first significant look of each series
        Parallel.For(0, sets, set =>
        {
            var world = Simulate(new SeededRandom(FirstSeed + 2 * sets + set), MinLook + s_looks[^1] - 1, 0.014, Model.Independent);
            double[] y = [.. world.Estimates.Select(x => x - Mean)];
            first[set] = int.MaxValue;
            for (var look = 1; look <= s_looks[^1] && first[set] == int.MaxValue; look++)
            {
                var k = MinLook + look - 1;
                first[set] = RandomEffectsModel.Fit(y.AsSpan(0, k), world.Variances.AsSpan(0, k)).Mean.PValue < Alpha ? look : int.MaxValue;
            }
        });
        foreach (var looks in s_looks)
        {
            Row([looks.ToString(CultureInfo.InvariantCulture), Number(first.Count(look => look <= looks) / (double)sets)], null);
        }
    }

    /// <summary>Samples of 25 to 200 people; with 1 to 4 effects each where these depend on each other, and two to a study where studies do.</summary>
    private static World Simulate(SeededRandom chance, int samples, double tau2, Model model)
    {
        var nested = model is Model.CorrelatedHierarchical or Model.ThreeLevel or Model.FourLevel;
        var ofStudies = model == Model.FourLevel ? StudyShare * tau2 : 0;
        var (between, within, rho) = (nested ? (1 - WithinShare) * tau2 - ofStudies : tau2, nested ? WithinShare * tau2 : 0,
            model == Model.ThreeLevel ? 0 : Rho);
        var study = Mean;
        var (y, v, of) = (new List<double>(), new List<double>(), new List<int>());
        for (var s = 0; s < samples; s++)
        {
            var variance = 1.0 / (chance.Integer(25, 200) - 3);
            study = ofStudies == 0 || s % 2 == 1 ? study : chance.Normal(Mean, ofStudies);
            var (mean, error) = (chance.Normal(study, between), chance.StandardNormal());
            for (var effects = nested ? chance.Integer(1, 4) : 1; effects > 0; effects--)
            {
                v.Add(variance);
                of.Add(s);
                y.Add(chance.Normal(mean, within) + Math.Sqrt(variance) * (Math.Sqrt(rho) * error + Math.Sqrt(1 - rho) * chance.StandardNormal()));
            }
        }
        return new World([.. y], [.. v], [.. of], [.. of.Select(s => s / 2)], chance.Normal(Mean, tau2));
    }

    private void Row(string[] cells, string? judgement)
    {
        _failures += judgement is "too certain" or "too wide" ? 1 : 0;
        output.WriteLine($"| {string.Join(" | ", cells)} |{(judgement is null ? "" : $" {judgement} |")}");
    }

    private double Tolerance(double probability) => sets >= 5_000 ? 0 : 3 * Math.Sqrt(probability * (1 - probability) / sets);

    private static string Number(double x) => x.ToString("0.###", CultureInfo.InvariantCulture);

    private sealed record World(double[] Estimates, double[] Variances, int[] Samples, int[] Studies, double NewEffect);

    private sealed record Covered(double ISquared)
    {
        public bool? Mean { get; init; }

        public bool? Prediction { get; init; }

        public bool? Level { get; init; }

        public bool? Contrast { get; init; }

        public bool? TauSquared { get; init; }

        public bool? ProbabilityAbove { get; init; }

        public bool? ResidualTauSquared { get; init; }

        public bool? Predicted { get; init; }

        public bool? PredictedEffect { get; init; }

        public bool? BayesMean { get; init; }

        public bool? BayesPrediction { get; init; }

        /// <summary>Null at τ = 0, which no central interval of a continuous posterior covers.</summary>
        public bool? BayesTau { get; init; }

        public bool? Unrestricted { get; init; }
    }
}
