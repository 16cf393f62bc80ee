namespace RealRelationship.Statistics;

/// <summary>Location–scale model y = Xβ + u + e with var uᵢ = exp(zᵢ′α): moderators of the mean and of the heterogeneity. Viechtbauer and López-López 2022,
/// Research Synthesis Methods 13, 697–715.</summary>
public static class LocationScaleModel
{
    private const int MaxIterations = 200;
    private const double MaxStep = 3; // of ln τ²
    private const double SmallestRatio = 1e-7; // of τ² to the smallest sampling variance

    /// <summary>Fits by (restricted) maximum likelihood with Newton's method from several starts. Agrees with metafor's
    /// <c>rma(yi, vi, mods=, scale=)</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="location">Columns of the mean, one row per effect.</param>
    /// <param name="scale">Columns of ln τ², one row per effect.</param>
    /// <param name="options">ML or REML, test and confidence; the defaults of <see cref="ModelOptions"/> when null. Any test but the normal one is t:
    /// a Knapp–Hartung variance is not defined here.</param>
    /// <exception cref="ArgumentException">As <see cref="MetaRegression.Fit"/>, or an estimator that is not ML or REML.</exception>
    /// <exception cref="StatisticsException"><c>rankDeficient</c>: a column depends linearly on those before it, or there are too few effects;
    /// <c>notConverged</c>: the likelihood has no maximum, for example because τ² of a level is 0; <c>outOfRange</c>.</exception>
    public static LocationScaleFit Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, DesignMatrix location, DesignMatrix scale,
        ModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(location);
        ArgumentNullException.ThrowIfNull(scale);
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, location.Rows, nameof(location));
        Guard.SameLength(estimates.Length, scale.Rows, nameof(scale));
        options ??= new ModelOptions();
        if (options.Estimator is not (TauSquaredEstimator.RestrictedMaximumLikelihood or TauSquaredEstimator.MaximumLikelihood))
        {
            throw new ArgumentException("A location–scale model is fitted by ML or REML.", nameof(options));
        }
        var restricted = options.Estimator == TauSquaredEstimator.RestrictedMaximumLikelihood;
        var (model, k, q) = (new LinearModel(estimates, variances, location), estimates.Length, scale.Columns);
        _ = new LinearModel(estimates, variances, scale); // throws if columns depend on each other
        if (k - location.Columns < q || k <= q)
        {
            throw new StatisticsException("rankDeficient",
                $"{location.Columns} coefficients of the mean and {q} of the scale are too many for {k} effects.");
        }
        var (x, _) = Orthonormal(location, 1);
        var (z, combinations) = Orthonormal(scale, Math.Sqrt(k)); // of mean square 1, so that a step is one of ln τ²
        var (y, v) = (estimates.ToArray(), variances.ToArray());
        var likelihood = new LocationScaleLikelihood(y, v, x, z, restricted);
        var single = Likelihood.Maximise(model, restricted).Value;
        var singleLog = model.LogLikelihood(single, restricted);
        var (alpha, iterations, several) = Maximise(likelihood, model, single, q);
        var tau2 = likelihood.TauSquared(alpha);
        var (value, _, information, _) = likelihood.Derivatives(alpha);
        if (SymmetricMatrix.Invert(information, q) is not { } inverse || tau2.Min() < SmallestRatio * model.SmallestVariance)
        {
            throw NoMaximum();
        }
        var covariance = Transform(combinations, inverse.Inverse, q);
        double[] coefficients = [.. combinations.Select(c => VectorMath.Dot(c, alpha))];
        Guard.FiniteResult([value, .. coefficients, .. covariance.Cast<double>()]);
        var weighted = new LinearModel(y, [.. v.Zip(tau2, (vi, ti) => vi + ti)], location).Solve(0);
        var isNormal = options.Test == CoefficientTest.Normal;
        var ofMean = ReferenceDistribution.Of(isNormal ? CoefficientTest.Normal : CoefficientTest.StudentT, k - location.Columns);
        var ofScale = ReferenceDistribution.Of(isNormal ? CoefficientTest.Normal : CoefficientTest.StudentT, k - q);
        return new LocationScaleFit
        {
            Location = Coefficients(location, weighted.Coefficients, weighted.Covariance, ofMean, options),
            Scale = Coefficients(scale, coefficients, covariance, ofScale, options),
            TauSquared = tau2,
            ScaleTest = ScaleTest(coefficients, covariance, ofScale),
            Homogeneity = q == 1 ? null : ModelComparison.Compare(
                new InformationCriteria(value, location.Columns + q, k), new InformationCriteria(singleLog, location.Columns + 1, k)),
            LogLikelihood = value,
            Iterations = iterations,
            SeveralModes = several,
            Options = options,
        };
    }

    /// <summary>The highest maximum that Newton's method finds, by falling value.</summary>
    private static (double[] Alpha, int Iterations, bool Several) Maximise(LocationScaleLikelihood likelihood, LinearModel model, double single, int q)
    {
        var modes = new List<(double[] Alpha, double Value, int Iterations)>();
        var typical = model.DegreesOfFreedom / model.At(0).TraceP;
        foreach (var start in Starts(likelihood, Math.Log(Math.Max(single, 0.01 * typical)), q))
        {
            if (Climb(likelihood, start) is { } mode)
            {
                modes.Add(mode);
            }
        }
        if (modes.Count == 0)
        {
            throw NoMaximum();
        }
        var best = modes.MaxBy(mode => mode.Value);
        var several = modes.Exists(mode => Distance(mode.Alpha, best.Alpha) > 1e-4);
        return (best.Alpha, best.Iterations, several);
    }

    /// <summary>One τ² for all, larger and smaller, and the slopes to both sides of which the likelihood thinks most.</summary>
    private static IEnumerable<double[]> Starts(LocationScaleLikelihood likelihood, double logTau2, int q)
    {
        var common = new double[q];
        common[0] = logTau2;
        yield return common;
        foreach (var shift in new[] { -1.5, 1.5 })
        {
            double[] shifted = [.. common];
            shifted[0] += shift;
            yield return shifted;
        }
        for (var c = 1; c < q; c++)
        {
            double[] up = [.. common];
            double[] down = [.. common];
            (up[c], down[c]) = (1, -1);
            yield return likelihood.Value(up) > likelihood.Value(down) ? up : down;
        }
    }

    /// <summary>Newton's steps, of the expected information where the observed one is not positive definite, halved until the likelihood rises.</summary>
    private static (double[] Alpha, double Value, int Iterations)? Climb(LocationScaleLikelihood likelihood, double[] alpha)
    {
        var q = alpha.Length;
        for (var iteration = 1; iteration <= MaxIterations; iteration++)
        {
            CancellationScope.ThrowIfCancelled();
            var (value, gradient, observed, expected) = likelihood.Derivatives(alpha);
            if (!double.IsFinite(value))
            {
                return null;
            }
            double[] information = [.. observed];
            double[] step = [.. gradient];
            if (!SymmetricMatrix.Cholesky(information, q))
            {
                information = [.. expected];
                for (var a = 0; a < q; a++)
                {
                    information[a * q + a] += 1e-8 + 1e-3 * expected[a * q + a];
                }
                if (!SymmetricMatrix.Cholesky(information, q))
                {
                    return null;
                }
            }
            SymmetricMatrix.SolveLower(information, q, step, 1);
            SymmetricMatrix.SolveUpper(information, q, step, 1);
            var gain = VectorMath.Dot(step, gradient);
            var length = Math.Min(1, MaxStep / Math.Max(1e-300, VectorMath.Norm(step)));
            var next = Move(alpha, step, length);
            while (!(likelihood.Value(next) >= value) && length > 1e-9)
            {
                length /= 2;
                next = Move(alpha, step, length);
            }
            if (gain < 1e-16 * (1 + Math.Abs(value)) || length <= 1e-9)
            {
                return (length <= 1e-9 ? alpha : next, value, iteration);
            }
            alpha = next;
        }
        return null;
    }

    private static double[] Move(double[] alpha, double[] step, double length) => [.. alpha.Zip(step, (a, s) => a + length * s)];

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, z) => (x - z) * (x - z)).Sum());

    /// <summary>Columns made orthogonal, each of the given length, and the coefficients of the given columns in terms of theirs.</summary>
    private static (double[][] Columns, double[][] Combinations) Orthonormal(DesignMatrix design, double length)
    {
        var p = design.Columns;
        var (columns, r) = (new double[p][], new double[p][]);
        for (var j = 0; j < p; j++)
        {
            (columns[j], r[j]) = (design.Column(j).ToArray(), new double[p]);
            VectorMath.Orthogonalise(columns[j], columns, j, r[j]);
        }
        var inverse = TriangularMatrix.Invert(r);
        return ([.. columns.Select(column => Array.ConvertAll(column, u => u * length))],
            [.. Enumerable.Range(0, p).Select(j => inverse.Select(column => column[j] * length).ToArray())]);
    }

    private static double[,] Transform(double[][] combinations, double[] covariance, int q)
    {
        var transformed = new double[q, q];
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
            {
                for (var c = 0; c < q; c++)
                {
                    for (var d = 0; d < q; d++)
                    {
                        transformed[a, b] += combinations[a][c] * covariance[c * q + d] * combinations[b][d];
                    }
                }
            }
        }
        return transformed;
    }

    private static Coefficient[] Coefficients(DesignMatrix design, double[] estimates, double[,] covariance, ReferenceDistribution? distribution,
        ModelOptions options) =>
        [.. design.Names.Select((name, j) =>
            ReferenceDistribution.ToCoefficient(distribution, name, estimates[j], Math.Sqrt(covariance[j, j]), options.Alpha))];

    private static WaldTest? ScaleTest(double[] alpha, double[,] covariance, ReferenceDistribution? distribution)
    {
        var q = alpha.Length - 1;
        double[] block = [.. Enumerable.Range(0, q * q).Select(i => covariance[1 + i / q, 1 + i % q])];
        if (q == 0 || distribution is null || SymmetricMatrix.InverseForm(block, [.. alpha.Skip(1)]) is not { } statistic)
        {
            return null;
        }
        return distribution.DegreesOfFreedom is { } df
            ? new WaldTest(statistic / q, q, df, FDistribution.UpperTail(statistic / q, q, df))
            : new WaldTest(statistic, q, null, ChiSquared.UpperTail(statistic, q));
    }

    private static StatisticsException NoMaximum() => new("notConverged",
        "The likelihood of the location–scale model has no maximum: it rises while τ² of some effects goes to 0 or ever further up.");
}
