namespace RealRelationship.Statistics;

/// <summary>A step in three variances.</summary>
/// <param name="Change">Of each.</param>
/// <param name="Gain">What the slope promises.</param>
/// <param name="IsExact">True for Newton's, false for Fisher's.</param>
internal sealed record FourLevelStep(double[] Change, double Gain, bool IsExact) : ILikelihoodStep
{
    private const int N = RandomVariances.Count;

    public double Size => Change.Sum(Math.Abs);

    /// <summary>The step to the top of the quadratic over variances that are free and not held at 0 by a falling likelihood. One that would become negative
    /// ends at 0, and the others go to the top with it there.</summary>
    public static FourLevelStep Of(FourLevelPoint point, bool[] free)
    {
        bool[] moves = [.. free.Select((isFree, i) => isFree && (point.Variances[i] > 0 || point.Gradient[i] > 0))];
        double[] minusHessian = [.. point.Hessian.Select(h => -h)];
        var (change, isExact) = (new double[N], IsPositive(minusHessian, moves));
        var curvature = isExact ? minusHessian : point.Information;
        bool[] isOpen = [.. moves];
        while (true)
        {
            Solve(point, curvature, isOpen, change);
            var (worst, least) = (-1, -1e-15);
            for (var i = 0; i < N; i++)
            {
                var excess = point.Variances[i] + change[i];
                if (isOpen[i] && excess < least * point.Variances.Total)
                {
                    (worst, least) = (i, excess / point.Variances.Total);
                }
            }
            if (worst < 0)
            {
                return new(change, change.Zip(point.Gradient, (c, g) => c * g).Sum(), isExact);
            }
            (isOpen[worst], change[worst]) = (false, -point.Variances[worst]);
        }
    }

    /// <summary>Moves what is open to the top of the quadratic, given the changes of the others.</summary>
    private static void Solve(FourLevelPoint point, double[] curvature, bool[] isOpen, double[] change)
    {
        int[] open = [.. Enumerable.Range(0, N).Where(i => isOpen[i])];
        double[] target = [.. open.Select(i => point.Gradient[i]
            - Enumerable.Range(0, N).Where(j => !isOpen[j]).Sum(j => curvature[(i * N) + j] * change[j]))];
        var matrix = Submatrix(curvature, open);
        if (SymmetricMatrix.Cholesky(matrix, open.Length))
        {
            SymmetricMatrix.SolveLower(matrix, open.Length, target, 1);
            SymmetricMatrix.SolveUpper(matrix, open.Length, target, 1);
        }
        else
        {
            for (var a = 0; a < open.Length; a++)
            {
                target[a] /= open.Length * curvature[(open[a] * N) + open[a]];
            }
        }
        foreach (var (a, i) in open.Index())
        {
            change[i] = target[a];
        }
    }

    private static bool IsPositive(double[] matrix, bool[] of)
    {
        int[] rows = [.. Enumerable.Range(0, N).Where(i => of[i])];
        var (part, scale) = (Submatrix(matrix, rows), 1e-12);
        for (var a = 0; a < rows.Length; a++)
        {
            part[(a * rows.Length) + a] *= 1 - scale;
        }
        return SymmetricMatrix.Cholesky(part, rows.Length);
    }

    private static double[] Submatrix(double[] matrix, int[] rows) => [.. rows.SelectMany(i => rows.Select(j => matrix[(i * N) + j]))];
}
