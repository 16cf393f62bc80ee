namespace RealRelationship.Statistics;

/// <summary>Splits columns into their sample means and the deviations from them.</summary>
internal static class SampleMeanCentring
{
    /// <summary>The regression on both, as far as they are independent; null when fewer than two samples vary.</summary>
    public static WithinSampleContrast? Fit(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, ContinuousTerm[] terms, MultilevelOptions options)
    {
        var members = GroupBySample(samples);
        var (means, deviations) = (new List<ContinuousTerm>(), new List<ContinuousTerm>());
        foreach (var term in terms)
        {
            var (mean, deviation) = Split(term, members);
            means.Add(mean);
            deviations.Add(deviation);
        }
        var varying = members.Where(rows => deviations.Exists(term => rows.Exists(i => term.Values[i] != 0))).ToList();
        if (varying.Count < 2)
        {
            return null;
        }
        var columns = new IndependentColumns(estimates.Length);
        var compared = deviations.Where(columns.TryAdd).ToList(); // orthogonal to the intercept and to every mean
        var kept = means.Where(columns.TryAdd).ToList();
        var design = DesignMatrix.WithIntercept(estimates.Length);
        foreach (var term in kept)
        {
            design = design.Add(term with { Name = $"{term.Name}:mean" });
        }
        foreach (var term in compared)
        {
            design = design.Add(term);
        }
        var fit = MultilevelModel.Fit(
            estimates, variances, samples, design,
            options with { Model = DependenceModel.CorrelatedHierarchical, Robust = RobustVariance.CR2, ProfileIntervals = false });
        return new WithinSampleContrast([.. fit.Coefficients.Skip(1 + kept.Count)], varying.Count, varying.Sum(rows => rows.Count));
    }

    private static (ContinuousTerm Mean, ContinuousTerm Deviation) Split(ContinuousTerm term, List<List<int>> members)
    {
        var (means, deviations) = (new double[term.Values.Count], new double[term.Values.Count]);
        foreach (var rows in members)
        {
            var varies = rows.Exists(i => term.Values[i] != term.Values[rows[0]]);
            var mean = varies ? rows.Average(i => term.Values[i]) : term.Values[rows[0]];
            foreach (var i in rows)
            {
                (means[i], deviations[i]) = (mean, term.Values[i] - mean);
            }
        }
        return (new ContinuousTerm(term.Name, means), new ContinuousTerm(term.Name, deviations));
    }

    private static List<List<int>> GroupBySample(ReadOnlySpan<int> samples)
    {
        var members = new Dictionary<int, List<int>>();
        for (var i = 0; i < samples.Length; i++)
        {
            if (!members.TryGetValue(samples[i], out var rows))
            {
                members.Add(samples[i], rows = []);
            }
            rows.Add(i);
        }
        return [.. members.Values];
    }

    /// <summary>The columns so far, the intercept first, made orthonormal.</summary>
    private sealed class IndependentColumns
    {
        private readonly List<double[]> _columns = [];

        public IndependentColumns(int rows)
        {
            var ones = new double[rows];
            Array.Fill(ones, 1 / Math.Sqrt(rows));
            _columns.Add(ones);
        }

        /// <summary>Adds a column unless it depends linearly on those before it.</summary>
        public bool TryAdd(ContinuousTerm term)
        {
            double[] column = [.. term.Values];
            var length = VectorMath.Norm(column);
            var left = VectorMath.Orthogonalise(column, [.. _columns], _columns.Count, new double[_columns.Count + 1]);
            if (!(left > ColumnElimination.RankTolerance * length))
            {
                return false;
            }
            _columns.Add(column);
            return true;
        }
    }
}
