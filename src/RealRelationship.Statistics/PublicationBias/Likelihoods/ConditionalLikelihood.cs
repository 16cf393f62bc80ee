namespace RealRelationship.Statistics;

/// <summary>The likelihood of effects given whether they are significant; its parameters are μ and τ². Positive effects are favoured.</summary>
/// <remarks>
/// yᵢ ~ N(μ, sᵢ²), sᵢ² = vᵢ + τ². A significant effect has density φ((y − μ)/s)/s over P(y &gt; z√v), another over P(y ≤ z√v). Derivatives of these
/// probabilities as in <see cref="SelectionLikelihood"/>.
/// </remarks>
internal sealed class ConditionalLikelihood(double[] y, double[] v, double critical) : BoundedLikelihood
{
    private const double Tiny = 1e-280;

    public override double[] Lower { get; } = [double.NegativeInfinity, 0];

    public override double[] Upper { get; } = [double.PositiveInfinity, double.PositiveInfinity];

    public override double[] LargestStep { get; } = [double.PositiveInfinity, double.PositiveInfinity];

    public int Significant { get; } = y.Where((yi, i) => yi > critical * Math.Sqrt(v[i])).Count();

    /// <summary>Fixes a parameter, or frees it with null.</summary>
    public void Fix(int parameter, double? value)
    {
        Lower[parameter] = value ?? (parameter == 0 ? double.NegativeInfinity : 0);
        Upper[parameter] = value ?? double.PositiveInfinity;
    }

    public override double Evaluate(double[] x, double[]? gradient, double[,]? hessian)
    {
        var (mu, tau2) = (x[0], x[1]);
        if (gradient is not null)
        {
            Array.Clear(gradient);
            Array.Clear(hessian!);
        }
        var sum = 0.0;
        for (var i = 0; i < y.Length; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            var s2 = v[i] + tau2;
            var (s, cut) = (Math.Sqrt(s2), critical * Math.Sqrt(v[i]));
            var (u, sign) = ((cut - mu) / s, y[i] > cut ? 1 : -1);
            var a = Normal.UpperTail(sign * u);
            if (!(a > Tiny))
            {
                return double.NegativeInfinity;
            }
            var r = y[i] - mu;
            sum += Normal.LogDensity(r / s) - Math.Log(s) - Math.Log(a);
            if (gradient is null)
            {
                continue;
            }
            var phi = sign * Math.Exp(Normal.LogDensity(u)) / a;
            var (gm, gt) = (phi / s, phi * u / (2 * s2));
            gradient[0] += r / s2 - gm;
            gradient[1] += (r * r / s2 - 1) / (2 * s2) - gt;
            hessian![0, 0] += -1 / s2 - phi * u / s2 + gm * gm;
            hessian[1, 0] += -r / (s2 * s2) - phi * (u * u - 1) / (2 * s2 * s) + gm * gt;
            hessian[1, 1] += (0.5 - r * r / s2) / (s2 * s2) - phi * u * (u * u - 3) / (4 * s2 * s2) + gt * gt;
        }
        return sum;
    }
}
