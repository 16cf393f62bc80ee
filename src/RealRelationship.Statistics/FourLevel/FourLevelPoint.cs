namespace RealRelationship.Statistics;

/// <summary>The likelihood at three variances, with first and second derivatives as <see cref="NestedLikelihoodPoint"/> has them for two. Matrices are row by
/// row.</summary>
internal sealed class FourLevelPoint : ILikelihoodPoint
{
    private const int N = RandomVariances.Count;

    public FourLevelPoint(RandomVariances variances, double logLikelihood, NestedSolution solution, FourLevelSums sums, bool restricted)
    {
        (Variances, LogLikelihood, Solution) = (variances, logLikelihood, solution);
        var form = new NestedLikelihoodPoint.ResidualForm(solution, sums.Width);
        var first = Array.ConvertAll(sums.First, form.Reduce);
        TraceP = sums.Trace[2] + sums.OfSamples.TraceWithin - form.Trace(sums.First[2]);
        for (var i = 0; i < N; i++)
        {
            var trace = sums.Trace[i] + (i == 2 ? sums.OfSamples.TraceWithin : 0);
            Gradient[i] = (first[i].Quadratic - (restricted ? trace - form.Trace(sums.First[i]) : trace)) / 2;
            for (var j = 0; j <= i; j++)
            {
                var second = sums.Second[FourLevelSums.Pair(i, j)];
                var pair = sums.TraceOfPair[FourLevelSums.Pair(i, j)] + (j == 2 ? sums.OfSamples.TraceWithinWithin : 0);
                Full[i] = pair / 2; // the last is that of i with itself
                if (restricted)
                {
                    pair += form.Trace(first[i], first[j]) - (2 * form.Trace(second));
                }
                pair = i == j ? Math.Max(0, pair) : pair;
                Information[(i * N) + j] = Information[(j * N) + i] = pair / 2;
                Hessian[(i * N) + j] = Hessian[(j * N) + i] = (pair / 2) - form.Quadratic(second) + form.Product(first[i], first[j]);
            }
        }
    }

    public RandomVariances Variances { get; }

    public double LogLikelihood { get; }

    public NestedSolution Solution { get; }

    public double[] Gradient { get; } = new double[N];

    public double[] Hessian { get; } = new double[N * N];

    /// <summary>Fisher's.</summary>
    public double[] Information { get; } = new double[N * N];

    /// <summary>½ tr M⁻¹VᵢM⁻¹Vᵢ: the information if β were known.</summary>
    public double[] Full { get; } = new double[N];

    /// <summary>tr P.</summary>
    public double TraceP { get; }
}
