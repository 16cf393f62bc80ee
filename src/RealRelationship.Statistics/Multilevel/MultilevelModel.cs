namespace RealRelationship.Statistics;

/// <summary>Effects nested in samples: yᵢⱼ = xᵢⱼ′β + bᵢ + wᵢⱼ + eᵢⱼ with var b = σ_b², var w = σ_w² and sampling errors e of known variance,
/// independent or correlated inside a sample; and samples nested in studies with var σ_s² (<see cref="DependenceModel.FourLevel"/>).</summary>
public static class MultilevelModel
{
    private const int FewSamples = 10;
    internal const double FewDegreesOfFreedom = 4;

    /// <summary>Pools dependent effects. It is the regression on nothing but an intercept.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="options">Model, variances and confidence; the defaults of <see cref="MultilevelOptions"/> when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// or a variance that is not positive and finite; the four-level model without clusters.</exception>
    /// <exception cref="StatisticsException"><c>oneSample</c>: all effects are of one sample; <c>oneCluster</c>: or of one cluster; <c>oneStudy</c>: or, in the
    /// four-level model, of one study;
    /// <c>correlationsContradict</c>: V of a sample is not positive definite; <c>outOfRange</c>: the numbers overflow.</exception>
    public static MultilevelFit Fit(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, MultilevelOptions? options = null)
    {
        Guard.ValidEffects(estimates, variances);
        return Fit(estimates, variances, samples, DesignMatrix.WithIntercept(estimates.Length), options);
    }

    /// <summary>Regresses dependent effects on moderators. Agrees with metafor's <c>rma.mv(yi, V, mods=, random = ~ 1 | sample/effect)</c>,
    /// robust variances and tests with clubSandwich; the four-level model with <c>random = ~ 1 | study/sample/effect</c>.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="design">The design, one row an effect.</param>
    /// <param name="options">Model, variances and confidence; the defaults of <see cref="MultilevelOptions"/> when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// or a variance that is not positive and finite; the four-level model without clusters.</exception>
    /// <exception cref="StatisticsException"><c>oneSample</c>: all effects are of one sample; <c>oneCluster</c>: or of one cluster; <c>oneStudy</c>: or, in the
    /// four-level model, of one study;
    /// <c>correlationsContradict</c>: V of a sample is not positive definite; <c>rankDeficient</c>:
    /// a column depends linearly on those before it (the message names it); <c>outOfRange</c>: the numbers overflow; <c>tooCostly</c>: CR2 of coefficients
    /// that rest on one cluster of several samples and more than 2,000 effects.</exception>
    public static MultilevelFit Fit(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, DesignMatrix design, MultilevelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(design);
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        Guard.SameLength(estimates.Length, design.Rows, nameof(design));
        options ??= new MultilevelOptions();
        if (options is { Model: DependenceModel.FourLevel, Clusters: null })
        {
            throw new ArgumentException("The four-level model needs the study of each effect as its cluster.", nameof(options));
        }
        var data = new NestedData(estimates, variances, samples, design, options);
        if (data.Samples == 1)
        {
            throw new StatisticsException("oneSample", "All effects are of one sample: nothing can be said of the variance between samples.");
        }
        if (data.Clusters == 1 && options.Model == DependenceModel.FourLevel)
        {
            throw new StatisticsException("oneStudy", "All effects are of one study: nothing can be said of the variance between studies.");
        }
        if (data.Clusters == 1 && options.Robust != RobustVariance.None)
        {
            throw new StatisticsException("oneCluster", "All effects are of one cluster, so that there is no robust variance by clusters.");
        }
        var likelihood = new NestedLikelihood(data, options.Correlation, options.Restricted);
        var fit = ToFit(data, design.Names, options, likelihood,
            options.Model == DependenceModel.FourLevel ? NestedEstimate.OfFourLevels(likelihood, options) : NestedEstimate.Of(likelihood, options));
        if (design.Columns == 1 || data.DegreesOfFreedom == 0)
        {
            return fit;
        }
        var (y, v, codes) = (estimates.ToArray(), variances.ToArray(), samples.ToArray());
        return fit with { Explained = new(() => Explain(fit, y, v, codes), LazyThreadSafetyMode.PublicationOnly) };
    }

    private static ExplainedVariance Explain(MultilevelFit fit, double[] estimates, double[] variances, int[] samples)
    {
        var data = new NestedData(estimates, variances, samples, DesignMatrix.WithIntercept(estimates.Length), fit.Options);
        var without = FittedVariances.Of(new NestedLikelihood(data, fit.Options.Correlation, fit.Options.Restricted), fit.Options);
        var v = without.Variances;
        return new(
            without.TotalRange is null && fit.TauSquaredRange is null ? PercentExplained(v.Total, fit.TauSquared) : null,
            without.RangeOfPart(1) is null && fit.BetweenRange is null ? PercentExplained(v.Between, fit.BetweenVariance) : null,
            without.RangeOfPart(2) is null && fit.WithinRange is null ? PercentExplained(v.Within, fit.WithinVariance) : null,
            fit.StudyVariance is { } ofStudies && without.RangeOfPart(0) is null && fit.StudyRange is null ? PercentExplained(v.Study, ofStudies) : null);
    }

    /// <summary>The robust Wald statistic of what <see cref="MultilevelFit.RobustOmnibus"/> tests over the number of coefficients tested;
    /// null when the robust covariance is singular.</summary>
    internal static double? RobustF(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, DesignMatrix design, MultilevelOptions options)
    {
        var likelihood = new NestedLikelihood(new NestedData(estimates, variances, samples, design, options), options.Correlation, options.Restricted);
        var fitted = FittedVariances.Of(likelihood, options) with { OtherEnd = null };
        var inference = Inference(likelihood, fitted, design.Columns > 1 ? new OneSampleSupport(likelihood.Data) : null, options);
        return inference.RobustWald() / inference.Tested;
    }

    /// <summary>A combination of coefficients alone, for repeated fits, with the variances estimated or given.</summary>
    internal static Coefficient Combination(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, DesignMatrix design,
        ReadOnlySpan<double> weights, MultilevelOptions options, RandomVariances? held = null)
    {
        var likelihood = new NestedLikelihood(new NestedData(estimates, variances, samples, design, options), options.Correlation, options.Restricted);
        var fitted = held is { } given ? FittedVariances.At(likelihood, given, options) : FittedVariances.Of(likelihood, options);
        var support = design.Columns > 1 ? new OneSampleSupport(likelihood.Data) : null;
        return Inference(likelihood, fitted, support, options).ToCoefficient("", weights);
    }

    private static MultilevelFit ToFit(
        NestedData data, IReadOnlyList<string> names, MultilevelOptions options, NestedLikelihood likelihood, NestedEstimate estimate)
    {
        var (fitted, variances) = (estimate.Fitted, estimate.Fitted.Variances);
        var (study, between, within) = (estimate.Intervals[0], estimate.Intervals[1], estimate.Intervals[2]);
        var support = data.Columns > 1 ? new OneSampleSupport(data) : null; // a mean of several samples never rests on one
        var inference = Inference(likelihood, fitted, support, options, [.. estimate.Intervals.SelectMany(interval => interval?.AtBounds ?? [])]);
        var coefficients = names.Select((name, j) => inference.ToCoefficient(name, Unit(names.Count, j))).ToArray();
        var (q, typical) = (estimate.FixedOnly.Solution.Q, data.DegreesOfFreedom / estimate.FixedOnly.TraceP);
        var total = variances.Total + (data.DegreesOfFreedom > 0 ? typical : 1);
        Guard.FiniteResult(fitted.LogLikelihood, variances.Total, q, total);
        int? studies = options.Model == DependenceModel.FourLevel ? data.Clusters : null;
        return new MultilevelFit
        {
            Effects = data.Effects,
            Samples = data.Samples,
            Studies = studies,
            Coefficients = coefficients,
            Covariance = inference.Covariance(),
            Prediction = PredictNew(fitted.TotalRange, variances.Total),
            SampleMeanPredictionInterval = PredictNew(fitted.RangeOf(v => v.Study + v.Between), variances.Study + variances.Between)?.Interval,
            StudyMeanPredictionInterval = studies is null ? null : PredictNew(fitted.RangeOfPart(0), variances.Study)?.Interval,
            Q = q,
            QDegreesOfFreedom = data.DegreesOfFreedom,
            QPValue = data.DegreesOfFreedom > 0 ? ChiSquared.UpperTail(q, data.DegreesOfFreedom) : 1,
            StudyVariance = studies is null ? null : variances.Study,
            StudyRange = fitted.RangeOfPart(0),
            StudyInterval = study?.Interval,
            BetweenVariance = variances.Between,
            BetweenRange = fitted.RangeOfPart(1),
            BetweenInterval = between?.Interval,
            WithinVariance = variances.Within,
            WithinRange = fitted.RangeOfPart(2),
            WithinInterval = within?.Interval,
            TauSquaredRange = fitted.TotalRange,
            ISquaredStudy = studies is null ? null : 100 * variances.Study / total,
            ISquaredBetween = 100 * variances.Between / total,
            ISquaredWithin = 100 * variances.Within / total,
            TypicalVariance = data.DegreesOfFreedom > 0 ? typical : 0,
            LogLikelihood = fitted.LogLikelihood,
            Iterations = estimate.Iterations,
            Converged = estimate.Converged,
            SeveralModes = estimate.SeveralModes,
            WeightsFit = estimate.Weights,
            Omnibus = inference.Omnibus(),
            OmnibusOverSamples = inference.OmnibusOverSamples(),
            RobustOmnibus = inference.RobustOmnibus(),
            Notes = [.. Notes(data.DegreesOfFreedom, data.Samples, estimate.IsIdentified, estimate.SeveralModes, coefficients, options,
                isNearlyAliased: data.Columns > 1 && Collinearity.IsNearlyAliased(data), data.Clusters)],
            Options = options,
            Inference = inference,
        };

        Prediction? PredictNew(Interval? range, double variance) => names.Count > 1 || range is not null ? null
            : Predict(coefficients[0], variance, (studies ?? data.Samples) - 1, options);
    }

    private static CoefficientInference Inference(NestedLikelihood likelihood, FittedVariances fitted, OneSampleSupport? support, MultilevelOptions options,
        IReadOnlyList<NestedSolution>? region = null)
    {
        var absorbed = options.OneSample == OneSampleInference.WorkingModel ? support : null;
        var sandwich = options.Robust == RobustVariance.None ? null
            : new SandwichEstimator(likelihood, fitted.Solution, fitted.Variances, options.Robust, absorbed);
        return new CoefficientInference(likelihood.Data, fitted.Solution, sandwich, support, options)
        {
            Region = region ?? [],
            OtherEnd = fitted.OtherEnd is { } end ? Inference(likelihood, end, support, options) : null,
        };
    }

    /// <summary>μ ± q √(variance + SE²); null without degrees of freedom.</summary>
    internal static Prediction? Predict(Coefficient mean, double variance, int unitsMinusColumns, MultilevelOptions options)
    {
        var riley = options.Prediction == PredictionDistribution.Riley;
        var df = unitsMinusColumns - 1;
        return mean.Lower is null || (riley && df < 1)
            ? null
            : new Prediction(mean, options.Alpha, variance, new ReferenceDistribution(riley ? df : mean.DegreesOfFreedom));
    }

    /// <summary>100·max(0, (without − with)/without).</summary>
    private static double? PercentExplained(double? without, double with) => without is { } whole
        ? (whole == 0 ? null : 100 * Math.Max(0, (whole - with) / whole)) : null;

    /// <summary>Caveats of a fit.</summary>
    internal static IEnumerable<string> Notes(int degreesOfFreedom, int samples, bool isIdentified, bool severalModes, Coefficient[] coefficients,
        MultilevelOptions options, bool isNearlyAliased = false, int clusters = int.MaxValue)
    {
        if (degreesOfFreedom < 1)
        {
            yield return "noResidualDegreesOfFreedom";
        }
        if (!isIdentified)
        {
            yield return "varianceNotIdentified";
        }
        if (isNearlyAliased)
        {
            yield return "nearlyAliased";
        }
        if (severalModes)
        {
            yield return "severalModes";
        }
        if (samples < FewSamples)
        {
            yield return "fewSamples";
        }
        else if (clusters < FewSamples)
        {
            yield return "fewClusters";
        }
        if (options.Robust != RobustVariance.None && coefficients.Any(c => !(c.DegreesOfFreedom >= FewDegreesOfFreedom)))
        {
            yield return "fewDegreesOfFreedom";
        }
        foreach (var note in Notes(coefficients))
        {
            yield return note;
        }
    }

    /// <summary>What deprives standard errors of trust.</summary>
    internal static IEnumerable<string> Notes(IReadOnlyCollection<Coefficient> shown)
    {
        if (shown.Any(c => c.RestsOnOneSample))
        {
            yield return "oneSampleLevel";
        }
        if (shown.Any(c => !c.IsIdentified))
        {
            yield return "varianceNotIdentified";
        }
        if (shown.Any(c => c.IsWeaklyIdentified))
        {
            yield return "varianceWeaklyIdentified";
        }
        if (shown.Any(c => c.RobustBelowModel))
        {
            yield return "robustBelowModel";
        }
    }

    private static double[] Unit(int length, int index)
    {
        var unit = new double[length];
        unit[index] = 1;
        return unit;
    }
}
