namespace RealRelationship.Statistics;

/// <summary>A local maximum of a likelihood.</summary>
/// <param name="Parameters">There.</param>
/// <param name="LogLikelihood">There.</param>
/// <param name="Covariance">Inverse of the observed information of the parameters that are not at a bound; NaN where it is not positive definite.</param>
/// <param name="AtBound">True for parameters whose bound keeps the likelihood from rising.</param>
/// <param name="Iterations">Steps taken.</param>
internal sealed record LikelihoodMode(double[] Parameters, double LogLikelihood, double[,] Covariance, bool[] AtBound, int Iterations);

/// <summary>A log-likelihood with two derivatives and its local maxima within bounds, by damped Newton steps on the parameters that no bound holds.</summary>
internal abstract class BoundedLikelihood
{
    private const int MaxIterations = 200;
    private const double LargestDamping = 1e12;
    private const double Tiny = 1e-280;

    /// <summary>Lower bounds; equal to the upper one for a parameter that is fixed.</summary>
    public abstract double[] Lower { get; }

    public abstract double[] Upper { get; }

    /// <summary>The largest step of each parameter at once.</summary>
    public abstract double[] LargestStep { get; }

    public int Parameters => Lower.Length;

    /// <summary>The log-likelihood, with its derivatives when asked; −∞ where an effect could hardly be observed at all.</summary>
    public abstract double Evaluate(double[] x, double[]? gradient, double[,]? hessian);

    /// <summary>The local maximum uphill from a start; null when there is none within reach.</summary>
    public LikelihoodMode? MaximiseFrom(double[] start, Func<double[], bool> isWithinReach)
    {
        var n = Parameters;
        var (x, trial) = ((double[])start.Clone(), new double[n]);
        var (gradient, step, hessian) = (new double[n], new double[n], new double[n, n]);
        var (gradientThere, hessianThere) = (new double[n], new double[n, n]);
        Move(x, step, 0, x);
        var value = Evaluate(x, gradient, hessian);
        for (var iteration = 1; iteration <= MaxIterations; iteration++)
        {
            if (!double.IsFinite(value) || !isWithinReach(x))
            {
                return null;
            }
            var definite = Direction(hessian, gradient, Held(x, gradient), step);
            var rise = VectorMath.Dot(gradient, step);
            if (definite && rise < 1e-12)
            {
                Move(x, step, 1, trial); // so near, Newton's step is better than any comparison of likelihoods
                var last = Evaluate(trial, gradient, hessian);
                var held = Held(trial, gradient);
                if (double.IsFinite(last) && (rise < 1e-20 || iteration == MaxIterations || Rise(hessian, gradient, held, step) >= rise))
                {
                    return new LikelihoodMode([.. trial], last, Covariance(hessian, held), held, iteration);
                }
                ((x, trial), value) = ((trial, x), last);
                continue;
            }
            // Most steps are taken whole, and need the derivatives where they end.
            Move(x, step, 1, trial);
            var whole = Evaluate(trial, gradientThere, hessianThere);
            if (whole > value + 1e-4 * Gain(gradient, x, trial))
            {
                ((x, trial), value) = ((trial, x), whole);
                ((gradient, gradientThere), (hessian, hessianThere)) = ((gradientThere, gradient), (hessianThere, hessian));
                continue;
            }
            var scale = 0.5;
            while (scale > 1e-12)
            {
                Move(x, step, scale, trial);
                if (Evaluate(trial, null, null) > value + 1e-4 * Gain(gradient, x, trial))
                {
                    break;
                }
                scale /= 2;
            }
            if (scale <= 1e-12)
            {
                var held = Held(x, gradient);
                return definite && rise < 1e-9 ? new LikelihoodMode(x, value, Covariance(hessian, held), held, iteration) : null;
            }
            (x, trial) = (trial, x);
            value = Evaluate(x, gradient, hessian);
        }
        return null;
    }

    private bool[] Held(double[] x, double[] gradient)
    {
        var held = new bool[x.Length];
        for (var a = 0; a < x.Length; a++)
        {
            held[a] = (x[a] <= Lower[a] && gradient[a] <= 0) || (x[a] >= Upper[a] && gradient[a] >= 0) || Lower[a] == Upper[a];
        }
        return held;
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

    /// <summary>x + scale·step within the bounds.</summary>
    private void Move(double[] x, double[] step, double scale, double[] to)
    {
        for (var a = 0; a < x.Length; a++)
        {
            to[a] = Math.Clamp(x[a] + scale * Math.Clamp(step[a], -LargestStep[a], LargestStep[a]), Lower[a], Upper[a]);
        }
    }

    private static double Rise(double[,] hessian, double[] gradient, bool[] held, double[] step) =>
        Direction(hessian, gradient, held, step) ? VectorMath.Dot(gradient, step) : double.PositiveInfinity;

    /// <summary>(−H + λD)⁻¹g with the smallest λ of a ladder that makes the matrix definite. True when that is 0.</summary>
    private static bool Direction(double[,] hessian, double[] gradient, bool[] held, double[] step)
    {
        for (var lambda = 0.0; lambda < LargestDamping; lambda = lambda == 0 ? 1e-3 : 4 * lambda)
        {
            if (Factor(hessian, held, lambda) is { } factor)
            {
                for (var a = 0; a < step.Length; a++)
                {
                    step[a] = held[a] ? 0 : gradient[a];
                }
                Solve(factor, step);
                return lambda == 0;
            }
        }
        Array.Clear(step); // derivatives overflow: there is nowhere to go
        return false;
    }

    /// <summary>Rows and columns of parameters at a bound are 0.</summary>
    private static double[,] Covariance(double[,] hessian, bool[] held)
    {
        var n = held.Length;
        var covariance = new double[n, n];
        var factor = Factor(hessian, held, 0);
        for (var a = 0; a < n; a++)
        {
            var unit = new double[n];
            unit[a] = held[a] ? 0 : 1;
            if (factor is not null)
            {
                Solve(factor, unit);
            }
            for (var b = 0; b < n; b++)
            {
                covariance[b, a] = factor is null ? double.NaN : unit[b];
            }
        }
        return covariance;
    }

    /// <summary>Cholesky's factor of −H + λ|diag H|, with held parameters left out; null when it is not positive definite.</summary>
    private static double[,]? Factor(double[,] hessian, bool[] held, double lambda)
    {
        var n = hessian.GetLength(0);
        var l = new double[n, n];
        for (var a = 0; a < n; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var sum = held[a] || held[b] ? (a == b ? 1 : 0) : -hessian[a, b] + (a == b ? lambda * (Math.Abs(hessian[a, a]) + Tiny) : 0);
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
}
