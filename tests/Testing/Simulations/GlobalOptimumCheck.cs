using RealRelationship.Statistics;

namespace RealRelationship.Testing.Simulations;

/// <summary>Whether REML and ML find the global optimum of τ², against a grid.</summary>
internal static class GlobalOptimumCheck
{
    private const double Tolerance = 1e-9; // of a log-likelihood, relative to 1 or itself

    /// <summary>Six studies whose restricted likelihood has a second maximum at τ² = .0547, where Fisher scoring ends.</summary>
    public static MultimodalEffects BimodalEffects { get; } = new(
        "two modes",
        [0.0498363659350279, 0.298088146720953, -0.326010430857922, -0.602586543764002, 0.25403501137368, 0.291598711641876],
        [.. new[] { 40.0, 5000, 15, 15, 5000, 5000 }.Select(n => 1 / (n - 3))]);

    /// <summary>Shortfall of the estimate's log-likelihood from the best of the grid, or its difference from the definition; at most 0 if correct.</summary>
    public static double Shortfall(MultimodalEffects set, bool restricted, out RandomEffectsFit fit)
    {
        fit = RandomEffectsModel.Fit(set.Estimates, set.Variances, new ModelOptions
        {
            Estimator = restricted ? TauSquaredEstimator.RestrictedMaximumLikelihood : TauSquaredEstimator.MaximumLikelihood,
        });
        var here = LikelihoodGrid.LogLikelihood(set.Estimates, set.Variances, fit.Heterogeneity.TauSquared!.Value, restricted);
        var slack = Tolerance * Math.Max(1, Math.Abs(here));
        return Math.Max(LikelihoodGrid.MaxLogLikelihood(set.Estimates, set.Variances, restricted) - here, Math.Abs(fit.LogLikelihood!.Value - here)) - slack;
    }

    /// <summary>Writes a table and returns the number of misses.</summary>
    public static int Write(TextWriter output, int sets)
    {
        output.WriteLine("| global optimum | sets | several modes | misses |");
        output.WriteLine("|---|---|---|---|");
        var misses = 0;
        foreach (var restricted in new[] { true, false })
        {
            var (missed, several) = Count(Enumerable.Range(0, sets).Select(MultimodalEffects.Generate), restricted);
            output.WriteLine($"| {(restricted ? "REML" : "ML")} | {sets:N0} | {several:N0} | {missed} |");
            misses += missed;
        }
        var vector = Count([BimodalEffects], restricted: true);
        output.WriteLine($"| REML where Fisher scoring ends in the worse mode | 1 | {vector.Several} | {vector.Missed} |");
        return misses + vector.Missed;
    }

    private static (int Missed, int Several) Count(IEnumerable<MultimodalEffects> sets, bool restricted)
    {
        var (missed, several) = (0, 0);
        foreach (var set in sets)
        {
            missed += Shortfall(set, restricted, out var fit) > 0 ? 1 : 0;
            several += fit.SeveralModes ? 1 : 0;
        }
        return (missed, several);
    }
}
