using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Sequential;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Regression;

/// <summary><c>/meta/regression</c>: regresses effects on moderators.</summary>
internal static class RegressionAnalysis
{
    public static (RegressionResponse? Answer, Problem? Problem) Run(EffectSet effects, RegressionRequest request, ErrorLocation location)
    {
        var (fitted, problem) = FittedRegression.Of(effects, request, location);
        return fitted is null ? (null, problem) : Respond(effects, fitted, request, location);
    }

    /// <summary>The response of a fitted regression, with what the request adds to it; returns a problem if options do not go with the model.</summary>
    public static (RegressionResponse? Answer, Problem? Problem) Respond(EffectSet effects, FittedRegression fitted, RegressionRequest request,
        ErrorLocation location)
    {
        var (frame, design, model, fit) = (fitted.Frame, fitted.Design, fitted.Fit.Model, fitted.Fit);
        if (Options(request, fitted, location) is { } invalid)
        {
            return (null, invalid);
        }

        var (predicted, errors) = fitted.PredictAll(request.At, location);
        if (errors.Count > 0)
        {
            return (null, Problem.Invalid([.. errors]));
        }

        var (dropped, unknown) = fitted.Dropped(request.Drop, location);
        if (unknown.Count > 0)
        {
            return (null, Problem.Invalid([.. unknown]));
        }

        var permutation = request.Permutations is { } permutations
            ? RunPermutationTest(frame, design.Matrix, model, (int)permutations, (int)(request.Seed ?? 1)) : null;
        var (scale, notes) = request.ScaleTerms is null ? (null, []) : fitted.LocationScale();
        return (new RegressionResponse
        {
            Coefficients = [.. fit.Coefficients.Select((c, j) => ResponseMapper.Coefficient(c) with
            {
                Vif = j == 0 || fit.Coefficients.Count < 3 ? null : fitted.InflationOf([j]),
                PermutationP = permutation?.CoefficientPValues[j],
            })],
            Test = ResponseMapper.Omnibus(fit.Omnibus),
            RobustTest = RobustTest(fit.Nested?.RobustOmnibus),
            TermTests = [.. design.Terms.Where(term => term.Count > 0).Select(term => TestOf(term, fitted))],
            Predicted = predicted,
            MarginalMeans = request.MarginalMeans == true ? fitted.MarginalMeans() : null,
            Centres = request.Centred == true
                ? [.. design.Moderators.Where(m => m.IsContinuous).Select(m => new CentreResponse(m.Name, design.MeanOf(m.Name)))] : null,
            LikelihoodRatio = fitted.LikelihoodRatio(dropped),
            LocationScale = scale,
            PermutationTest = permutation is { } p && design.Matrix.Columns > 1 ? new(p.PValue, p.Exact, p.Permutations) : null,
            WildBootstrap = request.Bootstrap is { } replicates && design.Matrix.Columns > 1
                ? RunWildBootstrap(frame, design.Matrix, model, (int)replicates, (ulong)(request.Seed ?? 1)) : null,
            Residual = fitted.Residual(),
            R2 = fit.RSquared,
            R2Between = fit.Nested?.RSquaredBetween,
            R2Within = fit.Nested?.RSquaredWithin,
            Counts = frame.Counts(),
            Model = ResponseMapper.Model(fit),
            Given = effects.Given,
            Used = fitted.Used,
            Data = ResponseMapper.Data(effects),
            Excluded = [.. effects.Excluded, .. MissingTerms(effects, fitted.Used)],
            Suppressed = effects.Suppressed,
            Warnings =
            [
                .. effects.Warnings, .. SingleLevelWarnings(design), .. fit.Warnings,
                .. design.LowerTermsMissing.Select(term => FitWarnings.Of("lowerTermMissing", term)), .. notes,
                .. RepeatedLooks.Of(effects, SequenceOffer.None),
                // Without predicted values there is nothing to predict; the endpoint warns of the other options.
                .. predicted is null && request.MarginalMeans != true ? UnusedOptions.Warnings(request, OptionUse.All & ~OptionUse.Prediction) : [],
            ],
        }, null);
    }

    /// <summary>Options that do not go with the model.</summary>
    private static Problem? Options(RegressionRequest request, FittedRegression fitted, ErrorLocation location)
    {
        var (model, errors) = (fitted.Fit.Model, new List<FieldError>());
        if (model.IsNested && request.Permutations is not null)
        {
            errors.Add(new(location.Member("permutations"), "notForNested", "is for independent or aggregated effects"));
        }

        if (!model.IsNested && request.Bootstrap is not null)
        {
            errors.Add(new(location.Member("bootstrap"), "notForIndependent", "is for effects nested in samples"));
        }

        if (request.ScaleTerms is not null && model.IsNested)
        {
            errors.Add(new(location.Member("scaleTerms"), "notForNested",
                "is for independent or aggregated effects: with dependence=aggregate each sample is one"));
        }
        else if (request.ScaleTerms is not null && model.Estimator is not (Estimator.Reml or Estimator.Ml))
        {
            errors.Add(new(location.Member("scaleTerms"), "needsLikelihood", "a location–scale model is fitted with estimator=reml or ml"));
        }

        return errors.Count == 0 ? null : Problem.Invalid([.. errors]);
    }

    private static TermTestResponse TestOf(TermColumns term, FittedRegression fitted)
    {
        var (test, robust) = fitted.TestOf(term.Columns);
        var gvif = term.Count == fitted.Design.Matrix.Columns - 1 ? 1 : fitted.InflationOf(term.Columns);
        return new(term.Term.Name, [.. term.Columns.Select(j => fitted.Design.Matrix.Names[j])], ResponseMapper.Omnibus(test), gvif,
            gvif is { } factor ? Math.Pow(factor, 0.5 / term.Count) : null)
        { RobustTest = RobustTest(robust) };
    }

    private static RobustTestResponse? RobustTest(RobustWaldTest? test) =>
        test is null ? null : new(test.F, test.NumeratorDegreesOfFreedom, test.DenominatorDegreesOfFreedom, test.PValue);

    private static IEnumerable<Exclusion> MissingTerms(EffectSet effects, int used)
    {
        if (used < effects.Count)
        {
            yield return new("moderatorMissing", effects.Count - used);
        }
    }

    /// <summary>Warnings about terms without a column.</summary>
    private static IEnumerable<Warning> SingleLevelWarnings(RegressionDesign design) =>
        design.Moderators.Where(moderator => moderator.Levels.Count == 1).Select(moderator => FitWarnings.Of("singleLevel", moderator.Name));

    // Without a column beside the intercept there is nothing to permute but signs.
    private static PermutationTestResult RunPermutationTest(ModelFrame frame, DesignMatrix design, ResolvedModel model, int permutations, int seed) =>
        design.Columns == 1 ? SignFlipTest.Run(frame.Estimates, frame.Variances, model.RandomEffectsOptions, permutations, seed)
            : PermutationTest.Run(frame.Estimates, frame.Variances, design, model.RandomEffectsOptions, permutations, seed);

    private static WildBootstrapResponse? RunWildBootstrap(ModelFrame frame, DesignMatrix design, ResolvedModel model, int replicates, ulong seed) =>
        WildBootstrap.Test(frame.Estimates, frame.Variances, frame.SampleCodes(), design, replicates, seed, frame.NestedOptions(model)) is { } test
            ? new(test.F, test.PValue, test.Replicates)
            : null;
}
