using System.Numerics;

namespace RealRelationship.Statistics;

/// <summary>The statistics of a regression, of the omnibus test and of each coefficient, when the rows of its design are permuted.</summary>
/// <remarks>
/// Effects and variances are not permuted, so that the weights at one τ² are the same for all permutations: for ML and REML every sum over a permuted
/// row is an inner product with a vector computed once.
/// 1. The columns are made orthonormal, which changes neither τ² nor the statistic; rows are stored as products of columns.
/// 2. The score is scanned on the grid of <see cref="Likelihood"/>, which is the same for every permutation.
/// 3. A single maximum is polished; with several maxima, with weights too unequal for normal equations, and for other estimators, the regression is
/// refitted from scratch.
/// </remarks>
internal sealed partial class PermutedDesign
{
    private const double GridRatio = 1.25;
    private const double LargestRatio = 1e6; // of variances, for normal equations
    private const double Rounding = 1.4901161193847656e-8; // metafor's: √2⁻⁵²
    private const double RelativeRounding = 1e-10;
    private const double RoundingOfSums = 1e-12; // of a sum of squares

    private readonly double[] _y;
    private readonly double[] _v;
    private readonly double _mean;
    private readonly double[] _centred;
    private readonly DesignMatrix _design;
    private readonly ModelOptions _options;
    private readonly int _p;
    private readonly double[][] _products; // of two columns, the later one first: (1,0), (1,1), (2,0) …
    private readonly double[][] _permuted;
    private readonly PermutationWeights[] _grid;
    private readonly PermutationWeights _free;
    private readonly double[,] _a; // X′WX, then its Cholesky factor
    private readonly double[,] _b; // X′W²X
    private readonly double[] _g; // X′Wy, then whitened
    private readonly double[] _h; // X′W²y
    private readonly double[] _beta;

    public PermutedDesign(double[] y, double[] v, DesignMatrix design, ModelOptions options)
    {
        (_y, _v, _design, _options, _p) = (y, v, design, options, design.Columns);
        var model = new LinearModel(y, v, design); // throws when columns are dependent
        var means = new LinearModel(y, v);
        var mean = means.Solve(0).Coefficients[0];
        (_mean, _centred) = (mean, [.. y.Select(yi => yi - mean)]);
        (_products, _combinations) = Products(design);
        _permuted = [.. _products.Select(_ => new double[y.Length])];
        (_a, _b, _g, _h, _beta) = (new double[_p, _p], new double[_p, _p], new double[_p], new double[_p], new double[_p]);
        _free = new PermutationWeights(y.Length);
        var fast = options.Estimator is TauSquaredEstimator.RestrictedMaximumLikelihood or TauSquaredEstimator.MaximumLikelihood
            && model.DegreesOfFreedom >= 1 && model.LargestVariance <= LargestRatio * model.SmallestVariance;
        _grid = fast ? [.. Grid(means, model.DegreesOfFreedom).Select(tau2 => new PermutationWeights(y.Length).At(tau2, _v, _centred))] : [];
    }

    private bool Restricted => _options.Estimator == TauSquaredEstimator.RestrictedMaximumLikelihood;

    /// <summary>QM over the Knapp–Hartung multiplier, then t² of each coefficient. Row i of the design becomes the one of number rows[i].</summary>
    public void Compute(ReadOnlySpan<int> rows, Span<double> statistics)
    {
        if (_grid.Length == 0)
        {
            Refit(rows, statistics);
            return;
        }
        for (var f = 0; f < _products.Length; f++)
        {
            var (from, to) = (_products[f], _permuted[f]);
            for (var i = 0; i < rows.Length; i++)
            {
                to[i] = from[rows[i]];
            }
        }
        if (SingleMode() is { } tau2)
        {
            Compute(_free.At(tau2, _v, _centred), statistics);
        }
        else
        {
            Refit(rows, statistics);
        }
    }

    /// <summary>Where the likelihood is largest, if the scan finds a single maximum.</summary>
    private double? SingleMode()
    {
        var left = Score(_grid[0]);
        double? mode = left <= 0 ? 0 : null;
        for (var i = 1; i < _grid.Length; i++)
        {
            var right = Score(_grid[i]);
            if (left > 0 && right <= 0)
            {
                if (mode is not null)
                {
                    return null;
                }
                mode = Polish(_grid[i - 1].TauSquared, left, _grid[i].TauSquared, right);
            }
            left = right;
        }
        return mode;
    }

    /// <summary>Illinois steps inside a bracket.</summary>
    private double Polish(double a, double fa, double b, double fb)
    {
        for (var i = 0; i < 60 && fb != 0 && Math.Abs(b - a) > 1e-13 * Math.Max(a, b); i++)
        {
            var c = b - fb * (b - a) / (fb - fa);
            if (Math.Abs(c - b) <= 1e-12 * c)
            {
                return c;
            }
            var fc = Score(_free.At(c, _v, _centred));
            (a, fa) = fc * fb <= 0 ? (b, fb) : (a, fa / 2);
            (b, fb) = (c, fc);
        }
        return b;
    }

    /// <summary>y′PPy less tr P (REML) or tr W (ML).</summary>
    private double Score(PermutationWeights w)
    {
        Decompose(w, squares: true);
        for (var a = _p - 1; a >= 0; a--)
        {
            _beta[a] = _g[a];
            for (var b = a + 1; b < _p; b++)
            {
                _beta[a] -= _a[b, a] * _beta[b];
            }
            _beta[a] /= _a[a, a];
        }
        var yppy = w.SumW2YY;
        for (var a = 0; a < _p; a++)
        {
            var row = 0.0;
            for (var b = 0; b < _p; b++)
            {
                row += _b[a, b] * _beta[b];
            }
            yppy += _beta[a] * (row - 2 * _h[a]);
        }
        return yppy - (Restricted ? w.SumW - TraceOfRatio() : w.SumW);
    }

    private void Compute(PermutationWeights w, Span<double> statistics)
    {
        Decompose(w, squares: false);
        double explained = 0, df = _y.Length - _p;
        for (var a = 1; a < _p; a++)
        {
            explained += _g[a] * _g[a];
        }
        var meanSquare = Math.Max(0, w.SumWYY - _g[0] * _g[0] - explained) / df;
        var multiplier = _options.Test switch
        {
            CoefficientTest.KnappHartung => meanSquare,
            CoefficientTest.KnappHartungAdHoc => Math.Max(1, meanSquare),
            _ => 1,
        };
        statistics[0] = Ratio(explained, multiplier);
        Coefficients(multiplier, statistics[1..]);
    }

    /// <summary>X′WX = LL′ and L⁻¹X′Wy; with the squares X′W²X and X′W²y as well.</summary>
    private void Decompose(PermutationWeights w, bool squares)
    {
        var x0 = 1 / Math.Sqrt(_y.Length); // the intercept, of length 1
        (_a[0, 0], _b[0, 0], _g[0], _h[0]) = (w.SumW * x0 * x0, w.SumW2 * x0 * x0, w.SumWY * x0, w.SumW2Y * x0);
        for (int a = 1, f = 0; a < _p; a++)
        {
            for (var b = 0; b <= a; b++, f++)
            {
                var product = _permuted[f];
                (_a[a, b], _b[a, b]) = Dot(product, w.W, squares ? w.W2 : w.W);
                _b[b, a] = _b[a, b];
                if (b == 0)
                {
                    (_g[a], _h[a]) = Dot(product, w.WY, squares ? w.W2Y : w.WY);
                    (_g[a], _h[a]) = (_g[a] / x0, _h[a] / x0);
                }
            }
        }
        for (var a = 0; a < _p; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                for (var c = 0; c < b; c++)
                {
                    _a[a, b] -= _a[a, c] * _a[b, c];
                }
                _a[a, b] = a == b ? Math.Sqrt(_a[a, a]) : _a[a, b] / _a[b, b];
            }
            for (var c = 0; c < a; c++)
            {
                _g[a] -= _a[a, c] * _g[c];
            }
            _g[a] /= _a[a, a];
        }
    }

    /// <summary>tr (X′WX)⁻¹X′W²X: the diagonal of L⁻¹BL⁻ᵀ. B is overwritten after <see cref="Score"/> has used it.</summary>
    private double TraceOfRatio()
    {
        for (var column = 0; column < _p; column++)
        {
            for (var a = 0; a < _p; a++)
            {
                for (var c = 0; c < a; c++)
                {
                    _b[a, column] -= _a[a, c] * _b[c, column];
                }
                _b[a, column] /= _a[a, a];
            }
        }
        var trace = 0.0;
        for (var row = 0; row < _p; row++)
        {
            for (var a = 0; a <= row; a++)
            {
                for (var c = 0; c < a; c++)
                {
                    _b[row, a] -= _a[a, c] * _b[row, c];
                }
                _b[row, a] /= _a[a, a];
            }
            trace += _b[row, row];
        }
        return trace;
    }

    /// <summary>Products of the orthonormal columns Q, X = QR, and the rows of R⁻¹.</summary>
    private static (double[][] Products, double[][] Combinations) Products(DesignMatrix design)
    {
        var (columns, r) = (new double[design.Columns][], new double[design.Columns][]);
        for (var j = 0; j < columns.Length; j++)
        {
            (columns[j], r[j]) = (design.Column(j).ToArray(), new double[design.Columns]);
            VectorMath.Orthogonalise(columns[j], columns, j, r[j]);
        }
        var products = new List<double[]>();
        for (var a = 1; a < columns.Length; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                products.Add([.. columns[a].Zip(columns[b], (x, z) => x * z)]);
            }
        }
        var inverse = TriangularMatrix.Invert(r);
        return ([.. products], [.. Enumerable.Range(0, columns.Length).Select(j => inverse.Select(column => column[j]).ToArray())]);
    }

    /// <summary>From 0 to a bound above which the score is negative whatever the permutation:
    /// the residual sum of squares is never above that about the mean.</summary>
    private static IEnumerable<double> Grid(LinearModel means, int df)
    {
        var s = means.ResidualSumOfSquares / df;
        var upper = s / 2 * (1 + Math.Sqrt(1 + 4 * means.LargestVariance / s)) * (1 + 1e-9);
        yield return 0;
        for (var tau2 = means.SmallestVariance / 4; tau2 < upper; tau2 *= GridRatio)
        {
            yield return tau2;
        }
        if (upper > 0)
        {
            yield return upper;
        }
    }

    /// <summary>Two inner products at once, in two parts each, so that no sum waits for the one before it.</summary>
    private static (double, double) Dot(double[] a, double[] b, double[] c)
    {
        var (b0, b1, c0, c1) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
        var (i, width) = (0, Vector<double>.Count);
        for (; i <= a.Length - 2 * width; i += 2 * width)
        {
            var (x0, x1) = (new Vector<double>(a, i), new Vector<double>(a, i + width));
            b0 += x0 * new Vector<double>(b, i);
            b1 += x1 * new Vector<double>(b, i + width);
            c0 += x0 * new Vector<double>(c, i);
            c1 += x1 * new Vector<double>(c, i + width);
        }
        var (sumB, sumC) = (Vector.Sum(b0 + b1), Vector.Sum(c0 + c1));
        for (; i < a.Length; i++)
        {
            sumB += a[i] * b[i];
            sumC += a[i] * c[i];
        }
        return (sumB, sumC);
    }
}
