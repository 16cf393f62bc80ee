using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Sequential;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Sensitivity;

/// <summary><c>/meta/sensitivity</c>: sensitivity analyses of the pooled effect.</summary>
internal static class SensitivityAnalysis
{
    private static readonly double[] s_rhoGrid = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

    public static (SensitivityResponse? Answer, Problem? Problem) Run(EffectSet effects, SensitivityRequest request, ErrorLocation location) =>
        Run(effects, request, location, withSeries: true);

    /// <summary>The same, with or without the cumulative analysis and the shrunken effects, which are empty then.</summary>
    public static (SensitivityResponse? Answer, Problem? Problem) Run(EffectSet effects, SensitivityRequest request, ErrorLocation location, bool withSeries)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        if (model is null)
        {
            return (null, problem);
        }

        var all = Enumerable.Range(0, effects.Count).ToArray();
        var frame = ModelFrame.Create(effects, all, model);
        var flat = model.IsNested ? ModelFrame.Create(effects, all, model.Flattened) : frame;
        var fits = new RefittedPools(effects, frame, model);
        var options = model.Flattened.RandomEffectsOptions;
        var anytime = AnytimeAnalysis.Create(effects, model);
        var (leaveOneOut, influence) = Deletions(frame, flat, model);
        var response = new SensitivityResponse
        {
            Subsets = [.. effects.SensitivityExclusions.Select(kind => Subset(effects, kind, model, fits)), .. ByClients(effects, model)],
            LeaveOneOut = leaveOneOut,
            Influence = influence,
            Cumulative = withSeries ? CumulativeWithSequence(frame, model, anytime) : [],
            Shrunken = !withSeries ? [] : Shrinkage.Run(flat.Estimates, flat.Variances, options).Map((row, i) => new ShrunkenEffectResponse(
                flat.IdOf(i), row.Effect, row.StandardError, row.Lower, row.Upper)),
            Estimators = Estimators(frame, model, fits),
            Rho = model.UsesRho && effects.HasDependentEffects ? [.. s_rhoGrid
                .Where(rho => PairCorrelations.Contradiction(effects, model with { Rho = rho }) is null).Select(rho => Rho(fits.WithRho(rho)))] : [],
            Counts = frame.Counts(),
            Model = ResponseMapper.Model(model),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. frame.Warnings(model), .. model.IsNested ? flat.ClusterWarnings(model) : [],
                .. flat.Count == 1 ? [FitWarnings.Of("oneEffect")] : Array.Empty<Warning>(),
                .. anytime?.Warnings() ?? []],
        };
        return (response with { Warnings = [.. response.Warnings, .. RowWarnings(response)] }, null);
    }

    // That the first rows of a cumulative analysis rest on few effects and samples is in the nature of it.
    private static IEnumerable<Warning> RowWarnings(SensitivityResponse response) =>
        CodesOf(response.Subsets, row => row.Pooled?.WarningCodes ?? []).Concat(CodesOf(response.LeaveOneOut, row => row.WarningCodes))
            .Concat(CodesOf(response.Cumulative, row => row.WarningCodes).Where(code => code != "fewSamples"))
            .Concat(CodesOf(response.Estimators, row => row.WarningCodes))
            .Concat(CodesOf(response.Rho, row => row.WarningCodes)).Distinct(StringComparer.Ordinal)
            .Where(code => code is not ("oneEffect" or "fewEffects") && FitWarnings.HasWords(code)).Select(code => FitWarnings.Of(code, "some rows"));

    private static HashSet<string> CodesOf<T>(IReadOnlyList<T> rows, Func<T, IReadOnlyList<string>> codes)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, row) in rows.Index())
        {
            CancellationScope.ThrowIfCancelled(i);
            all.UnionWith(codes(row));
        }

        return all;
    }

    private static SubsetResponse Subset(EffectSet effects, SensitivityExclusion kind, ResolvedModel model, RefittedPools fits)
    {
        CancellationScope.ThrowIfCancelled();
        int[] left = [.. Enumerable.Range(0, effects.Count).Where(i => !kind.Excludes(i))];
        if (left.Length == 0)
        {
            return new(kind.SubsetName, null, new(0, 0, 0, 0, 0));
        }

        var fit = fits.Of(left);
        var pooled = ResponseMapper.Pooled(fit.Mean, fit.Prediction?.Interval, model) with { WarningCodes = FitWarnings.CodesOf(fit) };
        return new(kind.SubsetName, pooled, fit.Frame.Counts());
    }

    // If the sessions of some effects are unknown, pools all within-client effects with variances based on clients.
    private static IEnumerable<SubsetResponse> ByClients(EffectSet effects, ResolvedModel model)
    {
        if (!Array.Exists(effects.Notes, notes => notes.Contains(EffectNotes.SessionsUnknown)) || effects.ModeratorValues("level") is not { } levels)
        {
            yield break;
        }

        double[] variances = [.. effects.Variances.Select((v, i) =>
            levels[i]?.Text == EnumNames<EffectLevel>.Of(EffectLevel.WithinClient) && effects.Participants[i] is > 3 and var clients ? 1 / (clients - 3) : v)];
        int[] all = [.. Enumerable.Range(0, effects.Count)];
        var fit = Pool(effects with { Variances = variances }, all, model);
        yield return new("withinClientByClients", ResponseMapper.Pooled(fit.Mean, fit.Prediction?.Interval, model), fit.Frame.Counts());
    }

    private static RhoResponse Rho(ModelFit fit) =>
        new(fit.Model.Rho, fit.Mean.Estimate, fit.Mean.StandardError, fit.Mean.Lower, fit.Mean.Upper) { WarningCodes = FitWarnings.CodesOf(fit) };

    /// <summary>Pools some of the effects. If a nested model cannot be fitted to them, such as for a single sample, they are aggregated by sample.</summary>
    internal static ModelFit Pool(EffectSet effects, IReadOnlyList<int> chosen, ResolvedModel model)
    {
        if (model.IsNested && TryPool(ModelFrame.Create(effects, chosen, model), model) is { } nested)
        {
            return nested;
        }

        var flat = ModelFrame.Create(effects, chosen, model.Flattened);
        return AnalysisMetrics.TimeFit(model.Flattened, () => ModelFit.Pool(flat, model.Flattened));
    }

    // Omits the profile intervals, which cost most; null if the model cannot be fitted, such as for a single sample.
    internal static ModelFit? TryPool(ModelFrame frame, ResolvedModel model)
    {
        try
        {
            return frame.Count == 0 ? null : AnalysisMetrics.TimeFit(model, () => ModelFit.Pool(frame, model, profileIntervals: false));
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    // Effects that are not nested are deleted once for both.
    private static (IReadOnlyList<LeaveOneOutResponse> LeaveOneOut, IReadOnlyList<InfluenceResponse> Influence) Deletions(
        ModelFrame frame, ModelFrame flat, ResolvedModel model)
    {
        var (rows, influence) = AnalysisMetrics.TimeFit(model.Flattened,
            () => LeaveOneOut.RunWithInfluence(flat.Estimates, flat.Variances, model.Flattened.RandomEffectsOptions));
        var codes = FitWarnings.CodesOf(frame.Count - 1);
        return (model.IsNested ? WithoutEachSample(frame, model) : rows.Map((row, i) =>
            new LeaveOneOutResponse(frame.IdOf(i), row.Estimate, row.StandardError, row.Lower, row.Upper, row.Q, row.TauSquared, row.ISquared)
            {
                WarningCodes = codes,
            }),
            influence.Map((row, i) => new InfluenceResponse(flat.IdOf(i), row.StudentizedResidual, row.Dffits, row.CooksDistance, row.CovarianceRatio,
                row.TauSquaredDeleted, row.QDeleted, row.Hat, row.Weight, row.Dfbeta, row.Influential)));
    }

    // Leaves out samples without which the model cannot be fitted.
    private static IReadOnlyList<LeaveOneOutResponse> WithoutEachSample(ModelFrame frame, ResolvedModel model) =>
        [.. AnalysisMetrics.TimeFit(model,
                () => MultilevelMean.WithoutEachSample(frame.Estimates, frame.Variances, frame.SampleCodes(), frame.NestedOptions(model)))
            .Zip(RowsBySample(frame, Enumerable.Range(0, frame.Count)), (fit, sample) => fit is null ? null
                : new LeaveOneOutResponse(sample.Key, fit.Mean.Estimate, fit.Mean.StandardError, fit.Mean.Lower, fit.Mean.Upper, fit.Q, fit.TauSquared,
                    fit.ISquared) { WarningCodes = FitWarnings.CodesOf(fit) })
            .OfType<LeaveOneOutResponse>()];

    /// <summary>Pooled effect after each row, or after each sample if effects are nested.</summary>
    internal static IReadOnlyList<CumulativeResponse> Cumulative(ModelFrame frame, ResolvedModel model)
    {
        var order = model.IsAnytime ? EntryPath.InOrderOfEntry(frame, Enumerable.Range(0, frame.Count)) : frame.RowsByYear();
        if (!model.IsNested)
        {
            var steps = RealRelationship.Statistics.Cumulative.Run([.. order.Select(i => frame.Estimates[i])], [.. order.Select(i => frame.Variances[i])],
                model.RandomEffectsOptions);
            return steps.Map((row, i) =>
                new CumulativeResponse(frame.IdOf(order[i]), row.Effect, row.StandardError, row.TauSquared, row.Lower, row.Upper)
                {
                    WarningCodes = FitWarnings.CodesOf(i + 1),
                });
        }

        var samples = RowsBySample(frame, order).Select(sample => (sample.Key, Rows: sample.Order().ToArray())).ToList();
        int[] rows = [.. samples.SelectMany(sample => sample.Rows)];
        int[] codes = [.. samples.SelectMany((sample, code) => sample.Rows.Select(_ => code))];
        var means = AnalysisMetrics.TimeFit(model, () => MultilevelMean.Cumulative(
            [.. rows.Select(row => frame.Estimates[row])], [.. rows.Select(row => frame.Variances[row])], codes,
            Reordered(frame.NestedOptions(model), rows)));
        var taken = 0;
        return [.. samples.Zip(means, (sample, fit) =>
        {
            taken += sample.Rows.Length;
            return fit is { Mean: var mean }
                ? new(sample.Key, mean.Estimate, mean.StandardError, fit.TauSquared, mean.Lower, mean.Upper) { WarningCodes = FitWarnings.CodesOf(fit) }
                : FirstSample(sample.Key, ModelFrame.Create(frame.Effects, [.. rows.Take(taken).Select(row => frame.Members[row][0])], model.Flattened), model);
        })];
    }

    private static MultilevelOptions Reordered(MultilevelOptions options, int[] rows) => options with
    {
        Correlations = options.Correlations?.Select(rows),
        Clusters = options.Clusters is { } clusters ? [.. rows.Select(row => clusters[row])] : null,
    };

    /// <summary>The same, with the confidence sequence if it is asked for.</summary>
    internal static IReadOnlyList<CumulativeResponse> CumulativeWithSequence(ModelFrame frame, ResolvedModel model, AnytimeAnalysis? anytime)
    {
        var rows = Cumulative(frame, model);
        return anytime is null ? rows
            : [.. rows.Zip(anytime.Path(rows.Select(row => row.Id)), (row, fit) => fit is null
                ? row with { WarningCodes = [.. row.WarningCodes, AnytimeAnalysis.NotComputable] }
                : row with { SequenceLower = fit.Lower, SequenceUpper = fit.Upper })];
    }

    // The variance between samples, or studies, cannot be estimated from a single one.
    private static CumulativeResponse FirstSample(string sample, ModelFrame composite, ResolvedModel model)
    {
        var fit = ModelFit.Pool(composite, model.Flattened with { Test = TestChoice.Z });
        return new(sample, fit.Mean.Estimate, fit.Mean.StandardError, fit.Heterogeneity.TauSquared ?? 0, fit.Mean.Lower, fit.Mean.Upper)
        {
            WarningCodes = FitWarnings.CodesOf(composite.Count),
        };
    }

    private static IEnumerable<IGrouping<string, int>> RowsBySample(ModelFrame frame, IEnumerable<int> rows) =>
        rows.GroupBy(frame.SampleOf, StringComparer.Ordinal);

    private static IReadOnlyList<EstimatorResponse> Estimators(ModelFrame frame, ResolvedModel model, RefittedPools fits) => model.IsNested
        ? [.. new[] { Estimator.Reml, Estimator.Ml }.Select(estimator => fits.TryWithEstimator(estimator)).OfType<ModelFit>()
            .Select(fit => new EstimatorResponse(fit.Model.Estimator, fit.Mean.Estimate, fit.Mean.StandardError, fit.Mean.Lower, fit.Mean.Upper,
                fit.Heterogeneity.TauSquared) { WarningCodes = FitWarnings.CodesOf(fit) })]
        : [.. EstimatorComparison.Run(frame.Estimates, frame.Variances, model.RandomEffectsOptions).Select(row => new EstimatorResponse(
            ModelChoices.FromStatistics(row.Estimator), row.Effect, row.StandardError, row.Lower, row.Upper, row.TauSquared))];
}
