using CsCheck;

namespace RealRelationship.Statistics.Tests;

/// <summary>Effects with samples and a moderator, for tests.</summary>
internal sealed record NestedEffects(double[] Y, double[] V, int[] Samples, double[] X)
{
    /// <summary>3 to 8 samples of 1 to 4 effects; in half of them effects share their sampling variance.</summary>
    public static readonly Gen<NestedEffects> Generator =
        Gen.Select(Gen.Double[-0.5, 0.5], Gen.Bool, Gen.Double[0.005, 0.1],
            Gen.Select(Gen.Double[-0.5, 0.5], Gen.Double[0.005, 0.1], Gen.Double[-1, 1]).Array[1, 4]).Array[3, 8]
            .Where(samples => samples.Sum(s => s.Item4.Length) >= samples.Length + 2)
            .Select(samples =>
            {
                var rows =
                    samples.SelectMany((s, sample) => s.Item4.Select(e => (Y: s.Item1 + e.Item1, V: s.Item2 ? s.Item3 : e.Item2, Sample: sample, X: e.Item3)))
                        .ToArray();
                return new NestedEffects([.. rows.Select(r => r.Y)], [.. rows.Select(r => r.V)], [.. rows.Select(r => r.Sample)],
                    [.. rows.Select((r, i) => Math.Cos(3 * i) + r.X / 10)]);
            });

    /// <summary>Samples of 1 to 4 effects, most of them with one sampling variance; with seed 4 the first hundred have one effect.</summary>
    public static NestedEffects Random(int seed, int samples, double between, double within)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var rows = Enumerable.Range(0, samples).SelectMany(sample =>
        {
            var (mean, v) = (0.3 + Math.Sqrt(between) * Normal(), 1.0 / random.Next(10, 300));
            return Enumerable.Range(0, seed == 4 && sample < 100 ? 1 : 1 + random.Next(4)).Select(_ =>
            {
                var own = random.Next(3) == 0 ? 1.0 / random.Next(10, 300) : v;
                return (Y: mean + Math.Sqrt(within + own) * Normal(), V: own, Sample: sample);
            });
        }).ToArray();
        return new([.. rows.Select(r => r.Y)], [.. rows.Select(r => r.V)], [.. rows.Select(r => r.Sample)], []);
    }

    public DesignMatrix Design => DesignMatrix.WithIntercept(Y.Length).Add(new ContinuousTerm("x", X));

    /// <summary>Intercept, x and another.</summary>
    public DesignMatrix TwoTerms => Design.Add(new ContinuousTerm("wave", [.. X.Select((x, i) => Math.Cos(i * i + 1) + x * x / 10)]));

    public MultilevelFit Fit(MultilevelOptions options) => MultilevelModel.Fit(Y, V, Samples, options);

    public MultilevelFit Fit(DesignMatrix design, MultilevelOptions options) => MultilevelModel.Fit(Y, V, Samples, design, options);

    public NestedEffects Reordered(IReadOnlyList<int> order) =>
        new([.. order.Select(i => Y[i])], [.. order.Select(i => V[i])], [.. order.Select(i => Samples[i])], [.. order.Select(i => X[i])]);
}
