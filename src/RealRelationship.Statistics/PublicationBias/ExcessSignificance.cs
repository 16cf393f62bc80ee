namespace RealRelationship.Statistics;

/// <summary>More significant effects than expected?</summary>
/// <param name="Observed">Effects significant at two-sided .05.</param>
/// <param name="Expected">The sum of their powers at the common-effect mean.</param>
/// <param name="PValue">One-sided; null when every power is 0 or 1 to double precision.</param>
public sealed record ExcessSignificanceTest(int Observed, double Expected, double? PValue);

/// <summary>The test of excess significance; Ioannidis and Trikalinos 2007, Clinical Trials 4.</summary>
public static class ExcessSignificance
{
    private const double Alpha = 0.05;
    private const double MaxCombinations = 1e6;

    /// <summary>Compares the number of significant effects with the one expected at the common-effect mean. Agrees with metafor's <c>tes</c>:
    /// exact while at most 10⁶ combinations of effects are as extreme (Σ k over j, j from the observed number),
    /// else by χ² without continuity correction.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    public static ExcessSignificanceTest Test(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances)
    {
        Guard.ValidEffects(estimates, variances);
        var critical = Normal.UpperQuantile(Alpha / 2);
        var theta = new LinearModel(estimates, variances).Solve(0).Coefficients[0];
        var power = new double[estimates.Length];
        var (observed, expected) = (0, 0.0);
        for (var i = 0; i < power.Length; i++)
        {
            var se = Math.Sqrt(variances[i]);
            observed += Math.Abs(estimates[i] / se) >= critical ? 1 : 0;
            power[i] = Normal.UpperTail(critical - theta / se) + Normal.UpperTail(critical + theta / se);
            expected += power[i];
        }
        return new ExcessSignificanceTest(observed, expected,
            Combinations(power.Length, observed) <= MaxCombinations ? Exact(power, observed) : Score(power.Length, observed, expected));
    }

    /// <summary>Σ k over j for j from the observed number to k.</summary>
    private static double Combinations(int k, int observed)
    {
        double sum = 0, term = 1;
        for (var j = k; j >= observed && sum <= MaxCombinations; j--)
        {
            sum += term;
            term *= (double)j / (k - j + 1);
        }
        return sum;
    }

    /// <summary>P(at least as many significant), each with its own power: the effects are convolved one by one.</summary>
    private static double Exact(double[] power, int observed)
    {
        var probability = new double[power.Length + 1];
        probability[0] = 1;
        for (var i = 0; i < power.Length; i++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var j = i + 1; j > 0; j--)
            {
                probability[j] = probability[j] * (1 - power[i]) + probability[j - 1] * power[i];
            }
            probability[0] *= 1 - power[i];
        }
        var tail = 0.0;
        for (var j = power.Length; j >= observed; j--)
        {
            tail += probability[j];
        }
        return Math.Min(1, tail);
    }

    private static double? Score(double k, int observed, double expected)
    {
        var variance = expected * (1 - expected / k);
        return variance > 0 ? Normal.UpperTail((observed - expected) / Math.Sqrt(variance)) : null;
    }
}
