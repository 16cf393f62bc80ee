namespace RealRelationship.Statistics;

/// <summary>How the effects of one sample are averaged.</summary>
public enum AggregationWeights
{
    /// <summary>(1′V⁻¹y)/(1′V⁻¹1), the composite of smallest variance.</summary>
    InverseVariance,
    /// <summary>The plain mean.</summary>
    Simple,
}

/// <summary>One effect per sample: the result of <see cref="Aggregation"/>. Samples are in the order of their first effects.</summary>
public sealed record AggregatedEffects
{
    /// <summary>The composites.</summary>
    public required IReadOnlyList<double> Estimates { get; init; }

    /// <summary>Their sampling variances.</summary>
    public required IReadOnlyList<double> Variances { get; init; }

    /// <summary>Indices of the effects in each composite.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Rows { get; init; }

    /// <summary>True if some effect has a negative weight in its composite.</summary>
    public required bool NegativeWeights { get; init; }
}

/// <summary>Aggregates dependent effects of a sample to one effect.</summary>
public static class Aggregation
{
    /// <summary>Averages the effects of each sample under the covariance vᵢⱼ = ρ √(vᵢvⱼ). Agrees with metafor's <c>aggregate.escalc(struct="CS")</c>.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="rho">Correlation of the sampling errors inside a sample, at least 0 and below 1.</param>
    /// <param name="weights">Inverse-variance weights, or equal ones.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, or a variance that is not positive.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rho"/> is not in [0, 1).</exception>
    public static AggregatedEffects Aggregate(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, double rho,
        AggregationWeights weights = AggregationWeights.InverseVariance)
    {
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        Guard.InRange(rho is >= 0 and < 1, rho, nameof(rho), "The correlation is at least 0 and below 1.");
        return Aggregate(estimates, variances, samples,
            (y, v, rows) => weights == AggregationWeights.Simple ? Mean(y, v, rows, rho) : Composite(y, v, rows, rho));
    }

    /// <summary>Averages the effects of each sample under the covariance vᵢⱼ = ρᵢⱼ √(vᵢvⱼ), with correlations by kind of pair. Agrees with metafor's
    /// <c>aggregate.escalc(V=)</c>.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="correlations">Correlations of the sampling errors inside a sample, for these effects.</param>
    /// <param name="weights">Inverse-variance weights, or equal ones.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, or a variance that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>correlationsContradict</c>: V of a sample is not positive definite.</exception>
    public static AggregatedEffects Aggregate(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, SamplingCorrelations correlations,
        AggregationWeights weights = AggregationWeights.InverseVariance)
    {
        ArgumentNullException.ThrowIfNull(correlations);
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        return Aggregate(estimates, variances, samples, (y, v, rows) => Average(y, v, rows, correlations, weights));
    }

    private delegate (double Estimate, double Variance, bool Negative) SampleAverage(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, IReadOnlyList<int> rows);

    private static AggregatedEffects Aggregate(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, SampleAverage average)
    {
        var rows = GroupBySample(samples);
        var y = new double[rows.Count];
        var v = new double[rows.Count];
        var anyNegativeWeight = false;
        for (var s = 0; s < y.Length; s++)
        {
            (y[s], v[s], var hasNegativeWeight) = average(estimates, variances, rows[s]);
            Guard.FiniteResult(y[s], v[s]);
            anyNegativeWeight |= hasNegativeWeight;
        }
        return new AggregatedEffects { Estimates = y, Variances = v, Rows = rows, NegativeWeights = anyNegativeWeight };
    }

    private static List<IReadOnlyList<int>> GroupBySample(ReadOnlySpan<int> samples)
    {
        var rows = new List<IReadOnlyList<int>>();
        var members = new Dictionary<int, List<int>>();
        for (var i = 0; i < samples.Length; i++)
        {
            if (!members.TryGetValue(samples[i], out var list))
            {
                members.Add(samples[i], list = []);
                rows.Add(list);
            }
            list.Add(i);
        }
        return rows;
    }

    /// <summary>With V = S((1−ρ)I + ρ11′)S, S = diag(s), V⁻¹ = S⁻¹(I − c11′)S⁻¹/(1−ρ), c = ρ/(1 + (m−1)ρ): so the weight of effect i is (1/sᵢ − cΣ1/s)/sᵢ,
    /// but for a factor.</summary>
    private static (double Estimate, double Variance, bool Negative) Composite(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, IReadOnlyList<int> rows, double rho)
    {
        var precision = 0.0;
        foreach (var i in rows)
        {
            precision += 1 / Math.Sqrt(variances[i]);
        }
        var shared = rho / (1 + (rows.Count - 1) * rho) * precision;
        double sum = 0, sumY = 0;
        var negative = false;
        foreach (var i in rows)
        {
            var s = Math.Sqrt(variances[i]);
            var w = (1 / s - shared) / s;
            negative |= w < 0;
            sum += w;
            sumY += w * (estimates[i] - estimates[rows[0]]);
        }
        return rows.Count == 1
            ? (estimates[rows[0]], variances[rows[0]], false)
            : (estimates[rows[0]] + sumY / sum, (1 - rho) / sum, negative);
    }

    /// <summary>w′y with w = V⁻¹1/1′V⁻¹1, or 1/m, and w′Vw.</summary>
    private static (double Estimate, double Variance, bool Negative) Average(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances,
        IReadOnlyList<int> rows, SamplingCorrelations correlations, AggregationWeights weights)
    {
        var m = rows.Count;
        if (m == 1)
        {
            return (estimates[rows[0]], variances[rows[0]], false);
        }
        var standardErrors = new double[m];
        for (var i = 0; i < m; i++)
        {
            standardErrors[i] = Math.Sqrt(variances[rows[i]]);
        }
        var v = correlations.Covariance([.. rows], standardErrors);
        var w = new double[m];
        if (weights == AggregationWeights.Simple)
        {
            Array.Fill(w, 1.0 / m);
        }
        else
        {
            var inverse = SymmetricMatrix.Invert(v, m)
                ?? throw new StatisticsException("correlationsContradict", "The assumed correlations of sampling errors contradict each other.");
            for (var i = 0; i < m; i++)
            {
                w[i] = inverse.Inverse.AsSpan(i * m, m).ToArray().Sum();
            }
            var sum = w.Sum();
            for (var i = 0; i < m; i++)
            {
                w[i] /= sum;
            }
        }
        var (estimate, variance) = (0.0, 0.0);
        for (var i = 0; i < m; i++)
        {
            estimate += w[i] * (estimates[rows[i]] - estimates[rows[0]]);
            variance += w[i] * VectorMath.Dot(v.AsSpan(i * m, m), w);
        }
        return (estimates[rows[0]] + estimate, variance, Array.Exists(w, x => x < 0));
    }

    /// <summary>1′V1/m² = ((1−ρ)Σv + ρ(Σ√v)²)/m².</summary>
    private static (double Estimate, double Variance, bool Negative) Mean(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, IReadOnlyList<int> rows, double rho)
    {
        double y = 0, v = 0, s = 0, m = rows.Count;
        foreach (var i in rows)
        {
            y += estimates[i] / m;
            v += variances[i];
            s += Math.Sqrt(variances[i]);
        }
        return (y, ((1 - rho) * v + rho * s * s) / (m * m), false);
    }
}
