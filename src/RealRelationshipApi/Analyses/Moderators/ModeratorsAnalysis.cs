using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Sequential;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Moderators;

/// <summary><c>/meta/moderators</c>: analyses effects by moderators.</summary>
internal static class ModeratorsAnalysis
{
    public const double DefaultEquivalenceMargin = 0.10;

    private const string SequenceOfLevels = "e-values and confidence sequences are of levels and their contrasts";

    public static (ModeratorsResponse? Answer, Problem? Problem) Run(EffectSet effects, ModeratorsRequest request, ErrorLocation location)
    {
        var (columns, problem) = ModeratorColumn.Find(effects, request.By, "by", location);
        if (problem is null && request.Model?.Sequential == SequentialChoice.Anytime && columns.All(column => column.IsContinuous))
        {
            return (null, Problem.Invalid([new FieldError(location.Option("sequential"), "notForContinuous", $"has no effect: {SequenceOfLevels}. "
                + $"{NameList.Of([.. columns.Select(column => column.Name)])} {(columns.Count == 1 ? "is a number" : "are numbers")}: leave it out, or add a "
                + "categorical moderator")]));
        }

        return problem is null && HypotheticalEffects.FindUnused(effects, columns, location, all: false) is { } unused ? (null, unused)
            : Analyze(effects, request, location);
    }

    /// <summary>The same, whether or not hypothetical effects and e-values have a part in it.</summary>
    public static (ModeratorsResponse? Answer, Problem? Problem) Analyze(EffectSet effects, ModeratorsRequest request, ErrorLocation location) =>
        Analyze(effects, request, location, hasFurtherFits: true);

    /// <summary>Analyses those moderators that can be computed, which are tested together, without e-values, and without what takes further fits: the
    /// variance explained, and differences within samples.</summary>
    /// <param name="effects">The effects.</param>
    /// <param name="moderators">Names of the moderators.</param>
    /// <param name="model">The model.</param>
    /// <returns>The response, null if none can be computed, and by name why a moderator cannot be.</returns>
    public static (ModeratorsResponse? Response, IReadOnlyDictionary<string, string> Reasons) RunComputable(EffectSet effects,
        IReadOnlyList<string> moderators, ModelRequest? model) =>
        FindComputable(moderators, names => Analyze(effects, new ModeratorsRequest
        {
            By = names, Model = model is null ? null : model with { Sequential = null, PriorMuSd = null, PriorTauScale = null },
        }, ErrorLocation.InQuery, hasFurtherFits: false));

    /// <summary>The verdicts alone of those moderators that can be computed.</summary>
    /// <inheritdoc cref="RunComputable"/>
    public static IReadOnlyDictionary<string, string> Verdicts(EffectSet effects, IReadOnlyList<string> moderators, ModelRequest? model)
    {
        var (fitted, _) = FindComputable(moderators, names => Fit(effects, new ModeratorsRequest { By = names, Model = model }, ErrorLocation.InQuery));
        var verdicts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (breakdown, fit) in fitted?.Breakdowns.Zip(fitted.Adjusted) ?? [])
        {
            verdicts.Add(breakdown.Column.Name, EnumNames<ModeratorVerdict>.Of(fit.Verdict));
        }

        return verdicts;
    }

    private static (ModeratorsResponse? Answer, Problem? Problem) Analyze(EffectSet effects, ModeratorsRequest request, ErrorLocation location,
        bool hasFurtherFits)
    {
        var (fitted, problem) = Fit(effects, request, location);
        return fitted is null ? (null, problem) : (ToResponse(effects, fitted, hasFurtherFits), null);
    }

    private static (Fitted? Fitted, Problem? Problem) Fit(EffectSet effects, ModeratorsRequest request, ErrorLocation location)
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

        var breakdowns = columns.Select(c => Breakdown.Compute(c, effects, model, request)).ToList();
        return (new(model, breakdowns, ModeratorModel.AdjustByHolm(breakdowns.ConvertAll(b => b.Fit), model.Confidence)), null);
    }

    private static ModeratorsResponse ToResponse(EffectSet effects, Fitted fitted, bool hasFurtherFits)
    {
        var (model, breakdowns, adjusted) = fitted;
        var all = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var anytime = AnytimeAnalysis.Create(effects, model);
        var levels = breakdowns.ConvertAll(b => anytime?.Levels(b.Column.Values, breakdowns.Sum(each => each.Fit.Contrasts.Count)));
        return new ModeratorsResponse
        {
            Moderators = [.. breakdowns.Zip(adjusted, levels).Select(b => b.First.ToResponse(b.Second, model, b.Third, hasFurtherFits))],
            Counts = all.Counts(),
            Model = ResponseMapper.Model(model),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = [.. effects.Excluded, .. breakdowns.Select(b => b.Missing).OfType<Exclusion>()],
            Suppressed = effects.Suppressed,
            Warnings =
            [
                .. effects.Warnings, .. all.Warnings(model),
                .. breakdowns.Zip(levels).SelectMany(b => b.First.Warnings(model, treatsSplitSamplesAsIndependent: b.Second?.HasSplitSamples == true)),
                .. breakdowns.Select(b => b.Column).Where(column => anytime is not null && column.IsContinuous)
                    .Select(column => new Warning("noSequence", $"{column.Name}: {SequenceOfLevels}; a number has neither.")),
                .. RepeatedLooks.Of(effects, anytime is null ? SequenceOffer.Available : SequenceOffer.Shown), .. anytime?.Warnings() ?? [],
            ],
        };
    }

    /// <summary>The analysis of all moderators, or of those that can be computed, and why the others cannot be.</summary>
    private static (T? Analysis, IReadOnlyDictionary<string, string> Reasons) FindComputable<T>(IReadOnlyList<string> moderators,
        Func<IReadOnlyList<string>, (T? Analysis, Problem? Problem)> run)
        where T : class
    {
        if (Try(run, moderators).Analysis is { } all)
        {
            return (all, new Dictionary<string, string>(StringComparer.Ordinal));
        }

        var reasons = moderators.Select(name => (name, Try(run, [name]).Reason)).Where(moderator => moderator.Reason is not null)
            .ToDictionary(moderator => moderator.name, moderator => moderator.Reason!, StringComparer.Ordinal);
        string[] computable = [.. moderators.Where(name => !reasons.ContainsKey(name))];
        return (computable.Length == 0 ? null : Try(run, computable).Analysis, reasons);
    }

    private static (T? Analysis, string? Reason) Try<T>(Func<IReadOnlyList<string>, (T? Analysis, Problem? Problem)> run, IReadOnlyList<string> moderators)
        where T : class
    {
        try
        {
            var (analysis, problem) = run(moderators);
            return (analysis, problem?.Errors[0].Detail);
        }
        catch (StatisticsException error)
        {
            return (null, error.Message);
        }
    }

    /// <summary>The fits of several moderators, and the same with tests adjusted for each other.</summary>
    private sealed record Fitted(ResolvedModel Model, List<Breakdown> Breakdowns, IReadOnlyList<ModeratorFit> Adjusted);

    /// <summary>The analysis of one moderator, with excluded effects.</summary>
    private sealed record Breakdown(ModeratorColumn Column, ModelFrame Frame, ModeratorFit Fit, double Margin, Exclusion? Missing)
    {
        public static Breakdown Compute(ModeratorColumn column, EffectSet effects, ResolvedModel model, ModeratorsRequest request)
        {
            var (name, values) = (column.Name, column.Values);
            int[] chosen = [.. Enumerable.Range(0, effects.Count).Where(i => values[i] is not null)];
            var frame = ModelFrame.Create(effects, chosen, model, i => values[i]!.Value.ToString());
            var rows = frame.Members.Select(m => values[m[0]]!.Value).ToList();
            var margin = request.EquivalenceMargin ?? DefaultEquivalenceMargin;
            var fit = AnalysisMetrics.TimeFit(model, () => column.IsContinuous
                ? Continuous(name, frame, rows.ConvertAll(r => r.Number!.Value).ToArray(), model, margin)
                : Categorical(name, frame, rows.ConvertAll(r => r.Text!), model, request.TauSquared ?? TauSquaredChoice.Common, margin));
            return new(column, frame, fit, margin,
                chosen.Length < effects.Count ? new("moderatorMissing", effects.Count - chosen.Length, name) : null);
        }

        private static ModeratorFit Continuous(string name, ModelFrame frame, double[] values, ResolvedModel model, double margin) => model.IsNested
            ? ModeratorModel.FitContinuousNested(name, frame.Estimates, frame.Variances, frame.SampleCodes(), values, frame.NestedOptions(model), margin)
            : ModeratorModel.FitContinuous(name, frame.Estimates, frame.Variances, values, model.RandomEffectsOptions, margin, frame.SampleCodes());

        private static ModeratorFit Categorical(string name, ModelFrame frame, List<string> levels, ResolvedModel model, TauSquaredChoice tauSquared,
            double margin) => model.IsNested
            ? ModeratorModel.FitCategoricalNested(name, frame.Estimates, frame.Variances, frame.SampleCodes(), levels, frame.NestedOptions(model), margin)
            : ModeratorModel.FitCategorical(name, frame.Estimates, frame.Variances, levels, model.RandomEffectsOptions,
                tauSquared == TauSquaredChoice.Separate ? SubgroupTauSquared.Separate : SubgroupTauSquared.Common, margin, frame.SampleCodes());

        /// <summary>The response of the fit once its test was adjusted.</summary>
        public ModeratorResponse ToResponse(ModeratorFit fit, ResolvedModel model, AnytimeLevels? anytime, bool hasFurtherFits) => new()
        {
            Name = Column.Name,
            Kind = Column.IsContinuous ? "continuous" : "categorical",
            Levels = [.. fit.Levels.Select(level => new ModeratorLevelResponse(
                level.Level,
                Frame.Counts(level.Rows),
                ResponseMapper.Pooled(level.Mean, level.PredictionInterval, model) with { WarningCodes = FitWarnings.CodesOf(level) },
                ResponseMapper.Correlation(level.Mean, level.PredictionInterval, level.Heterogeneity.TauSquared, model),
                ResponseMapper.Heterogeneity(level.Heterogeneity))
            {
                Anytime = anytime?.Of(level.Level),
            })],
            Coefficients = [.. fit.Coefficients.Select(ResponseMapper.Coefficient)],
            Test = ResponseMapper.Omnibus(fit.Test, fit.AdjustedPValue),
            ConfirmingTest = ResponseMapper.Omnibus(fit.ConfirmingTest, fit.AdjustedConfirmingPValue),
            Residual = ResponseMapper.Residual(fit.Residual),
            R2 = hasFurtherFits ? fit.RSquared : null,
            Contrasts = [.. fit.Contrasts.Select(c => ResponseMapper.Contrast(c) with { Anytime = anytime?.OfContrast(c.A, c.B) })],
            MinimumDetectableDifference = fit.MinimumDetectableDifference,
            Verdict = EnumNames<ModeratorVerdict>.Of(fit.Verdict),
            CannotTellBecause = fit.CannotTellBecause,
            WithinMargin = fit.WithinMargin,
            EquivalenceMargin = Margin,
            WithinSample = hasFurtherFits && fit.WithinSample is { } within
                ? new([.. within.Coefficients.Select(ResponseMapper.Coefficient)], within.Samples, within.Effects) : null,
            WarningCodes = [.. Warnings(model).Select(w => w.Code)],
        };

        public IEnumerable<Warning> Warnings(ResolvedModel model, bool treatsSplitSamplesAsIndependent = false)
        {
            var shown = Fit.Levels.SelectMany(FitWarnings.CodesOf).Concat(Fit.Contrasts.SelectMany(FitWarnings.CodesOf))
                .Concat(Fit.Coefficients.SelectMany(FitWarnings.CodesOf));
            foreach (var note in Fit.Notes.Concat(shown).Distinct(StringComparer.Ordinal))
            {
                yield return FitWarnings.Of(note, Column.Name);
            }

            if (!model.IsNested && Frame.HasSplitSamples)
            {
                yield return new("sampleInSeveralLevels",
                    $"{Column.Name}: some samples have effects at several values; these are treated as independent of each other.");
            }
            else if (treatsSplitSamplesAsIndependent)
            {
                yield return new("sampleInSeveralLevels",
                    $"{Column.Name}: some samples have effects at several values; e-values and confidence sequences of contrasts treat these as independent of "
                        + "each other.");
            }
        }
    }
}
