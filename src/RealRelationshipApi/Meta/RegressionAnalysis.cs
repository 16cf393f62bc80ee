using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>Regresses effects on moderators: from a question's effects to the answer of <c>/meta/regression</c>.</summary>
internal static class RegressionAnalysis
{
    public static (RegressionAnswer? Answer, Problem? Problem) Run(EffectSet effects, RegressionRequest request, string pointer)
    {
        var (columns, problem) = ModeratorColumn.Find(effects, request.Terms, pointer);
        if (problem is not null)
            return (null, problem);
        int[] chosen = [.. Enumerable.Range(0, effects.Count).Where(i => columns.All(c => c.Values[i] is not null))];
        if (chosen.Length == 0)
            return (null, new Problem(ProblemKind.NotComputable, "No effect has all of the terms."));
        var model = Model.Resolve(request.Model, effects);
        var entering = Entering.Of(effects, chosen, model, i => string.Join('\u001f', columns.Select(c => c.Values[i])));
        var fit = MetaRegression.Fit(entering.Estimates, entering.Variances, Design(columns, entering), model.Options);
        return (new RegressionAnswer
        {
            Coefficients = [.. fit.Coefficients.Select(AnswerParts.Coefficient)],
            Test = AnswerParts.Omnibus(fit.Omnibus),
            Residual = AnswerParts.Residual(fit.Residual),
            R2 = fit.RSquared,
            Counts = entering.Counts(),
            Model = AnswerParts.Model(model) with { LogLikelihood = fit.LogLikelihood, Iterations = fit.Iterations, Converged = fit.Converged },
            Given = effects.Given,
            Used = chosen.Length,
            Data = AnswerParts.Data(effects),
            Excluded = [.. effects.Excluded, .. Missing(effects, chosen.Length)],
            Warnings = [.. effects.Warnings, .. entering.Warnings(model), .. Warnings(fit, entering)],
        }, null);
    }

    private static DesignMatrix Design(IReadOnlyList<ModeratorColumn> columns, Entering entering) =>
        columns.Aggregate(DesignMatrix.WithIntercept(entering.Count), (design, column) =>
        {
            var rows = entering.Members.Select(m => column.Values[m[0]]!.Value);
            return column.IsContinuous
                ? design.Add(new ContinuousTerm(column.Name, [.. rows.Select(v => v.Number!.Value)]))
                : design.Add(new CategoricalTerm(column.Name, [.. rows.Select(v => v.Text!)]));
        });

    private static IEnumerable<Exclusion> Missing(EffectSet effects, int used)
    {
        if (used < effects.Count)
            yield return new("moderatorMissing", effects.Count - used);
    }

    private static IEnumerable<Warning> Warnings(MetaRegressionFit fit, Entering entering)
    {
        if (entering.HasSampleApart)
            yield return new("sampleInSeveralLevels", "Some samples have effects at several values of the terms; these are treated as independent of each other.");
        if (fit.FloorApplied)
            yield return FitWarnings.FloorApplied;
        if (fit.SeveralModes)
            yield return FitWarnings.SeveralModes;
    }
}
