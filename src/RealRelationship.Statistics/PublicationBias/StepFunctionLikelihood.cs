namespace RealRelationship.Statistics;

/// <summary>A local maximum of the likelihood of a step-function selection model.</summary>
/// <param name="Parameters">μ, τ², then the logarithms of the free weights.</param>
/// <param name="LogLikelihood">There.</param>
/// <param name="Variance">Variance of μ, from the observed information of the parameters that are not at a boundary.</param>
/// <param name="Iterations">Steps taken.</param>
internal sealed record LikelihoodMode(double[] Parameters, double LogLikelihood, double Variance, int Iterations);

/// <summary>The likelihood of a step-function selection model with positive effects favoured, and its maxima.</summary>
/// <remarks>
/// yᵢ ~ N(μ, sᵢ²), sᵢ² = vᵢ + τ², is seen with probability δ of the interval its p-value falls in. So the log-likelihood is
/// Σ ln φ((yᵢ − μ)/sᵢ)/sᵢ + θ of its interval − ln Aᵢ with θ = ln δ, Aᵢ = Σⱼ δⱼPᵢⱼ, Pᵢⱼ = Bᵢⱼ − Bᵢ,ⱼ₋₁ and Bᵢⱼ = P(y &gt; cᵢⱼ) = 1 − Φ(u), u = (√vᵢ zⱼ − μ)/sᵢ.
/// Derivatives of B, φ = φ(u): μ: φ/s; τ²: φu/2s²; μμ: φu/s²; μτ²: φ(u² − 1)/2s³; τ²τ²: φu(u² − 3)/4s⁴.
/// Given μ and τ² it is concave in θ; in μ and τ² it need not be: <see cref="MaximiseFrom"/> is damped Newton, to be started from several places.
/// </remarks>
internal sealed class StepFunctionLikelihood
{
    private const int MaximumIterations = 200;
    private const double LargestDamping = 1e12;
    private const double Tiny = 1e-280;

    private readonly double[] _y;
    private readonly double[] _v;
    private readonly double[] _z; // cut points on the scale of the standard normal, falling
    private readonly int[] _interval; // of each effect
    private readonly int[] _parameter; // of each interval: its θ among the parameters; 0 when δ is fixed
    private readonly double[] _fixed; // δ where it is fixed: 1 in the first interval, 0 in those without effects
    private readonly double[] _b;
    private readonly double[] _share; // δP/A of each interval
    private readonly double[,] _slopes; // of P by μ and by τ²

    public StepFunctionLikelihood(double[] y, double[] v, double[] steps)
    {
        (_y, _v) = (y, v);
        _z = [.. steps.Select(Normal.UpperQuantile)];
        _interval = new int[y.Length];
        Counts = new int[steps.Length + 1];
        for (var i = 0; i < y.Length; i++)
        {
            var p = Normal.UpperTail(y[i] / Math.Sqrt(v[i]));
            _interval[i] = Array.FindIndex(steps, step => p <= step) is >= 0 and var j ? j : steps.Length;
            Counts[_interval[i]]++;
        }
        (_parameter, _fixed) = (new int[Counts.Length], new double[Counts.Length]);
        _fixed[0] = 1;
        Parameters = 2;
        for (var j = 1; j < Counts.Length; j++)
        {
            _parameter[j] = Counts[j] > 0 ? Parameters++ : 0;
        }
        (_b, _share, _slopes) = (new double[Counts.Length], new double[Parameters], new double[Counts.Length, 2]);
    }

    /// <summary>Effects in each interval.</summary>
    public int[] Counts { get; }

    public int Parameters { get; }

    public double Weight(int interval, double[] x) => _parameter[interval] > 0 ? Math.Exp(x[_parameter[interval]]) : _fixed[interval];

    /// <summary>A start: at each μ and τ² the weights are seen over expected numbers.</summary>
    public double[] Start(double mu, double tau2)
    {
        var expected = new double[Counts.Length];
        for (var i = 0; i < _y.Length; i++)
        {
            var (before, s) = (0.0, Math.Sqrt(_v[i] + tau2));
            for (var j = 0; j < Counts.Length; j++)
            {
                var b = j < _z.Length ? Normal.UpperTail((Math.Sqrt(_v[i]) * _z[j] - mu) / s) : 1;
                expected[j] += b - before;
                before = b;
            }
        }
        var x = new double[Parameters];
        (x[0], x[1]) = (mu, tau2);
        for (var j = 1; j < Counts.Length; j++)
        {
            if (_parameter[j] > 0)
            {
                x[_parameter[j]] = Math.Clamp(Math.Log(Counts[j] / expected[j] * expected[0] / Counts[0]), -8, 8);
            }
        }
        return x;
    }

    /// <summary>The local maximum uphill from a start; null when there is none within reach.</summary>
    public LikelihoodMode? MaximiseFrom(double[] start, double reach)
    {
        var n = Parameters;
        var (x, trial) = ((double[])start.Clone(), new double[n]);
        var (gradient, step, hessian) = (new double[n], new double[n], new double[n, n]);
        var value = Evaluate(x, gradient, hessian);
        for (var iteration = 1; iteration <= MaximumIterations; iteration++)
        {
            var held = x[1] == 0 && gradient[1] <= 0;
            if (!double.IsFinite(value) || Math.Abs(x[0]) > reach || x[1] > reach * reach)
            {
                return null;
            }
            var definite = Direction(hessian, gradient, held, step);
            var rise = VectorMath.Dot(gradient, step);
            if (definite && rise < 1e-12)
            {
                Move(x, step, 1, trial); // so near, Newton's step is better than any comparison of likelihoods
                var last = Evaluate(trial, gradient, hessian);
                held = trial[1] == 0 && gradient[1] <= 0;
                if (double.IsFinite(last) && (rise < 1e-20 || iteration == MaximumIterations || Rise(hessian, gradient, held, step) >= rise))
                {
                    return new LikelihoodMode([.. trial], last, Variance(hessian, held), iteration);
                }
                ((x, trial), value) = ((trial, x), last);
                continue;
            }
            var scale = 1.0;
            var next = double.NegativeInfinity;
            while (scale > 1e-12)
            {
                Move(x, step, scale, trial);
                next = Evaluate(trial, null, null);
                if (next > value + 1e-4 * Gain(gradient, x, trial))
                {
                    break;
                }
                scale /= 2;
            }
            if (scale <= 1e-12)
            {
                return definite && rise < 1e-9 ? new LikelihoodMode(x, value, Variance(hessian, held), iteration) : null;
            }
            (x, trial) = (trial, x);
            value = Evaluate(x, gradient, hessian);
        }
        return null;
    }

    private static double Gain(double[] gradient, double[] from, double[] to)
    {
        var gain = 0.0;
        for (var a = 0; a < from.Length; a++)
        {
            gain += gradient[a] * (to[a] - from[a]);
        }
        return Math.Max(0, gain);
    }

    /// <summary>x + scale·step, τ² not below 0 and weights not changed more than e² at once.</summary>
    private static void Move(double[] x, double[] step, double scale, double[] to)
    {
        for (var a = 0; a < x.Length; a++)
        {
            to[a] = a == 1 ? Math.Max(0, x[1] + scale * step[1]) : x[a] + scale * (a > 1 ? Math.Clamp(step[a], -2, 2) : step[a]);
        }
    }

    private static double Rise(double[,] hessian, double[] gradient, bool held, double[] step) =>
        Direction(hessian, gradient, held, step) ? VectorMath.Dot(gradient, step) : double.PositiveInfinity;

    /// <summary>(−H + λD)⁻¹g with the smallest λ of a ladder that makes the matrix definite. True when that is 0.</summary>
    private static bool Direction(double[,] hessian, double[] gradient, bool held, double[] step)
    {
        for (var lambda = 0.0; lambda < LargestDamping; lambda = lambda == 0 ? 1e-3 : 4 * lambda)
        {
            if (Factor(hessian, held, lambda) is { } factor)
            {
                gradient.CopyTo(step, 0);
                step[1] = held ? 0 : step[1];
                Solve(factor, step);
                return lambda == 0;
            }
        }
        Array.Clear(step); // derivatives overflow: there is nowhere to go
        return false;
    }

    private static double Variance(double[,] hessian, bool held)
    {
        var unit = new double[hessian.GetLength(0)];
        unit[0] = 1;
        if (Factor(hessian, held, 0) is not { } factor)
        {
            return double.NaN;
        }
        Solve(factor, unit);
        return unit[0];
    }

    /// <summary>Cholesky's factor of −H + λ|diag H|, with τ² left out when it is held; null when it is not positive definite.</summary>
    private static double[,]? Factor(double[,] hessian, bool held, double lambda)
    {
        var n = hessian.GetLength(0);
        var l = new double[n, n];
        for (var a = 0; a < n; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var sum = held && (a == 1 || b == 1) ? (a == b ? 1 : 0) : -hessian[a, b] + (a == b ? lambda * (Math.Abs(hessian[a, a]) + Tiny) : 0);
                var size = Math.Abs(sum);
                for (var c = 0; c < b; c++)
                {
                    sum -= l[a, c] * l[b, c];
                }
                if (a == b && !(sum > 1e-13 * size))
                {
                    return null;
                }
                l[a, b] = a == b ? Math.Sqrt(sum) : sum / l[b, b];
            }
        }
        return l;
    }

    private static void Solve(double[,] l, double[] x)
    {
        var n = x.Length;
        for (var a = 0; a < n; a++)
        {
            for (var b = 0; b < a; b++)
            {
                x[a] -= l[a, b] * x[b];
            }
            x[a] /= l[a, a];
        }
        for (var a = n - 1; a >= 0; a--)
        {
            for (var b = a + 1; b < n; b++)
            {
                x[a] -= l[b, a] * x[b];
            }
            x[a] /= l[a, a];
        }
    }

    /// <summary>The log-likelihood, with its derivatives when asked; −∞ where an effect could hardly be seen at all.</summary>
    private double Evaluate(double[] x, double[]? gradient, double[,]? hessian)
    {
        var (mu, tau2) = (x[0], x[1]);
        Span<double> delta = stackalloc double[Counts.Length];
        CancellationScope.ThrowIfCancelled();
        for (var j = 0; j < delta.Length; j++)
        {
            delta[j] = Weight(j, x);
        }
        if (gradient is not null)
        {
            Array.Clear(gradient);
            Array.Clear(hessian!);
        }
        var sum = 0.0;
        for (var i = 0; i < _y.Length; i++)
        {
            var s2 = _v[i] + tau2;
            var (s, sei) = (Math.Sqrt(s2), Math.Sqrt(_v[i]));
            double a = 0, am = 0, at = 0, amm = 0, amt = 0, att = 0, before = 0, beforeM = 0, beforeT = 0;
            for (var j = 0; j < delta.Length; j++)
            {
                double b = 1, bm = 0, bt = 0;
                if (j < _z.Length)
                {
                    var u = (sei * _z[j] - mu) / s;
                    b = Normal.UpperTail(u);
                    if (gradient is not null)
                    {
                        var jump = delta[j] - delta[j + 1];
                        var phi = Math.Exp(Normal.LogDensity(u));
                        (bm, bt) = (phi / s, phi * u / (2 * s2));
                        amm += jump * phi * u / s2;
                        amt += jump * phi * (u * u - 1) / (2 * s2 * s);
                        att += jump * phi * u * (u * u - 3) / (4 * s2 * s2);
                    }
                }
                _b[j] = b - before;
                a += delta[j] * _b[j];
                if (gradient is not null)
                {
                    (_slopes[j, 0], _slopes[j, 1]) = (bm - beforeM, bt - beforeT);
                    am += delta[j] * _slopes[j, 0];
                    at += delta[j] * _slopes[j, 1];
                }
                (before, beforeM, beforeT) = (b, bm, bt);
            }
            if (!(a > Tiny))
            {
                return double.NegativeInfinity;
            }
            var r = _y[i] - mu;
            var own = _parameter[_interval[i]];
            sum += Normal.LogDensity(r / s) - Math.Log(s) + (own > 0 ? x[own] : 0) - Math.Log(a);
            if (gradient is null)
            {
                continue;
            }
            var (gm, gt) = (am / a, at / a);
            gradient[0] += r / s2 - gm;
            gradient[1] += (r * r / s2 - 1) / (2 * s2) - gt;
            hessian![0, 0] += -1 / s2 - amm / a + gm * gm;
            hessian[1, 0] += -r / (s2 * s2) - amt / a + gm * gt;
            hessian[1, 1] += (0.5 - r * r / s2) / (s2 * s2) - att / a + gt * gt;
            if (own > 0)
            {
                gradient[own]++;
            }
            for (var j = 1; j < delta.Length; j++)
            {
                var c = _parameter[j];
                if (c == 0)
                {
                    continue;
                }
                _share[c] = delta[j] * _b[j] / a;
                gradient[c] -= _share[c];
                hessian[c, 0] += _share[c] * gm - delta[j] * _slopes[j, 0] / a;
                hessian[c, 1] += _share[c] * gt - delta[j] * _slopes[j, 1] / a;
                hessian[c, c] -= _share[c];
                for (var d = 2; d <= c; d++)
                {
                    hessian[c, d] += _share[c] * _share[d];
                }
            }
        }
        return sum;
    }
}
