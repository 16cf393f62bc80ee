using RealRelationship.Testing.Simulations;

namespace Benchmarks.Simulations;

/// <summary>Effects of samples whose truth is known: a sample's effects share a true deviation, and their sampling errors correlate.</summary>
internal sealed record SimulatedNestedEffects(double[] Estimates, double[] Variances, int[] Samples, string[] Levels, double NewEffect, double NewSample)
{
    public const double Study = 0.02;
    public const double Between = 0.015;
    public const double Within = 0.008;

    /// <summary>The study of each effect; every sample is one without studies.</summary>
    public required int[] Studies { get; init; }

    /// <summary>The mean of a new study.</summary>
    public required double NewStudy { get; init; }

    /// <summary>Samples of 30 to 200 participants with 1 to 6 effects each; every second one has the level b, whose effects are optionally larger by
    /// <see cref="SimulatedEffects.Slope"/>. With studies, 1 to 3 samples share a true deviation, too.</summary>
    public static SimulatedNestedEffects Simulate(SeededRandom chance, int samples, double rho, bool levels = false, bool hasStudies = false)
    {
        var (studies, study, left) = (new List<int>(), -1, 0);
        var (ofStudy, variance) = (SimulatedEffects.Mean, hasStudies ? Study : 0);
        var (y, v, s, level) = (new List<double>(), new List<double>(), new List<int>(), new List<string>());
        for (var j = 0; j < samples; j++)
        {
            if (hasStudies && left-- == 0)
            {
                (study, left, ofStudy) = (study + 1, chance.Integer(1, 3) - 1, chance.Normal(SimulatedEffects.Mean, Study));
            }
            var (n, shared, error) = (chance.Integer(30, 200), chance.Normal(ofStudy, Between), chance.StandardNormal());
            for (var effects = chance.Integer(1, 6); effects > 0; effects--)
            {
                v.Add(1.0 / (n - 3 - chance.Integer(0, n / 5))); // some people did not answer everything
                y.Add(chance.Normal(shared, Within) + Math.Sqrt(v[^1]) * (Math.Sqrt(rho) * error + Math.Sqrt(1 - rho) * chance.StandardNormal())
                    + (levels && j % 2 == 1 ? SimulatedEffects.Slope : 0));
                s.Add(j);
                studies.Add(hasStudies ? study : j);
                level.Add(j % 2 == 1 ? "b" : "a");
            }
        }
        return new SimulatedNestedEffects([.. y], [.. v], [.. s], [.. level], chance.Normal(SimulatedEffects.Mean, variance + Between + Within),
            chance.Normal(SimulatedEffects.Mean, variance + Between))
        {
            Studies = [.. studies],
            NewStudy = chance.Normal(SimulatedEffects.Mean, variance),
        };
    }
}
