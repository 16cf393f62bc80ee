namespace RealRelationship.Statistics;

/// <summary>Gauss quadrature of a measure that many nodes give: n nodes integrate every polynomial of degree 2n − 1 as the many do.</summary>
/// <remarks>The recurrence of the orthogonal polynomials by Stieltjes' procedure, and the nodes as eigenvalues of its tridiagonal matrix, by implicit QL steps
/// that carry the first components of the eigenvectors (Gautschi 2004, Orthogonal Polynomials, 2.2.3 and 3.1.1; Golub and Welsch 1969, Mathematics of
/// Computation 23, 221–230).</remarks>
internal static class GaussRule
{
    private const int MaxSteps = 60;
    private const double Epsilon = 2.220446049250313e-16;

    /// <param name="nodes">Nodes of the measure.</param>
    /// <param name="weights">Their weights, positive.</param>
    /// <param name="count">Number of nodes of the rule, well below that of the measure.</param>
    /// <returns>The nodes of the rule and their weights, whose sum is that of the measure.</returns>
    public static (double Node, double Weight)[] Of(ReadOnlySpan<double> nodes, ReadOnlySpan<double> weights, int count)
    {
        var (diagonal, beside, first) = (new double[count], new double[count], new double[count]);
        var total = Recurrence(nodes, weights, diagonal, beside);
        first[0] = 1;
        Diagonalise(diagonal, beside, first);
        var rule = new (double, double)[count];
        for (var i = 0; i < count; i++)
        {
            rule[i] = (diagonal[i], total * first[i] * first[i]);
        }
        return rule;
    }

    /// <summary>The tridiagonal matrix of the orthonormal polynomials, whose values at the nodes are multiplied by the root of the weights.</summary>
    private static double Recurrence(ReadOnlySpan<double> nodes, ReadOnlySpan<double> weights, double[] diagonal, double[] beside)
    {
        var (before, current, total) = (new double[nodes.Length], new double[nodes.Length], 0.0);
        foreach (var weight in weights)
        {
            total += weight;
        }
        for (var j = 0; j < nodes.Length; j++)
        {
            current[j] = Math.Sqrt(weights[j] / total);
        }
        for (var i = 0; i < diagonal.Length; i++)
        {
            CancellationScope.ThrowIfCancelled();
            var (mean, square) = (0.0, 0.0);
            for (var j = 0; j < nodes.Length; j++)
            {
                mean += nodes[j] * current[j] * current[j];
            }
            var back = i == 0 ? 0 : beside[i - 1];
            for (var j = 0; j < nodes.Length; j++)
            {
                var next = (nodes[j] - mean) * current[j] - back * before[j];
                (before[j], current[j]) = (current[j], next);
                square += next * next;
            }
            (diagonal[i], beside[i]) = (mean, i == diagonal.Length - 1 ? 0 : Math.Sqrt(square));
            for (var j = 0; j < nodes.Length; j++)
            {
                current[j] /= beside[i];
            }
        }
        return total;
    }

    private static void Diagonalise(double[] d, double[] e, double[] first)
    {
        var n = d.Length;
        for (var l = 0; l < n; l++)
        {
            for (var steps = 0; steps < MaxSteps; steps++)
            {
                var m = l;
                while (m < n - 1 && Math.Abs(e[m]) > Epsilon * (Math.Abs(d[m]) + Math.Abs(d[m + 1])))
                {
                    m++;
                }
                if (m == l)
                {
                    break;
                }
                Step(d, e, first, l, m);
            }
        }
    }

    private static void Step(double[] d, double[] e, double[] first, int l, int m)
    {
        var g = (d[l + 1] - d[l]) / (2 * e[l]);
        g = d[m] - d[l] + e[l] / (g + Math.CopySign(double.Hypot(g, 1), g));
        var (s, c, p) = (1.0, 1.0, 0.0);
        for (var i = m - 1; i >= l; i--)
        {
            var (f, b) = (s * e[i], c * e[i]);
            var r = double.Hypot(f, g);
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }
            (s, c) = (f / r, g / r);
            g = d[i + 1] - p;
            r = (d[i] - g) * s + 2 * c * b;
            p = s * r;
            d[i + 1] = g + p;
            g = c * r - b;
            f = first[i + 1];
            first[i + 1] = s * first[i] + c * f;
            first[i] = c * first[i] - s * f;
        }
        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }
}
