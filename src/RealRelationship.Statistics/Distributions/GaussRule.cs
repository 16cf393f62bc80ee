namespace RealRelationship.Statistics;

/// <summary>Gauss quadrature of a measure that many nodes give: n nodes integrate every polynomial of degree 2n − 1 as the many do.</summary>
/// <remarks>The recurrence of the orthogonal polynomials by Stieltjes' procedure, and the nodes as eigenvalues of its tridiagonal matrix, by QL steps that
/// carry the first components of the eigenvectors (Gautschi 2004, Orthogonal Polynomials, 2.2.3 and 3.1.1; Golub and Welsch 1969, Mathematics of
/// Computation 23, 221–230).</remarks>
internal static class GaussRule
{
    /// <param name="nodes">Nodes of the measure.</param>
    /// <param name="weights">Their weights, positive.</param>
    /// <param name="count">Number of nodes of the rule, well below that of the measure.</param>
    /// <returns>The nodes of the rule and their weights, whose sum is that of the measure.</returns>
    public static (double Node, double Weight)[] Of(ReadOnlySpan<double> nodes, ReadOnlySpan<double> weights, int count)
    {
        var (diagonal, beside, first) = (new double[count], new double[count], new double[count]);
        var total = Recurrence(nodes, weights, diagonal, beside);
        first[0] = 1;
        TridiagonalEigen.Diagonalise([first], diagonal, beside);
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
}
