namespace RealRelationship.Statistics;

/// <summary>Student's t as a mixture of normal distributions: normal with variance df/W, W from χ². The nodes are those of the trapezoidal rule over
/// ln W, whose error falls exponentially with their number (Trefethen and Weideman 2014, SIAM Review 56).</summary>
internal static class ScaleMixture
{
    private const double LeastForFew = 5; // with fewer degrees of freedom both rules need as many nodes

    /// <summary>Variances and their weights, which add up to 1.</summary>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <param name="negligible">The weight below which nodes are left out; the rule errs by about as much for a function that is smooth in ln W.</param>
    /// <param name="largestStep">The largest step in ln W, for functions with a steeper part.</param>
    public static (double Variance, double Weight)[] OfStudentT(double df, double negligible, double largestStep = 0.5)
    {
        var step = Step(df, Math.Log(negligible), largestStep);
        var (nodes, mode) = (new List<(double Variance, double Weight)>(), Math.Log(df));
        foreach (var direction in new[] { -1, 1 })
        {
            for (var i = direction < 0 ? 1 : 0; ; i++)
            {
                var w = Math.Exp(mode + direction * i * step);
                var weight = step * w * Math.Exp(ChiSquared.LogDensity(w, df));
                if (weight < negligible)
                {
                    break;
                }
                nodes.Add((df / w, weight));
            }
        }
        var total = nodes.Sum(node => node.Weight);
        return [.. nodes.Select(node => (node.Variance, node.Weight / total))];
    }

    /// <summary>The same with the nodes of Gauss over ln W, as few as give the probabilities of t to a given error.</summary>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <param name="error">The largest error of a probability.</param>
    /// <returns>Variances and their weights, which add up to 1.</returns>
    public static (double Variance, double Weight)[] FewOfStudentT(double df, double error)
    {
        if (df < LeastForFew)
        {
            return OfStudentT(df, error);
        }
        var many = OfStudentT(df, error / 100);
        double[] nodes = [.. many.Select(node => -Math.Log(node.Variance))], weights = [.. many.Select(node => node.Weight)];
        for (var count = Math.Max(2, (int)(50 / Math.Sqrt(df))); count < many.Length; count++)
        {
            (double Variance, double Weight)[] few = [.. GaussRule.Of(nodes, weights, count).Select(node => (Math.Exp(-node.Node), node.Weight))];
            if (IsStudentT(few, df, error))
            {
                return few;
            }
        }
        return many;
    }

    private static bool IsStudentT((double Variance, double Weight)[] nodes, double df, double error)
    {
        for (var x = 0.25; x < 16; x *= 1.25)
        {
            var upperTail = 0.0;
            foreach (var (variance, weight) in nodes)
            {
                upperTail += weight * Normal.UpperTail(x / Math.Sqrt(variance));
            }
            if (!(Math.Abs(upperTail - StudentT.UpperTail(x, df)) <= error))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The largest step with a small enough error: in a strip of half-width d, where the density of ln W is larger by up to (cos d)^(−df/2),
    /// the rule errs by e^(−2πd/step) times that; with the d for which that is least.</summary>
    private static double Step(double df, double logError, double largestStep)
    {
        var step = largestStep;
        while (true)
        {
            var d = Math.Atan(4 * Math.PI / (step * df));
            if (-2 * Math.PI * d / step - df / 2 * Math.Log(Math.Cos(d)) < logError)
            {
                return step;
            }
            step *= 0.95;
        }
    }
}
