namespace Benchmarks.Simulations;

/// <summary>Effects of samples whose truth is known: a sample's effects share a true deviation, and their sampling errors correlate.</summary>
internal sealed record NestedWorld(double[] Estimates, double[] Variances, int[] Samples, string[] Levels, double NewEffect, double NewSample)
{
    public const double Between = 0.015;
    public const double Within = 0.008;

    /// <summary>Samples of 30 to 200 people with 1 to 6 effects each; every second one has the level b, whose effects are larger by <see cref="World.Slope"/> if wanted.</summary>
    public static NestedWorld Of(Chance chance, int samples, double rho, bool levels = false)
    {
        var (y, v, s, level) = (new List<double>(), new List<double>(), new List<int>(), new List<string>());
        for (var j = 0; j < samples; j++)
        {
            var (n, shared, error) = (chance.Integer(30, 200), chance.Normal(World.Mean, Between), chance.Gauss());
            for (var effects = chance.Integer(1, 6); effects > 0; effects--)
            {
                v.Add(1.0 / (n - 3 - chance.Integer(0, n / 5))); // some people did not answer everything
                y.Add(chance.Normal(shared, Within) + Math.Sqrt(v[^1]) * (Math.Sqrt(rho) * error + Math.Sqrt(1 - rho) * chance.Gauss())
                    + (levels && j % 2 == 1 ? World.Slope : 0));
                s.Add(j);
                level.Add(j % 2 == 1 ? "b" : "a");
            }
        }
        return new NestedWorld([.. y], [.. v], [.. s], [.. level], chance.Normal(World.Mean, Between + Within), chance.Normal(World.Mean, Between));
    }
}
