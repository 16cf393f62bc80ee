using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Sequential;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Regression;

/// <summary><c>/meta/regression</c>: regresses effects on moderators.</summary>
internal static class RegressionAnalysis
{
    public static (RegressionResponse? Answer, Problem? Problem) Run(EffectSet effects, RegressionRequest request, ErrorLocation location)
    {
        var (columns, problem) = ModeratorColumn.Find(effects, request.Terms, "terms", location);
        if (problem is not null)
        {
            return (null, problem);
        }

        if (HypotheticalEffects.FindUnused(effects, columns, location, all: true) is { } unused)
        {
            return (null, unused);
        }

        int[] chosen = [.. Enumerable.Range(0, effects.Count).Where(i => columns.All(c => c.Values[i] is not null))];
        if (chosen.Length == 0)
        {
            return (null, new Problem(ProblemKind.NotComputable, "No effect has all of the terms."));
        }

        var (model, modelProblem) = ResolvedModel.Resolve(request.Model, effects, location);
        if (model is null)
        {
            return (null, modelProblem);
        }

        if (model.IsNested && request.Permutations is not null)
        {
            return (null, Problem.Invalid([new FieldError(location.Member("permutations"), "notForNested", "is for independent or aggregated effects")]));
        }

        if (!model.IsNested && request.Bootstrap is not null)
        {
            return (null, Problem.Invalid([new FieldError(location.Member("bootstrap"), "notForIndependent", "is for effects nested in samples")]));
        }

        var frame = ModelFrame.Create(effects, chosen, model, i => string.Join('\u001f', columns.Select(c => c.Values[i])));
        var design = ModeratorColumn.ToDesign(columns, frame);
        // Explicitly requested tests and variances are those of metafor and clubSandwich for all coefficients; the warning remains.
        var oneSample = request.Model is { Test: not (null or TestChoice.Auto), Robust: not (null or RobustVarianceChoice.Auto) }
            ? OneSampleInference.AsRequested
            : OneSampleInference.WorkingModel;
        var fit = AnalysisMetrics.TimeFit(model, () => ModelFit.Regress(frame, design, model, oneSample));
        return (new RegressionResponse
        {
            Coefficients = [.. fit.Coefficients.Select(ResponseMapper.Coefficient)],
            Test = ResponseMapper.Omnibus(fit.Omnibus),
            RobustTest = fit.Nested?.RobustOmnibus is { } robust
                ? new(robust.F, robust.NumeratorDegreesOfFreedom, robust.DenominatorDegreesOfFreedom, robust.PValue) : null,
            PermutationTest = request.Permutations is { } permutations && design.Columns > 1
                ? RunPermutationTest(frame, design, model, (int)permutations, (int)(request.Seed ?? 1)) : null,
            WildBootstrap = request.Bootstrap is { } replicates && design.Columns > 1
                ? RunWildBootstrap(frame, design, model, (int)replicates, (ulong)(request.Seed ?? 1)) : null,
            Residual = ResponseMapper.Residual(fit.Heterogeneity),
            R2 = fit.RSquared,
            R2Between = fit.Nested?.RSquaredBetween,
            R2Within = fit.Nested?.RSquaredWithin,
            Counts = frame.Counts(),
            Model = ResponseMapper.Model(fit),
            Given = effects.Given,
            Used = chosen.Length,
            Data = ResponseMapper.Data(effects),
            Excluded = [.. effects.Excluded, .. MissingTerms(effects, chosen.Length)],
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. SingleLevelWarnings(columns, chosen), .. fit.Warnings, .. RepeatedLooks.Of(effects, SequenceOffer.None)],
        }, null);
    }

    private static IEnumerable<Exclusion> MissingTerms(EffectSet effects, int used)
    {
        if (used < effects.Count)
        {
            yield return new("moderatorMissing", effects.Count - used);
        }
    }

    /// <summary>Warnings about terms without a column.</summary>
    private static IEnumerable<Warning> SingleLevelWarnings(IReadOnlyList<ModeratorColumn> columns, int[] chosen) =>
        columns.Where(column => !column.IsContinuous && chosen.Select(i => column.Values[i]!.Value.Text).Distinct(StringComparer.Ordinal).Count() == 1)
            .Select(column => FitWarnings.Of("singleLevel", column.Name));

    private static PermutationTestResponse RunPermutationTest(ModelFrame frame, DesignMatrix design, ResolvedModel model, int permutations, int seed)
    {
        var test = PermutationTest.Run(frame.Estimates, frame.Variances, design, model.RandomEffectsOptions, permutations, seed);
        return new(test.PValue, test.Exact, test.Permutations);
    }

    private static WildBootstrapResponse? RunWildBootstrap(ModelFrame frame, DesignMatrix design, ResolvedModel model, int replicates, ulong seed) =>
        WildBootstrap.Test(frame.Estimates, frame.Variances, frame.SampleCodes(), design, replicates, seed, model.MultilevelOptions) is { } test
            ? new(test.F, test.PValue, test.Replicates)
            : null;
}
