using RealRelationship.Statistics;

using RealRelationshipApi.Http;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>Breaks effects down by moderators: from a question's effects to the answer of <c>/meta/moderators</c>.</summary>
internal static class ModeratorsAnalysis
{
    public const double UsualMargin = 0.10;

    public static (ModeratorsAnswer? Answer, Problem? Problem) Run(EffectSet effects, ModeratorsRequest request, string pointer)
    {
        var model = Model.Resolve(request.Model, effects);
        var columns = request.By.Select((name, i) => (Name: name, Pointer: pointer.StartsWith('?') ? pointer : $"{pointer}/{i}", Values: effects.Moderator(name))).ToList();
        FieldError[] faults = [.. columns.Select(c => FaultOf(c.Name, c.Pointer, c.Values)).OfType<FieldError>()];
        if (faults.Length > 0)
            return (null, Problem.Invalid(faults));
        var all = Entering.Of(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var breakdowns = columns.ConvertAll(c => Breakdown.By(c.Name, c.Values!, effects, model, request));
        return (new ModeratorsAnswer
        {
            Moderators = breakdowns.ConvertAll(b => b.Answer),
            Counts = all.Counts(),
            Model = AnswerParts.Model(model),
            Given = effects.Given,
            Used = effects.Count,
            Data = AnswerParts.Data(effects),
            Excluded = [.. effects.Excluded, .. breakdowns.Select(b => b.Missing).OfType<Exclusion>()],
            Warnings = [.. effects.Warnings, .. all.Warnings(model), .. breakdowns.SelectMany(b => b.Warnings)],
        }, null);
    }

    private static FieldError? FaultOf(string name, string pointer, ModeratorValue?[]? values)
    {
        if (values is null || Array.TrueForAll(values, v => v is null))
            return new(pointer, "unknownModerator", $"no effect of this question has a moderator '{name}'");
        var kinds = values.OfType<ModeratorValue>().Select(v => v.Number is not null).Distinct().Count();
        return kinds > 1 ? new(pointer, "mixedModerator", $"'{name}' is a number for some effects and a text for others") : null;
    }

    /// <summary>One breakdown with what it left out and what its reader should know.</summary>
    private sealed record Breakdown(ModeratorAnswer Answer, Exclusion? Missing, IReadOnlyList<Warning> Warnings)
    {
        public static Breakdown By(string name, ModeratorValue?[] values, EffectSet effects, Model model, ModeratorsRequest request)
        {
            int[] chosen = [.. Enumerable.Range(0, effects.Count).Where(i => values[i] is not null)];
            var entering = Entering.Of(effects, chosen, model, i => values[i]!.Value.ToString());
            var rows = entering.Members.Select(m => values[m[0]]!.Value).ToList();
            var margin = request.EquivalenceMargin ?? UsualMargin;
            var isContinuous = rows[0].Number is not null;
            var analysis = isContinuous
                ? Moderators.Continuous(name, entering.Estimates, entering.Variances, rows.ConvertAll(r => r.Number!.Value).ToArray(), model.Options, margin)
                : Moderators.Categorical(name, entering.Estimates, entering.Variances, rows.ConvertAll(r => r.Text!), model.Options,
                    request.TauSquared == TauSquaredChoice.Separate ? SubgroupTauSquared.Separate : SubgroupTauSquared.Common, margin);
            return new(
                Write(name, isContinuous, analysis, entering, model, margin),
                chosen.Length < effects.Count ? new("moderatorMissing", effects.Count - chosen.Length, name) : null,
                [.. WarningsOf(name, analysis, entering)]);
        }

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
            Coefficients = [.. analysis.Coefficients.Select(c =>
                new CoefficientAnswer(c.Name, c.Estimate, c.StandardError, c.Statistic, c.DegreesOfFreedom, c.PValue, c.Lower, c.Upper))],
            Test = analysis.Test is { } test ? new(test.Statistic, test.Name, test.NumeratorDegreesOfFreedom, test.DenominatorDegreesOfFreedom, test.PValue) : null,
            Residual = new(analysis.Residual.Q, analysis.Residual.DegreesOfFreedom, analysis.Residual.PValue, analysis.Residual.TauSquared, analysis.Residual.ISquared),
            R2 = analysis.RSquared,
            Contrasts = [.. analysis.Contrasts.Select(c => new ContrastAnswer(
                c.A, c.B, c.Difference, c.StandardError, c.Lower, c.Upper, c.PValue, c.AdjustedPValue, c.MinimumDetectableDifference))],
            MinimumDetectableDifference = analysis.MinimumDetectableDifference,
            Verdict = EnumNames<ModeratorVerdict>.Of(analysis.Verdict),
            WithinMargin = analysis.WithinMargin,
            EquivalenceMargin = margin,
        };

        private static IEnumerable<Warning> WarningsOf(string name, ModeratorAnalysis analysis, Entering entering)
        {
            foreach (var note in analysis.Notes)
                yield return new(note, $"{name}: {Explain(note)}");
            var samples = entering.Members.Select(m => entering.Effects.Samples[m[0]]).ToList();
            if (samples.Distinct(StringComparer.Ordinal).Count() < samples.Count)
                yield return new("sampleInSeveralLevels", $"{name}: some samples have effects at several values; these are treated as independent of each other.");
        }

        private static string Explain(string note) => note switch
        {
            "singleLevel" => "every effect has the same value, so there is nothing to compare.",
            "oneEffectLevel" => "a level has only one effect.",
            "severalModes" => "the likelihood of tau² has more than one peak; the highest was taken.",
            "floorApplied" => "the Knapp–Hartung multiplier was below 1 and would have made intervals shorter than the normal ones; it was held at 1.",
            _ => note,
        };
    }
}
