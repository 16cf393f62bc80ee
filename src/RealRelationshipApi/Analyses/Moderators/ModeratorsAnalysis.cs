using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Moderators;

/// <summary><c>/meta/moderators</c>: analyses effects by moderators.</summary>
internal static class ModeratorsAnalysis
{
    public const double DefaultEquivalenceMargin = 0.10;

    public static (ModeratorsResponse? Answer, Problem? Problem) Run(EffectSet effects, ModeratorsRequest request, ErrorLocation location)
    {
        var (model, modelProblem) = ResolvedModel.Resolve(request.Model, effects, location);
        if (model is null)
        {
            return (null, modelProblem);
        }

        if (model.IsNested && request.TauSquared == TauSquaredChoice.Separate)
        {
            return (null,
                Problem.Invalid([new FieldError(location.Member("tauSquared"), "notForNested", "must be common where effects are nested in samples")]));
        }

        var (columns, problem) = ModeratorColumn.Find(effects, request.By, "by", location);
        if (problem is not null)
        {
            return (null, problem);
        }

        var all = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var breakdowns = columns.Select(c => Breakdown.Compute(c, effects, model, request)).ToList();
        return (new ModeratorsResponse
        {
            Moderators = [.. breakdowns.Select(b => b.Response)],
            Counts = all.Counts(),
            Model = ResponseMapper.Model(model),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = [.. effects.Excluded, .. breakdowns.Select(b => b.Missing).OfType<Exclusion>()],
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. all.Warnings(model), .. breakdowns.SelectMany(b => b.Warnings)],
        }, null);
    }

    /// <summary>The analysis of one moderator, with excluded effects and warnings.</summary>
    private sealed record Breakdown(ModeratorResponse Response, Exclusion? Missing, IReadOnlyList<Warning> Warnings)
    {
        public static Breakdown Compute(ModeratorColumn column, EffectSet effects, ResolvedModel model, ModeratorsRequest request)
        {
            var (name, values) = (column.Name, column.Values);
            int[] chosen = [.. Enumerable.Range(0, effects.Count).Where(i => values[i] is not null)];
            var frame = ModelFrame.Create(effects, chosen, model, i => values[i]!.Value.ToString());
            var rows = frame.Members.Select(m => values[m[0]]!.Value).ToList();
            var margin = request.EquivalenceMargin ?? DefaultEquivalenceMargin;
            var analysis = AnalysisMetrics.TimeFit(model, () => column.IsContinuous
                ? Continuous(name, frame, rows.ConvertAll(r => r.Number!.Value).ToArray(), model, margin)
                : Categorical(name, frame, rows.ConvertAll(r => r.Text!), model, request.TauSquared ?? TauSquaredChoice.Common, margin));
            return new(
                ToResponse(name, column.IsContinuous, analysis, frame, model, margin),
                chosen.Length < effects.Count ? new("moderatorMissing", effects.Count - chosen.Length, name) : null,
                [.. CollectWarnings(name, analysis, frame, model)]);
        }

        private static ModeratorFit Continuous(string name, ModelFrame frame, double[] values, ResolvedModel model, double margin) => model.IsNested
            ? ModeratorModel.FitContinuousNested(name, frame.Estimates, frame.Variances, frame.SampleCodes(), values, model.MultilevelOptions, margin)
            : ModeratorModel.FitContinuous(name, frame.Estimates, frame.Variances, values, model.RandomEffectsOptions, margin, frame.SampleCodes());

        private static ModeratorFit Categorical(string name, ModelFrame frame, List<string> levels, ResolvedModel model, TauSquaredChoice tauSquared,
            double margin) => model.IsNested
            ? ModeratorModel.FitCategoricalNested(name, frame.Estimates, frame.Variances, frame.SampleCodes(), levels, model.MultilevelOptions, margin)
            : ModeratorModel.FitCategorical(name, frame.Estimates, frame.Variances, levels, model.RandomEffectsOptions,
                tauSquared == TauSquaredChoice.Separate ? SubgroupTauSquared.Separate : SubgroupTauSquared.Common, margin, frame.SampleCodes());

        private static ModeratorResponse ToResponse(string name, bool isContinuous, ModeratorFit analysis, ModelFrame frame, ResolvedModel model,
            double margin) => new()
            {
                Name = name,
                Kind = isContinuous ? "continuous" : "categorical",
                Levels = [.. analysis.Levels.Select(level => new ModeratorLevelResponse(
                level.Level,
                frame.Counts(level.Rows),
                ResponseMapper.Pooled(level.Mean, level.PredictionInterval, model),
                ResponseMapper.Correlation(level.Mean, level.PredictionInterval, level.Heterogeneity.TauSquared, model),
                ResponseMapper.Heterogeneity(level.Heterogeneity)))],
                Coefficients = [.. analysis.Coefficients.Select(ResponseMapper.Coefficient)],
                Test = ResponseMapper.Omnibus(analysis.Test),
                Residual = ResponseMapper.Residual(analysis.Residual),
                R2 = analysis.RSquared,
                Contrasts = [.. analysis.Contrasts.Select(c => new ContrastResponse(
                c.A, c.B, c.Difference, c.StandardError, c.Lower, c.Upper, c.PValue, c.AdjustedPValue, c.MinimumDetectableDifference))],
                MinimumDetectableDifference = analysis.MinimumDetectableDifference,
                Verdict = EnumNames<ModeratorVerdict>.Of(analysis.Verdict),
                WithinMargin = analysis.WithinMargin,
                EquivalenceMargin = margin,
                WithinSample = analysis.WithinSample is { } within
                ? new([.. within.Coefficients.Select(ResponseMapper.Coefficient)], within.Samples, within.Effects) : null,
            };

        private static IEnumerable<Warning> CollectWarnings(string name, ModeratorFit analysis, ModelFrame frame, ResolvedModel model)
        {
            foreach (var note in analysis.Notes)
            {
                yield return FitWarnings.Of(note, name);
            }

            if (!model.IsNested && frame.HasSplitSamples)
            {
                yield return new("sampleInSeveralLevels",
                    $"{name}: some samples have effects at several values; these are treated as independent of each other.");
            }
        }
    }
}
