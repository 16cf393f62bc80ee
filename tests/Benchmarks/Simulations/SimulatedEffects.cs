using RealRelationship.Testing.Simulations;

namespace Benchmarks.Simulations;

/// <summary>Independent effects whose truth is known: normal true effects, normal sampling errors with known variances.</summary>
internal sealed record SimulatedEffects(double[] Estimates, double[] Variances, double[] TrueEffects, double NewEffect, double[] Moderator)
{
    public const double Mean = 0.3;
    public const double TauSquared = 0.02; // about two thirds of the variance
    public const double Slope = 0.1;
    public const double SelectedWeight = 0.4; // of effects that are not significant, in SimulateSelected

    /// <summary>k studies of 20 to 200 participants; with a slope if the effects depend on the moderator, which is alternately 0 and 1.</summary>
    public static SimulatedEffects Simulate(SeededRandom chance, int k, double tau2 = TauSquared, double slope = 0)
    {
        var (y, v, theta, x) = (new double[k], new double[k], new double[k], new double[k]);
        for (var i = 0; i < k; i++)
        {
            (v[i], x[i]) = (1.0 / (chance.Integer(20, 200) - 3), i % 2);
            theta[i] = chance.Normal(Mean + slope * x[i], tau2);
            y[i] = chance.Normal(theta[i], v[i]);
        }
        return new SimulatedEffects(y, v, theta, chance.Normal(Mean, tau2), x);
    }

    /// <summary>k studies that were seen: those not significant (one-sided .025) with probability 0.4.</summary>
    public static SimulatedEffects SimulateSelected(SeededRandom chance, int k)
    {
        var (y, v) = (new List<double>(), new List<double>());
        while (y.Count < k)
        {
            var candidate = Simulate(chance, 1);
            var significant = candidate.Estimates[0] > 1.959963984540054 * Math.Sqrt(candidate.Variances[0]);
            if (significant || chance.Uniform() < SelectedWeight)
            {
                y.Add(candidate.Estimates[0]);
                v.Add(candidate.Variances[0]);
            }
        }
        return new SimulatedEffects([.. y], [.. v], [], 0, []);
    }
}
