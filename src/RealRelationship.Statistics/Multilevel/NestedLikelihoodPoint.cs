using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>Weighted least squares at one pair of variances, on the basis of <see cref="NestedData"/>.</summary>
/// <param name="Gamma">Coefficients.</param>
/// <param name="Covariance">(X′M⁻¹X)⁻¹, row by row.</param>
/// <param name="Information">X′M⁻¹X.</param>
/// <param name="LogInformation">ln|X′M⁻¹X|.</param>
/// <param name="Q">y′Py.</param>
internal sealed record NestedSolution(double[] Gamma, double[] Covariance, double[] Information, double LogInformation, double Q);

/// <summary>Terms of <see cref="NestedLikelihood"/> for one sample at one σ_w².</summary>
/// <param name="Effects">m.</param>
/// <param name="SumW">Σw.</param>
/// <param name="Mean">s̄.</param>
/// <param name="SumC">Σw(s − s̄)²; 0 when there is no slope.</param>
/// <param name="LogD">Σ ln d.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CondensedSample(int Effects, double SumW, double Mean, double SumC, double LogD)
{
    /// <summary>N⁻¹.</summary>
    public Symmetric2x2 Invert(double between, double rho)
    {
        if (SumC == 0)
        {
            return new Symmetric2x2(1 / (1 / SumW + between + rho * Mean * Mean), 0, 0);
        }
        var determinant = (1 / SumW + between) * (1 / SumC + rho) + rho * Mean * Mean / SumC;
        return new Symmetric2x2((1 / SumC + rho) / determinant, -rho * Mean / determinant, (1 / SumW + between + rho * Mean * Mean) / determinant);
    }

    /// <summary>|M|/|D|, at least 1.</summary>
    public double Determinant(double between, double rho) => (1 + SumW * between) * (1 + rho * SumC) + SumW * rho * Mean * Mean;

    /// <summary>tr M⁻¹ and tr M⁻² from M⁻¹ = A + R N⁻¹ R′, A = W − ww′/Σw − (wc)(wc)′/Σwc², R = [w/Σw, wc/Σwc²].</summary>
    public (double Trace, double TraceOfSquare) Traces(in Symmetric2x2 n, ReadOnlySpan<double> w, ReadOnlySpan<double> c)
    {
        if (Effects == 1)
        {
            return (n.A, n.A * n.A);
        }
        double s2 = 0, s2c = 0, s2cc = 0, s3 = 0, s3c = 0, s3cc = 0;
        var (x, y) = (1 / SumW, SumC > 0 ? 1 / SumC : 0);
        for (var i = 0; i < Effects; i++)
        {
            var (w2, ci) = (w[i] * w[i], y > 0 ? c[i] : 0);
            s2 += w2;
            s2c += w2 * ci;
            s2cc += w2 * ci * ci;
            s3 += w2 * w[i];
            s3c += w2 * w[i] * ci;
            s3cc += w2 * w[i] * ci * ci;
        }
        var (r11, r12, r22) = (s2 * x * x, s2c * x * y, s2cc * y * y);
        var a11 = s3 * x * x - s2 * s2 * x * x * x - s2c * s2c * x * x * y;
        var a12 = s3c * x * y - s2 * s2c * x * x * y - s2c * s2cc * x * y * y;
        var a22 = s3cc * y * y - s2c * s2c * x * y * y - s2cc * s2cc * y * y * y;
        var aa = s2 - 2 * (s3 * x + s3cc * y) + s2 * s2 * x * x + 2 * s2c * s2c * x * y + s2cc * s2cc * y * y;
        var (p, q, r, s) = (n.A * r11 + n.B * r12, n.A * r12 + n.B * r22, n.B * r11 + n.C * r12, n.B * r12 + n.C * r22); // N⁻¹R′R
        return (SumW - s2 * x - s2cc * y + n.A * r11 + 2 * n.B * r12 + n.C * r22, aa + 2 * (n.A * a11 + 2 * n.B * a12 + n.C * a22) + p * p + 2 * q * r + s * s);
    }
}

/// <summary>[A, B; B, C].</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Symmetric2x2(double A, double B, double C);

/// <summary>Sums over samples for the derivatives of the likelihood. Matrices are of the columns and the residual, lower triangles row by row.</summary>
internal sealed class NestedSums(int width)
{
    private readonly double[] _inner = new double[width];

    /// <summary>a′M⁻¹b.</summary>
    public double[] Cross { get; } = new double[width * width];

    /// <summary>a′M⁻²b.</summary>
    public double[] Square { get; } = new double[width * width];

    /// <summary>a′M⁻³b.</summary>
    public double[] Second { get; } = new double[width * width];

    /// <summary>Σ (1′M⁻¹a)(1′M⁻¹b).</summary>
    public double[] Ones { get; } = new double[width * width];

    /// <summary>Σ (1′M⁻¹1)(1′M⁻¹a)(1′M⁻¹b).</summary>
    public double[] WeightedOnes { get; } = new double[width * width];

    /// <summary>Σ (1′M⁻¹a)(1′M⁻²b), made symmetric.</summary>
    public double[] Mixed { get; } = new double[width * width];

    public int Width => width;

    /// <summary>Σ 1′M⁻¹1.</summary>
    public double TraceBetween { get; set; }

    /// <summary>tr M⁻¹.</summary>
    public double TraceWithin { get; set; }

    /// <summary>Σ (1′M⁻¹1)².</summary>
    public double TraceBetweenBetween { get; set; }

    /// <summary>Σ 1′M⁻²1.</summary>
    public double TraceBetweenWithin { get; set; }

    /// <summary>tr M⁻².</summary>
    public double TraceWithinWithin { get; set; }

    /// <summary>Adds tr M⁻¹ and tr M⁻² of a sample.</summary>
    public void AddTraces(in CondensedSample sample, in Symmetric2x2 n, ReadOnlySpan<double> w, ReadOnlySpan<double> c)
    {
        var (trace, traceOfSquare) = sample.Traces(n, w, c);
        TraceWithin += trace;
        TraceWithinWithin += traceOfSquare;
    }

    /// <summary>The same of a turned sample, M⁻¹ = A + Wu N⁻¹ u′W/(u′Wu)² with A = W − Wuu′W/u′Wu.</summary>
    /// <param name="sample">The sample, <see cref="CondensedSample.SumW"/> of which is u′Wu.</param>
    /// <param name="n">N⁻¹.</param>
    /// <param name="w">Weights.</param>
    /// <param name="rows">Its rows, each of which begins with u.</param>
    public void AddTurnedTraces(in CondensedSample sample, in Symmetric2x2 n, ReadOnlySpan<double> w, ReadOnlySpan<double> rows)
    {
        double w1 = 0, w2 = 0, uu2 = 0, uu3 = 0;
        for (var i = 0; i < sample.Effects; i++)
        {
            var (wi, uu) = (w[i], rows[i * width] * rows[i * width]);
            w1 += wi;
            w2 += wi * wi;
            uu2 += wi * wi * uu;
            uu3 += wi * wi * wi * uu;
        }
        var x = 1 / sample.SumW;
        var (r, a) = (uu2 * x * x, uu3 * x * x - uu2 * uu2 * x * x * x); // R′R and R′AR, R = Wu/u′Wu
        TraceWithin += w1 - uu2 * x + n.A * r;
        TraceWithinWithin += w2 - 2 * uu3 * x + uu2 * uu2 * x * x + 2 * n.A * a + n.A * n.A * r * r;
    }

    /// <summary>Adds all traces.</summary>
    public void AddTraces(double between, double within, double betweenBetween, double betweenWithin, double withinWithin)
    {
        TraceBetween += between;
        TraceWithin += within;
        TraceBetweenBetween += betweenBetween;
        TraceBetweenWithin += betweenWithin;
        TraceWithinWithin += withinWithin;
    }

    /// <summary>Adds a sample's 1′M⁻¹a and M⁻¹a.</summary>
    public void AddSample(double[] ones, double[] z, int m)
    {
        Array.Clear(_inner);
        for (var i = 0; i < m * width; i += width)
        {
            CancellationScope.ThrowIfCancelled(i / width);
            for (var a = 0; a < width; a++)
            {
                var za = z[i + a];
                _inner[a] += z[i] * za;
                for (var b = 0; b <= a; b++)
                {
                    Square[a * width + b] += za * z[i + b];
                }
            }
        }
        for (var a = 0; a < width; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var product = ones[a] * ones[b];
                Ones[a * width + b] += product;
                WeightedOnes[a * width + b] += ones[0] * product;
                Mixed[a * width + b] += (ones[a] * _inner[b] + ones[b] * _inner[a]) / 2;
            }
        }
        AddTraces(ones[0], 0, ones[0] * ones[0], _inner[0], 0);
    }
}

/// <summary>The likelihood at one pair of variances, with first and second derivatives: with P = M⁻¹ − M⁻¹X(X′M⁻¹X)⁻¹X′M⁻¹ and V₁, V₂ the derivatives of M,
/// gradient ½(y′PVᵢPy − tr PVᵢ), Hessian ½ tr PVᵢPVⱼ − y′PVᵢPVⱼPy, information ½ tr PVᵢPVⱼ; in the traces M⁻¹ for P when not restricted.</summary>
internal sealed class NestedLikelihoodPoint : ILikelihoodPoint
{
    public NestedLikelihoodPoint(double between, double within, double logLikelihood, NestedSolution solution, NestedSums sums, bool restricted)
    {
        CancellationScope.ThrowIfCancelled();
        (Between, Within, LogLikelihood, Solution) = (between, within, logLikelihood, solution);
        var form = new ResidualForm(solution, sums.Width);
        var (ones, square) = (form.Reduce(sums.Ones), form.Reduce(sums.Square));
        double[] weighted = sums.WeightedOnes, mixed = sums.Mixed, second = sums.Second;
        TraceP = sums.TraceWithin - form.Trace(sums.Square);
        var (tb, tw) = (sums.TraceBetween, sums.TraceWithin);
        var (tbb, tbw, tww) = (sums.TraceBetweenBetween, sums.TraceBetweenWithin, sums.TraceWithinWithin);
        FullBetween = tbb / 2;
        FullWithin = tww / 2;
        if (restricted)
        {
            tb -= form.Trace(sums.Ones);
            tw = TraceP;
            tbb += form.Trace(ones, ones) - 2 * form.Trace(weighted);
            tbw += form.Trace(ones, square) - 2 * form.Trace(mixed);
            tww += form.Trace(square, square) - 2 * form.Trace(second);
        }
        GradientBetween = (ones.Quadratic - tb) / 2;
        GradientWithin = (square.Quadratic - tw) / 2;
        Information = new Symmetric2x2(Math.Max(0, tbb) / 2, tbw / 2, Math.Max(0, tww) / 2);
        Hessian = new Symmetric2x2(
            tbb / 2 - form.Quadratic(weighted) + form.Product(ones, ones),
            tbw / 2 - form.Quadratic(mixed) + form.Product(ones, square),
            tww / 2 - form.Quadratic(second) + form.Product(square, square));
    }

    public double Between { get; }

    public double Within { get; }

    public RandomVariances Variances => new(0, Between, Within);

    public double LogLikelihood { get; }

    public NestedSolution Solution { get; }

    public double GradientBetween { get; }

    public double GradientWithin { get; }

    public Symmetric2x2 Hessian { get; }

    /// <summary>Fisher's.</summary>
    public Symmetric2x2 Information { get; }

    /// <summary>½ Σ (1′M⁻¹1)²: the information on σ_b² if β were known.</summary>
    public double FullBetween { get; }

    /// <summary>½ tr M⁻².</summary>
    public double FullWithin { get; }

    /// <summary>tr P.</summary>
    public double TraceP { get; }

    /// <summary>X′AX, X′Ar and r′Ar of a matrix A of columns and residual, r = y − Xγ.</summary>
    internal sealed record Reduced(double[] Matrix, double[] Vector, double Quadratic);

    internal sealed class ResidualForm(NestedSolution solution, int width)
    {
        private readonly int _p = width - 1;
        private readonly double[] _covariance = solution.Covariance;
        private readonly double[] _kappa = [.. solution.Gamma.Select(g => -g), 1];

        public Reduced Reduce(double[] lower)
        {
            var (matrix, vector) = (new double[_p * _p], new double[_p]);
            for (var a = 0; a < _p; a++)
            {
                for (var b = 0; b < width; b++)
                {
                    var x = lower[Math.Max(a, b) * width + Math.Min(a, b)];
                    vector[a] += x * _kappa[b];
                    if (b < _p)
                    {
                        matrix[a * _p + b] = x;
                    }
                }
            }
            return new Reduced(matrix, vector, Quadratic(lower));
        }

        public double Quadratic(double[] lower)
        {
            var sum = 0.0;
            for (var a = 0; a < width; a++)
            {
                sum += _kappa[a] * _kappa[a] * lower[a * width + a];
                for (var b = 0; b < a; b++)
                {
                    sum += 2 * _kappa[a] * _kappa[b] * lower[a * width + b];
                }
            }
            return sum;
        }

        /// <summary>tr CA.</summary>
        public double Trace(double[] lower)
        {
            var sum = 0.0;
            for (var a = 0; a < _p; a++)
            {
                sum += _covariance[a * _p + a] * lower[a * width + a];
                for (var b = 0; b < a; b++)
                {
                    sum += 2 * _covariance[a * _p + b] * lower[a * width + b];
                }
            }
            return sum;
        }

        /// <summary>tr CACB.</summary>
        public double Trace(Reduced x, Reduced y)
        {
            var (cx, cy) = (Times(x.Matrix), Times(y.Matrix));
            var sum = 0.0;
            for (var a = 0; a < _p; a++)
            {
                for (var b = 0; b < _p; b++)
                {
                    sum += cx[a * _p + b] * cy[b * _p + a];
                }
            }
            return sum;
        }

        /// <summary>r′AX C X′Br.</summary>
        public double Product(Reduced x, Reduced y)
        {
            var sum = 0.0;
            for (var a = 0; a < _p; a++)
            {
                for (var b = 0; b < _p; b++)
                {
                    sum += x.Vector[a] * _covariance[a * _p + b] * y.Vector[b];
                }
            }
            return sum;
        }

        private double[] Times(double[] matrix)
        {
            var product = new double[_p * _p];
            for (var a = 0; a < _p; a++)
            {
                CancellationScope.ThrowIfCancelled();
                for (var b = 0; b < _p; b++)
                {
                    for (var c = 0; c < _p; c++)
                    {
                        product[a * _p + b] += _covariance[a * _p + c] * matrix[c * _p + b];
                    }
                }
            }
            return product;
        }
    }
}
