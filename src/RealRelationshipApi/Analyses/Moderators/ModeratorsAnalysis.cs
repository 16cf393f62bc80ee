using RealRelationship.Statistics;

using RealRelationshipApi.Http;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>Breaks effects down by moderators: from a question's effects to the answer of <c>/meta/moderators</c>.</summary>
internal static class ModeratorsAnalysis
{
    public const double UsualMargin = 0.10;

    public static (ModeratorsAnswer? Answer, Problem? Problem) Run(EffectSet effects, ModeratorsRequest request, Asked asked)
    {
        var (model, refusal) = Model.Resolve(request.Model, effects, asked);
        if (model is null)
        {
            return (null, refusal);
        }

        if (model.IsNested && request.TauSquared == TauSquaredChoice.Separate)
        {
            return (null, Problem.Invalid([new FieldError(asked.Member("tauSquared"), "notForNested", "must be common where effects are nested in samples")]));
        }

        var (columns, problem) = ModeratorColumn.Find(effects, request.By, "by", asked);
        if (problem is not null)
        {
            return (null, problem);
        }

        var all = Entering.Of(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var breakdowns = columns.Select(c => Breakdown.By(c, effects, model, request)).ToList();
        return (new ModeratorsAnswer
        {
            Moderators = [.. breakdowns.Select(b => b.Answer)],
            Counts = all.Counts(),
            Model = AnswerParts.Model(model),
            Given = effects.Given,
            Used = effects.Count,
            Data = AnswerParts.Data(effects),
            Excluded = [.. effects.Excluded, .. breakdowns.Select(b => b.Missing).OfType<Exclusion>()],
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. all.Warnings(model), .. breakdowns.SelectMany(b => b.Warnings)],
        }, null);
    }

    /// <summary>One breakdown with what it left out and what its reader should know.</summary>
    private sealed record Breakdown(ModeratorAnswer Answer, Exclusion? Missing, IReadOnlyList<Warning> Warnings)
    {
        public static Breakdown By(ModeratorColumn column, EffectSet effects, Model model, ModeratorsRequest request)
        {
            var (name, values) = (column.Name, column.Values);
            int[] chosen = [.. Enumerable.Range(0, effects.Count).Where(i => values[i] is not null)];
            var entering = Entering.Of(effects, chosen, model, i => values[i]!.Value.ToString());
            var rows = entering.Members.Select(m => values[m[0]]!.Value).ToList();
            var margin = request.EquivalenceMargin ?? UsualMargin;
            var analysis = MetaMeter.Fit(model, () => column.IsContinuous
                ? Continuous(name, entering, rows.ConvertAll(r => r.Number!.Value).ToArray(), model, margin)
                : Categorical(name, entering, rows.ConvertAll(r => r.Text!), model, request.TauSquared ?? TauSquaredChoice.Common, margin));
            return new(
                Write(name, column.IsContinuous, analysis, entering, model, margin),
                chosen.Length < effects.Count ? new("moderatorMissing", effects.Count - chosen.Length, name) : null,
                [.. WarningsOf(name, analysis, entering, model)]);
        }

        private static ModeratorAnalysis Continuous(string name, Entering entering, double[] values, Model model, double margin) => model.IsNested
            ? Moderators.ContinuousNested(name, entering.Estimates, entering.Variances, entering.SampleCodes(), values, model.NestedOptions, margin)
            : Moderators.Continuous(name, entering.Estimates, entering.Variances, values, model.Options, margin);

        private static ModeratorAnalysis Categorical(string name, Entering entering, List<string> levels, Model model, TauSquaredChoice tauSquared, double margin) => model.IsNested
            ? Moderators.CategoricalNested(name, entering.Estimates, entering.Variances, entering.SampleCodes(), levels, model.NestedOptions, margin)
            : Moderators.Categorical(name, entering.Estimates, entering.Variances, levels, model.Options,
                tauSquared == TauSquaredChoice.Separate ? SubgroupTauSquared.Separate : SubgroupTauSquared.Common, margin);

        private static ModeratorAnswer Write(string name, bool isContinuous, ModeratorAnalysis analysis, Entering entering, Model model, double margin) => new()
        {
            Name = name,
            Kind = isContinuous ? "continuous" : "categorical",
            Levels = [.. analysis.Levels.Select(level => new LevelAnswer(
                level.Level,
                entering.Counts(level.Rows),
                AnswerParts.Pooled(level.Mean, level.Prediction, model),
                AnswerParts.Correlation(level.Mean, level.Prediction, level.Heterogeneity.TauSquared, model),
                AnswerParts.Heterogeneity(level.Heterogeneity)))],
            Coefficients = [.. analysis.Coefficients.Select(AnswerParts.Coefficient)],
            Test = AnswerParts.Omnibus(analysis.Test),
            Residual = AnswerParts.Residual(analysis.Residual),
            R2 = analysis.RSquared,
            Contrasts = [.. analysis.Contrasts.Select(c => new ContrastAnswer(
                c.A, c.B, c.Difference, c.StandardError, c.Lower, c.Upper, c.PValue, c.AdjustedPValue, c.MinimumDetectableDifference))],
            MinimumDetectableDifference = analysis.MinimumDetectableDifference,
            Verdict = EnumNames<ModeratorVerdict>.Of(analysis.Verdict),
            WithinMargin = analysis.WithinMargin,
            EquivalenceMargin = margin,
            WithinSample = analysis.WithinSample is { } within ? new([.. within.Coefficients.Select(AnswerParts.Coefficient)], within.Samples, within.Effects) : null,
        };

        private static IEnumerable<Warning> WarningsOf(string name, ModeratorAnalysis analysis, Entering entering, Model model)
        {
            foreach (var note in analysis.Notes)
            {
                yield return FitWarnings.Of(note, name);
            }

            if (!model.IsNested && entering.HasSampleApart)
            {
                yield return new("sampleInSeveralLevels", $"{name}: some samples have effects at several values; these are treated as independent of each other.");
            }
        }
    }
}
