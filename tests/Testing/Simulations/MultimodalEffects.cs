namespace RealRelationship.Testing.Simulations;

/// <summary>Effects of studies that differ in size by up to a thousand,
/// from regimes in which the (restricted) likelihood of τ² often has several maxima.</summary>
internal sealed record MultimodalEffects(string Regime, double[] Estimates, double[] Variances)
{
    private static readonly (string Name, Func<SeededRandom, double, double> Effect)[] s_regimes =
    [
        ("one effect", (chance, v) => chance.Normal(0.3, v)),
        ("little heterogeneity", (chance, v) => chance.Normal(0.3, v + 0.005)),
        ("much heterogeneity", (chance, v) => chance.Normal(0.3, v + 0.15)),
        ("large studies agree", (chance, v) => v < 0.005 ? chance.Normal(0.28, v) : chance.Normal(-0.2, v + 0.1)),
        ("two camps", (chance, v) => chance.Normal(chance.Choose(-0.4, 0.6), v)),
        ("outliers", (chance, v) => chance.Normal(0.2, v + chance.Choose(0, 0, 0, 0, 4))),
        ("heavy tails", (chance, v) => chance.Normal(0.2, v) + 0.1 * chance.StandardNormal() / Math.Max(1e-3, Math.Abs(chance.StandardNormal()))),
        ("nothing but noise", (chance, _) => chance.Uniform(-1.5, 1.5)),
    ];

    /// <summary>The set of an index: k from 3 to 20, n from 5 to 5,000, the regimes in turn.</summary>
    public static MultimodalEffects Generate(int index)
    {
        var chance = new SeededRandom(20261123 + index);
        var (name, effect) = s_regimes[index % s_regimes.Length];
        var v = new double[chance.Integer(3, 20)];
        var y = new double[v.Length];
        for (var i = 0; i < v.Length; i++)
        {
            v[i] = 1 / (chance.Choose(5, 8, 15, 25, 40, 80, 150, 400, 1000, 2500, 5000) - 3);
            y[i] = effect(chance, v[i]);
        }
        return new MultimodalEffects(name, y, v);
    }
}
