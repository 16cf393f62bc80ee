using RealRelationship.Testing.Simulations;

namespace Benchmarks.Simulations;

/// <summary>Effects of samples whose truth is known: a sample's effects share a true deviation, and their sampling errors correlate.</summary>
internal sealed record SimulatedNestedEffects(double[] Estimates, double[] Variances, int[] Samples, string[] Levels, double NewEffect, double NewSample)
{
    public const double Between = 0.015;
    public const double Within = 0.008;

    /// <summary>Samples of 30 to 200 participants with 1 to 6 effects each; every second one has the level b, whose effects are optionally larger by
    /// <see cref="SimulatedEffects.Slope"/>.</summary>
    public static SimulatedNestedEffects Simulate(SeededRandom chance, int samples, double rho, bool levels = false)
    {
        var (y, v, s, level) = (new List<double>(), new List<double>(), new List<int>(), new List<string>());
        for (var j = 0; j < samples; j++)
        {
            var (n, shared, error) = (chance.Integer(30, 200), chance.Normal(SimulatedEffects.Mean, Between), chance.StandardNormal());
            for (var effects = chance.Integer(1, 6); effects > 0; effects--)
            {
                v.Add(1.0 / (n - 3 - chance.Integer(0, n / 5))); // some people did not answer everything
                y.Add(chance.Normal(shared, Within) + Math.Sqrt(v[^1]) * (Math.Sqrt(rho) * error + Math.Sqrt(1 - rho) * chance.StandardNormal())
                    + (levels && j % 2 == 1 ? SimulatedEffects.Slope : 0));
                s.Add(j);
                level.Add(j % 2 == 1 ? "b" : "a");
            }
        }
        return new SimulatedNestedEffects([.. y], [.. v], [.. s], [.. level], chance.Normal(SimulatedEffects.Mean, Between + Within),
            chance.Normal(SimulatedEffects.Mean, Between));
    }
}
