using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>A weighted mean of effects in samples, in which some effects have η times their weight w = 1/(v + τ²), and its CR2 variance by samples.</summary>
/// <remarks>
/// The working covariance of sample j is cⱼI, cⱼ = τ² + the mean of its sampling variances. With weights scaled to the sum 1, R = I − 1w′ and S = Σcw²,
/// CR2 takes Aⱼ = (RΦR′)ⱼⱼ^(−½)cⱼ^½ (Pustejovsky and Tipton 2018, Journal of Business &amp; Economic Statistics 36; for weights that are not the inverse of Φ,
/// Tipton 2015, Psychological Methods 20). (RΦR′)ⱼⱼ/cⱼ = I − 1wⱼ′ − wⱼ1′ + (S/cⱼ)11′ differs from I on the span of 1 and wⱼ alone. On u₁ = 1/√n and
/// u₂ = (wⱼ − w̄1)/b it is K = [O² + nb² + nρ/c, −√n b; −√n b, 1], where wⱼ = au₁ + bu₂, O is the weight of the other samples and ρ their part of S.
/// So K^(−½)(a, b)′ = (α, β)′ gives Aⱼwⱼ, the variance is Σ(wⱼ′Aⱼeⱼ)², and everything is a sum over samples of five sums over their effects.
/// Nothing is subtracted that a single sample could dominate.
/// </remarks>
internal sealed class ClusterRobustMean
{
    private readonly Sums[] _plain;
    private readonly Sums[] _multiplied; // by η
    private readonly double[] _c;
    private readonly double _centre;
    private readonly double _plainY; // Σwy
    private readonly double _multipliedY;

    /// <summary>Sums what does not depend on η. Effects that are not <paramref name="plain"/> are multiplied.</summary>
    public ClusterRobustMean(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, bool[] plain, double tau2)
    {
        var data = new NestedData(estimates, variances, samples, DesignMatrix.WithIntercept(estimates.Length)); // for its order, which is that of no one
        Samples = data.Samples;
        (_plain, _multiplied, _c, _centre) = (new Sums[Samples], new Sums[Samples], new double[Samples], estimates[data.Order[^1]]);
        for (var j = 0; j < Samples; j++)
        {
            var mean = 0.0;
            for (var i = data.Starts[j]; i < data.Starts[j + 1]; i++)
            {
                var (row, w) = (data.Order[i], 1 / (data.V[i] + tau2));
                ref var sums = ref (plain[row] ? _plain : _multiplied)[j];
                sums = sums.Add(estimates[row] - _centre, w);
                (_plainY, _multipliedY) = plain[row] ? (_plainY + w * estimates[row], _multipliedY) : (_plainY, _multipliedY + w * estimates[row]);
                mean += data.V[i];
            }
            _c[j] = tau2 + mean / (data.Starts[j + 1] - data.Starts[j]);
        }
    }

    public int Samples { get; }

    /// <summary>The η at which the mean is zero: negative or infinite when there is none.</summary>
    public double RatioAtZeroMean => -_plainY / _multipliedY;

    public double Estimate(double eta)
    {
        double w = 0, wy = 0;
        for (var j = 0; j < Samples; j++)
        {
            w += _plain[j].W + eta * _multiplied[j].W;
            wy += _plain[j].WY + eta * _multiplied[j].WY;
        }
        return _centre + wy / w;
    }

    /// <summary>The mean with its robust test; one sample has neither standard error nor test.</summary>
    public Coefficient ToCoefficient(double eta, double alpha)
    {
        var mean = Estimate(eta);
        if (Samples == 1)
        {
            return ReferenceDistribution.ToCoefficient(null, "intercept", mean, 0, alpha);
        }
        var (variance, df) = Inference(eta, mean - _centre);
        return ReferenceDistribution.ToCoefficient(df > 0 ? new ReferenceDistribution(df) : null, "intercept", mean, Math.Sqrt(variance), alpha);
    }

    private (double Variance, double DegreesOfFreedom) Inference(double eta, double mean)
    {
        var sums = new Sums[Samples];
        var total = 0.0;
        for (var j = 0; j < Samples; j++)
        {
            sums[j] = _plain[j].Plus(_multiplied[j], eta);
            total += sums[j].W;
        }
        var terms = new Term[Samples];
        var (others, spreads) = (SumsOfOthers(sums, (_, s) => s.W / total), SumsOfOthers(sums, (j, s) => _c[j] * s.W2 / (total * total)));
        var variance = 0.0;
        for (var j = 0; j < Samples; j++)
        {
            var (n, weight, c) = (sums[j].N, sums[j].W / total, _c[j]);
            var (a, b) = (weight / Math.Sqrt(n), Math.Sqrt(Math.Max(0, sums[j].W2 / (total * total) - weight * weight / n)));
            var (alpha, beta) = Adjusted(a, b, n, others[j] * others[j] + n * spreads[j] / c);
            var e = sums[j].Y - n * mean;
            var spread = b > 0 ? ((sums[j].WY - mean * sums[j].W) / total - weight / n * e) / b : 0;
            variance += VectorMath.Square(alpha * e / Math.Sqrt(n) + beta * spread);
            terms[j] = new Term(weight, Math.Sqrt(n) * alpha, c * (a * alpha + b * beta), c * (a * a + b * b));
        }
        return (variance, Satterthwaite(terms));
    }

    /// <summary>K^(−½)(a, b)′ for K = [det + nb², −√n b; −√n b, 1]: of a 2 × 2 matrix, K^(−½) = adj(K + δI)/(δ√(tr K + 2δ)), δ = √det.</summary>
    private static (double Alpha, double Beta) Adjusted(double a, double b, double n, double determinant)
    {
        var (delta, off) = (Math.Sqrt(determinant), Math.Sqrt(n) * b);
        var first = determinant + off * off;
        var scale = delta * Math.Sqrt(first + 1 + 2 * delta);
        return (((1 + delta) * a + off * b) / scale, (off * a + (first + delta) * b) / scale);
    }

    /// <summary>(Σ pⱼ′Φpⱼ)²/ΣΣ(pᵢ′Φpⱼ)², pⱼ = R′Aⱼwⱼ: the diagonal is cw′w, since CR2 is unbiased in the working model, and off it,
    /// with L = 1′Aw and m = cw′Aw, uᵢⱼ = SLᵢLⱼ − mᵢLⱼ − mⱼLᵢ. Sums of squares give all pairs but those of the heaviest sample,
    /// whose L can be far larger than the others'.</summary>
    private static double Satterthwaite(Term[] terms)
    {
        var heaviest = Array.IndexOf(terms, terms.MaxBy(term => term.Weight));
        var (s, squares, m2, l2, ml, own, pairs) = (terms.Sum(term => term.Diagonal), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for (var j = 0; j < terms.Length; j++)
        {
            var (l, m) = (terms[j].L, terms[j].M);
            squares += terms[j].Diagonal * terms[j].Diagonal;
            if (j == heaviest)
            {
                continue;
            }
            (m2, l2, ml) = (m2 + m * m, l2 + l * l, ml + m * l);
            own += VectorMath.Square(s * l * l - 2 * m * l);
            pairs += VectorMath.Square(l * (s * terms[heaviest].L - terms[heaviest].M) - m * terms[heaviest].L);
        }
        var rest = 2 * m2 * l2 + 2 * ml * ml + s * s * l2 * l2 - 4 * s * ml * l2 - own;
        return s * s / (squares + 2 * pairs + Math.Max(0, rest));
    }

    /// <summary>For each sample the sum over all others, by sums from both ends.</summary>
    private static double[] SumsOfOthers(Sums[] sums, Func<int, Sums, double> part)
    {
        var others = new double[sums.Length];
        double before = 0, after = 0;
        for (var j = 0; j < sums.Length; j++)
        {
            others[j] += before;
            before += part(j, sums[j]);
            others[^(j + 1)] += after;
            after += part(sums.Length - 1 - j, sums[^(j + 1)]);
        }
        return others;
    }

    /// <summary>Sums over effects of one sample, y from the centre.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sums(int N, double W, double W2, double Y, double WY)
    {
        public Sums Add(double y, double w) => new(N + 1, W + w, W2 + w * w, Y + y, WY + w * y);

        public Sums Plus(Sums other, double eta) => new(N + other.N, W + eta * other.W, W2 + eta * eta * other.W2, Y + other.Y, WY + eta * other.WY);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Term(double Weight, double L, double M, double Diagonal);
}
