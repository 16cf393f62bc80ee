using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>Regresses effects on moderators: from a question's effects to the answer of <c>/meta/regression</c>.</summary>
internal static class RegressionAnalysis
{
    public static (RegressionAnswer? Answer, Problem? Problem) Run(EffectSet effects, RegressionRequest request, Asked asked)
    {
        var (columns, problem) = ModeratorColumn.Find(effects, request.Terms, "terms", asked);
        if (problem is not null)
        {
            return (null, problem);
        }

        int[] chosen = [.. Enumerable.Range(0, effects.Count).Where(i => columns.All(c => c.Values[i] is not null))];
        if (chosen.Length == 0)
        {
            return (null, new Problem(ProblemKind.NotComputable, "No effect has all of the terms."));
        }

        var (model, refusal) = Model.Resolve(request.Model, effects, asked);
        if (model is null)
        {
            return (null, refusal);
        }

        if (model.IsNested && request.Permutations is not null)
        {
            return (null, Problem.Invalid([new FieldError(asked.Member("permutations"), "notForNested", "is for independent or aggregated effects")]));
        }

        if (!model.IsNested && request.Bootstrap is not null)
        {
            return (null, Problem.Invalid([new FieldError(asked.Member("bootstrap"), "notForIndependent", "is for effects nested in samples")]));
        }

        var entering = Entering.Of(effects, chosen, model, i => string.Join('\u001f', columns.Select(c => c.Values[i])));
        var design = Design(columns, entering);
        var part = model.IsNested ? Nested(entering, design, model) : Flat(entering, design, model);
        return (new RegressionAnswer
        {
            Coefficients = [.. part.Coefficients.Select(AnswerParts.Coefficient)],
            Test = AnswerParts.Omnibus(part.Omnibus),
            RobustTest = part.RobustTest is { } robust ? new(robust.F, robust.NumeratorDegreesOfFreedom, robust.DenominatorDegreesOfFreedom, robust.PValue) : null,
            PermutationTest = request.Permutations is { } permutations && design.Columns > 1 ? Permuted(entering, design, model, (int)permutations, (int)(request.Seed ?? 1)) : null,
            WildBootstrap = request.Bootstrap is { } replicates && design.Columns > 1 ? Bootstrapped(entering, design, model, (int)replicates, (ulong)(request.Seed ?? 1)) : null,
            Residual = part.Residual,
            R2 = part.R2,
            R2Between = part.R2Between,
            R2Within = part.R2Within,
            Counts = entering.Counts(),
            Model = part.Model,
            Given = effects.Given,
            Used = chosen.Length,
            Data = AnswerParts.Data(effects),
            Excluded = [.. effects.Excluded, .. Missing(effects, chosen.Length)],
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. SingleLevels(columns, chosen), .. part.Warnings],
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
        {
            yield return new("moderatorMissing", effects.Count - used);
        }
    }

    /// <summary>Terms that stand for no column.</summary>
    private static IEnumerable<Warning> SingleLevels(IReadOnlyList<ModeratorColumn> columns, int[] chosen) =>
        columns.Where(column => !column.IsContinuous && chosen.Select(i => column.Values[i]!.Value.Text).Distinct(StringComparer.Ordinal).Count() == 1)
            .Select(column => FitWarnings.Of("singleLevel", column.Name));

    private static Part Flat(Entering entering, DesignMatrix design, Model model)
    {
        var fit = MetaMeter.Fit(model, () => MetaRegression.Fit(entering.Estimates, entering.Variances, design, model.Options));
        return new Part(fit.Coefficients, fit.Omnibus, AnswerParts.Residual(fit.Residual), fit.RSquared,
            AnswerParts.Model(model) with { LogLikelihood = fit.LogLikelihood, Iterations = fit.Iterations, Converged = fit.Converged },
            [.. entering.Warnings(model), .. Warnings(fit, entering)]);
    }

    private static PermutationAnswer Permuted(Entering entering, DesignMatrix design, Model model, int permutations, int seed)
    {
        var test = PermutationTest.Run(entering.Estimates, entering.Variances, design, model.Options, permutations, seed);
        return new(test.PValue, test.Exact, test.Permutations);
    }

    private static BootstrapAnswer? Bootstrapped(Entering entering, DesignMatrix design, Model model, int replicates, ulong seed) =>
        WildBootstrap.Test(entering.Estimates, entering.Variances, entering.SampleCodes(), design, replicates, seed, model.NestedOptions) is { } test
            ? new(test.F, test.PValue, test.Replicates)
            : null;

    private static Part Nested(Entering entering, DesignMatrix design, Model model)
    {
        var fit = MetaMeter.Fit(model, () => MultilevelModel.Fit(entering.Estimates, entering.Variances, entering.SampleCodes(), design, model.NestedOptions));
        return new Part(fit.Coefficients, fit.Omnibus, new(fit.Q, fit.QDegreesOfFreedom, fit.QPValue, fit.TauSquared, fit.ISquared), fit.RSquared,
            AnswerParts.Model(model) with { LogLikelihood = fit.LogLikelihood, Iterations = fit.Iterations, Converged = fit.Converged },
            fit.Notes.Select(FitWarnings.Of))
        {
            R2Between = fit.RSquaredBetween,
            R2Within = fit.RSquaredWithin,
            RobustTest = fit.RobustOmnibus,
        };
    }

    private static IEnumerable<Warning> Warnings(MetaRegressionFit fit, Entering entering)
    {
        if (entering.HasSampleApart)
        {
            yield return new("sampleInSeveralLevels", "Some samples have effects at several values of the terms; these are treated as independent of each other.");
        }

        if (fit.Residual.DegreesOfFreedom < 1)
        {
            yield return FitWarnings.Of("noResidualDegreesOfFreedom");
        }

        if (fit.FloorApplied)
        {
            yield return FitWarnings.Of("floorApplied");
        }

        if (fit.SeveralModes)
        {
            yield return FitWarnings.Of("severalModes");
        }
    }

    /// <summary>What the two kinds of model have to say.</summary>
    private sealed record Part(IReadOnlyList<Coefficient> Coefficients, WaldTest? Omnibus, ResidualAnswer Residual, double? R2, ModelAnswer Model, IEnumerable<Warning> Warnings)
    {
        public double? R2Between { get; init; }

        public double? R2Within { get; init; }

        public RobustWaldTest? RobustTest { get; init; }
    }
}
