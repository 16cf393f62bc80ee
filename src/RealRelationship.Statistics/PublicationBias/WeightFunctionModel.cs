namespace RealRelationship.Statistics;

/// <summary>Effects observed with a probability that depends on their one-sided p-value through one of several weight functions, with moderators.</summary>
public static class WeightFunctionModel
{
    private const double ReachInSd = 100;

    /// <summary>Fits the model by maximum likelihood, from several starts. Agrees with metafor's <c>selmodel</c> on an ML fit.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Weight function and its options; a step at .025 when null.</param>
    /// <param name="design">Moderators of the effects before selection, one row an effect; an intercept alone when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance that is not positive, steps that are none
    /// or not between 0 and 1, assumed parameters that are not as many as the function has or outside its bounds, a confidence or smallest p outside its
    /// range.</exception>
    /// <exception cref="StatisticsException"><c>rankDeficient</c>: a column depends linearly on those before it; <c>outOfRange</c>: the numbers
    /// overflow.</exception>
    public static WeightFunctionFit Fit(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, WeightFunctionOptions? options = null, DesignMatrix? design = null)
    {
        Guard.ValidEffects(estimates, variances);
        options ??= new WeightFunctionOptions();
        design ??= DesignMatrix.WithIntercept(estimates.Length);
        Guard.SameLength(estimates.Length, design.Rows, nameof(design));
        var alpha = new ModelOptions { Confidence = options.Confidence }.Alpha;
        Guard.InRange(options.MinP is >= 0 and < 0.5, options.MinP, nameof(options.SmallestP), "The smallest p lies from 0 to below ½.");
        var cuts = WeightFunctionOptions.CutPoints(options);
        var fixedDeltas = WeightFunctionOptions.FixedDeltas(options, cuts);
        var sign = options.Direction == SelectionDirection.Less ? -1 : 1;
        var model = new LinearModel(estimates, variances, design);
        var (y, x) = (new double[estimates.Length], new double[estimates.Length]);
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = sign * estimates[i];
            x[i] = y[i] / Math.Sqrt(variances[i]);
        }
        SelectionWeights weights = options.Function == SelectionFunction.Step
            ? new StepWeights(x, cuts, fixedDeltas)
            : new ContinuousWeights(options.Function, x, options.MinP, fixedDeltas);
        if (Unidentified(y.Length, design.Columns, weights, fixedDeltas) is { } reason)
        {
            return NotEstimated(options, cuts, fixedDeltas, reason);
        }
        var tau2 = TauSquared.Estimate(model, TauSquaredEstimator.MaximumLikelihood).Value;
        var columns = new CentredDesign(design);
        var likelihood = new SelectionLikelihood(y, variances.ToArray(), columns.Columns, weights);
        var beta = columns.ToCentred([.. model.Solve(tau2).Coefficients.Select(b => sign * b)]);
        var modes = Modes(likelihood, beta, tau2, model);
        if (modes.Count == 0)
        {
            return NotEstimated(options, cuts, fixedDeltas, "notConverged");
        }
        var best = modes.MaxBy(mode => mode.LogLikelihood)!;
        return ToFit(best, modes.Count > 1, columns, weights, sign, alpha, new WeightFunctionFit
        {
            Options = options,
            Steps = cuts,
            Coefficients = [.. design.Names.Select(name => new SelectionCoefficient(name, 0, null, null, null, null, null))],
            Moderators = null,
            TauSquared = best.Parameters[design.Columns],
            TauSquaredStandardError = null,
            Deltas = [],
            DeltaStandardErrors = [],
            LogLikelihood = best.LogLikelihood,
            LikelihoodRatio = null,
            DegreesOfFreedom = 0,
            PValue = null,
            Iterations = best.Iterations,
            Notes = [],
        }, fixedDeltas.Any(delta => delta is not null) ? null : model.LogLikelihood(tau2, restricted: false));
    }

    private static WeightFunctionFit ToFit(LikelihoodMode mode, bool several, CentredDesign columns, SelectionWeights weights, int sign, double alpha,
        WeightFunctionFit empty, double? withoutSelection)
    {
        var p = columns.Columns.Length;
        var (beta, covariance) = columns.FromCentred(mode.Parameters, mode.Covariance);
        var deltas = weights.Deltas(mode.Parameters.AsSpan(p + 1));
        var atEnd = empty.Options.Function != SelectionFunction.Step && mode.AtBound.AsSpan(p + 1).Contains(true);
        Guard.FiniteResult([.. beta, mode.LogLikelihood]);
        var boundary = mode.Parameters[p] == 0 || atEnd
            || (empty.Options.Function == SelectionFunction.Step && deltas.Any(delta => delta.Delta == 0));
        double? ratio = withoutSelection is { } plain ? Math.Max(0, 2 * (mode.LogLikelihood - plain)) : null;
        if (atEnd && ratio < 1e-9)
        {
            ratio = 0; // the model without selection, to the precision of its quadrature
        }
        return empty with
        {
            Coefficients = [.. empty.Coefficients.Select((c, a) => ToCoefficient(c.Name, sign * beta[a], atEnd ? null : Math.Sqrt(covariance[a, a]), alpha))],
            Moderators = atEnd ? null : Omnibus(beta, covariance),
            TauSquaredStandardError = atEnd || mode.AtBound[p] ? null : Root(mode.Covariance[p, p]),
            Deltas = [.. deltas.Select(delta => (double?)delta.Delta)],
            DeltaStandardErrors = [.. deltas.Select(delta => delta.Index < 0 || atEnd ? null
                : Root(mode.Covariance[p + 1 + delta.Index, p + 1 + delta.Index]) * delta.Slope)],
            LikelihoodRatio = ratio,
            DegreesOfFreedom = withoutSelection is null ? 0 : deltas.Length,
            PValue = ratio is { } statistic ? ChiSquared.UpperTail(statistic, deltas.Length) : null,
            Notes = [.. boundary ? ["atBoundary"] : Array.Empty<string>(), .. several ? ["severalModes"] : Array.Empty<string>()],
        };
    }

    private static double? Root(double variance) => variance > 0 && double.IsFinite(variance) ? Math.Sqrt(variance) : null;

    private static SelectionCoefficient ToCoefficient(string name, double estimate, double? se, double alpha)
    {
        if (se is not { } standardError)
        {
            return new SelectionCoefficient(name, estimate, null, null, null, null, null);
        }
        var tested = ReferenceDistribution.ToCoefficient(ReferenceDistribution.Normal, name, estimate, standardError, alpha);
        return new SelectionCoefficient(name, estimate, se, tested.Statistic, tested.PValue, tested.Lower, tested.Upper);
    }

    private static WaldTest? Omnibus(double[] beta, double[,] covariance)
    {
        var q = beta.Length - 1;
        if (q == 0)
        {
            return null;
        }
        double[] form = [.. from a in Enumerable.Range(1, q) from b in Enumerable.Range(1, q) select covariance[a, b]];
        return SymmetricMatrix.InverseForm(form, [.. beta.Skip(1)]) is { } qm && double.IsFinite(qm)
            ? new WaldTest(qm, q, null, ChiSquared.UpperTail(qm, q))
            : null;
    }

    private static string? Unidentified(int effects, int columns, SelectionWeights weights, double?[] fixedDeltas)
    {
        if (effects < columns + 2)
        {
            return "tooFewEffects";
        }
        var isAnchored = weights is not StepWeights steps || steps.Counts[0] > 0 || fixedDeltas.All(delta => delta is not null)
            || fixedDeltas.Where((delta, j) => delta is not null && steps.Counts[j + 1] > 0).Any();
        return isAnchored ? null : "weightsNotIdentified";
    }

    /// <summary>Every local maximum that is found from a grid of starts around the fit without selection.</summary>
    private static List<LikelihoodMode> Modes(SelectionLikelihood likelihood, double[] beta, double tau2, LinearModel model)
    {
        var typical = model.Effects / model.At(0).SumW;
        var sd = Math.Sqrt(tau2 + typical);
        var reach = beta.Max(Math.Abs) + ReachInSd * sd;
        var modes = new List<LikelihoodMode>();
        foreach (var shift in (ReadOnlySpan<double>)[0, -0.75, 0.75, -2])
        {
            foreach (var spread in (ReadOnlySpan<double>)[1, 0.1, 4])
            {
                var start = likelihood.Start([beta[0] + shift * sd, .. beta.Skip(1)], spread * (tau2 + typical / 10));
                var mode = likelihood.MaximiseFrom(start, x => Math.Abs(x[0]) <= reach && x[beta.Length] <= reach * reach);
                if (mode is not null && double.IsFinite(mode.Covariance[0, 0]) && modes.TrueForAll(other => !IsSameMode(mode, other)))
                {
                    modes.Add(mode);
                }
            }
        }
        return modes;
    }

    private static bool IsSameMode(LikelihoodMode a, LikelihoodMode b) => Math.Abs(a.LogLikelihood - b.LogLikelihood) < 1e-6
        && Math.Abs(a.Parameters[0] - b.Parameters[0]) < 1e-3 * Math.Sqrt(Math.Max(a.Covariance[0, 0], b.Covariance[0, 0]));

    private static WeightFunctionFit NotEstimated(WeightFunctionOptions options, double[] cuts, double?[] fixedDeltas, string note) => new()
    {
        Options = options,
        Steps = cuts,
        Coefficients = [],
        Moderators = null,
        TauSquared = null,
        TauSquaredStandardError = null,
        Deltas = fixedDeltas,
        DeltaStandardErrors = new double?[fixedDeltas.Length],
        LogLikelihood = null,
        LikelihoodRatio = null,
        DegreesOfFreedom = fixedDeltas.Any(delta => delta is not null) ? 0 : fixedDeltas.Length,
        PValue = null,
        Iterations = 0,
        Notes = [note],
    };
}
