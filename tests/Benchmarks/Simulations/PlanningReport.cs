using System.Globalization;

using RealRelationship.Statistics;
using RealRelationship.Testing.Simulations;

namespace Benchmarks.Simulations;

/// <summary>Compares the planned power of new studies with simulation: new effects are drawn, and the model is fitted again. Every cell has its own
/// seed.</summary>
internal static class PlanningReport
{
    private const int Present = 12;
    private const int FirstSeed = 40_000_003;
    private const double MarginShare = 0.1;

    /// <summary>Writes the table.</summary>
    /// <returns>0 if no cell deviates by more than three Monte Carlo errors, and no more than one in ten by more than two.</returns>
    public static int Write(TextWriter output, int sets)
    {
        output.WriteLine("| model | τ̂² | new studies | n | power | simulated | Monte Carlo errors apart |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        var apart = new List<double>();
        foreach (var (seed, tau2) in new[] { (1, 0.0), (2, 0.014), (3, 0.05) })
        {
            foreach (var (name, model, refit) in Models(new SeededRandom(FirstSeed + seed), tau2))
            {
                // A tenth into the present interval, so that power is neither 0 nor 1.
                var present = model.Present!.Value;
                var margin = Math.Max(0, present.Lower + MarginShare * (present.Upper - present.Lower));
                var effect = model.ExpectedEffect + 0.05;
                foreach (var (studies, n) in new[] { (1, 40), (1, 400), (1, 10_000), (3, 60), (8, 60) })
                {
                    var planned = new StudyPlanning(model, effect).Power(studies, n, margin);
                    var simulated = Simulate(refit, model.TauSquared, effect, margin, studies, n, sets, FirstSeed + 1_000 * seed + studies + n);
                    var error = Math.Sqrt(Math.Max(planned * (1 - planned), 1.0 / sets) / sets);
                    apart.Add(Math.Abs(planned - simulated) / error);
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"| {name} | {model.TauSquared:0.####} | {studies} | {n} | {planned:0.0000} | {simulated:0.0000} | {apart[^1]:0.0} |"));
                }
            }
        }

        var beyondTwo = apart.Count(errors => errors > 2);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sets} sets a cell; {beyondTwo} of {apart.Count} cells beyond two errors."));
        return apart.Max() > 3 || beyondTwo > 0.1 * apart.Count ? 1 : 0;
    }

    private static IEnumerable<(string Name, PlannedModel Model, Func<double[], double[], Interval?> Refit)> Models(SeededRandom chance, double tau2)
    {
        double[] v = [.. Enumerable.Range(0, Present).Select(_ => 1.0 / (chance.Integer(25, 120) - 3))];
        double[] y = [.. v.Select(vi => chance.Normal(0.25, tau2 + vi))];
        int[] samples = [.. Enumerable.Range(0, Present).Select(i => i * 2 / 3)]; // 8 samples, half of them of two effects
        string[] levels = [.. Enumerable.Range(0, Present).Select(i => i % 2 == 0 ? "a" : "b")];
        foreach (var (name, options) in new (string, ModelOptions)[]
        {
            ("REML, ad hoc", new()),
            ("DL, z", new() { Estimator = TauSquaredEstimator.DerSimonianLaird, Test = CoefficientTest.Normal }),
            ("PMM, Knapp–Hartung", new() { Estimator = TauSquaredEstimator.PauleMandelMedianUnbiased, Test = CoefficientTest.KnappHartung }),
        })
        {
            yield return (name, PlannedModel.OfMean(y, v, options),
                (added, variances) => ToInterval(RandomEffectsModel.Fit([.. y, .. added], [.. v, .. variances], options).Mean));
        }

        foreach (var (name, options) in new (string, MultilevelOptions)[]
        {
            ("correlated hierarchical, CR2", new() { ProfileIntervals = false }),
            ("three-level, t", new() { Model = DependenceModel.ThreeLevel, Robust = RobustVariance.None, ProfileIntervals = false }),
        })
        {
            yield return (name, PlannedModel.OfMean(y, v, samples, options), (added, variances) => ToInterval(
                MultilevelModel.Fit([.. y, .. added], [.. v, .. variances], [.. samples, .. Enumerable.Range(Present, added.Length)], options).Mean));
        }

        double[] apart = [.. y.Select((yi, i) => levels[i] == "a" ? yi + 0.3 : yi)];
        yield return ("contrast, REML", PlannedModel.OfContrast(apart, v, levels, "a", "b", new ModelOptions(), [.. Enumerable.Range(0, Present)]),
            (added, variances) => ModeratorModel.FitCategorical("m", [.. apart, .. added], [.. v, .. variances], [.. levels, .. added.Select(_ => "a")])
                .Contrasts[0] is { Lower: { } lower, Upper: { } upper } ? new Interval(lower, upper) : null);
    }

    private static double Simulate(Func<double[], double[], Interval?> refit, double tau2, double effect, double margin,
        int studies, int n, int sets, int seed)
    {
        var variance = 1.0 / (n - 3);
        double[] variances = [.. Enumerable.Repeat(variance, studies)];
        var found = 0;
        Parallel.For(0, sets, set =>
        {
            var chance = new SeededRandom(seed + set * 7_919);
            double[] added = [.. variances.Select(_ => chance.Normal(effect, tau2 + variance))];
            if (refit(added, variances) is { } interval && (interval.Lower > margin || interval.Upper < -margin))
            {
                Interlocked.Increment(ref found);
            }
        });
        return found / (double)sets;
    }

    private static Interval? ToInterval(Coefficient mean) => mean is { Lower: { } lower, Upper: { } upper } ? new(lower, upper) : null;
}
