using RealRelationship.Statistics;

namespace Benchmarks;

/// <summary>Made-up effects with between-study variance, the same at every run.</summary>
public sealed class GeneratedEffects
{
    private const double TauSquared = 0.02;

    private GeneratedEffects(double[] estimates, double[] variances, int[] samples) => (Estimates, Variances, Samples) = (estimates, variances, samples);

    public double[] Estimates { get; }

    public double[] Variances { get; }

    public int[] Samples { get; }

    public static GeneratedEffects Generate(int samples, int effectsPerSample = 1, int seed = 20261123)
    {
        var random = new Random(seed);
        var k = samples * effectsPerSample;
        var (y, v, s) = (new double[k], new double[k], new int[k]);
        for (var j = 0; j < samples; j++)
        {
            var (n, between) = (random.Next(20, 400), Gauss(random) * Math.Sqrt(TauSquared));
            for (var i = j * effectsPerSample; i < (j + 1) * effectsPerSample; i++)
            {
                v[i] = 1.0 / (n - 3);
                y[i] = 0.39 + between + Gauss(random) * Math.Sqrt(TauSquared / 2) + Gauss(random) * Math.Sqrt(v[i]);
                s[i] = j;
            }
        }
        return new(y, v, s);
    }

    /// <summary>The design of a regression on the standard error.</summary>
    public DesignMatrix StandardErrorDesign() =>
        DesignMatrix.WithIntercept(Estimates.Length).Add(new ContinuousTerm("se", [.. Variances.Select(Math.Sqrt)]));

    private static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
