using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Regression;

/// <summary>A regression fitted to the effects that have all of its moderators.</summary>
internal sealed class FittedRegression
{
    private readonly RegressionTerms _scale;

    private FittedRegression(RegressionTerms terms, RegressionTerms scale, ModelFrame frame, RegressionDesign design, ModelFit fit, int used) =>
        (Terms, _scale, Frame, Design, Fit, Used) = (terms, scale, frame, design, fit, used);

    public RegressionTerms Terms { get; }

    public ModelFrame Frame { get; }

    public RegressionDesign Design { get; }

    public ModelFit Fit { get; }

    /// <summary>Number of effects used.</summary>
    public int Used { get; }

    /// <summary>Fits the regression of a request; returns a problem that lists all unusable terms.</summary>
    /// <exception cref="StatisticsException">The model cannot be fitted to the effects.</exception>
    public static (FittedRegression? Fitted, Problem? Problem) Of(EffectSet effects, RegressionRequest request, ErrorLocation location)
    {
        var (terms, errors) = RegressionTerms.Find(effects, request.Terms, request.Kind, "terms", location);
        var (scale, scaleErrors) = RegressionTerms.Find(effects, request.ScaleTerms ?? [], request.Kind, "scaleTerms", location);
        FieldError[] all = [.. errors, .. scaleErrors, .. UnknownKinds(request.Kind, [.. terms?.Moderators ?? [], .. scale?.Moderators ?? []], location)];
        if (terms is null || scale is null || all.Length > 0)
        {
            return (null, Problem.Invalid(all));
        }

        if (HypotheticalEffects.FindUnused(effects, [.. terms.Columns, .. scale.Columns], location, all: true) is { } unused)
        {
            return (null, unused);
        }

        int[] chosen = [.. terms.Complete(effects).Intersect(scale.Complete(effects))];
        if (chosen.Length == 0)
        {
            return (null, new Problem(ProblemKind.NotComputable, "No effect has all of the terms."));
        }

        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        if (model is null)
        {
            return (null, problem);
        }

        var frame = ModelFrame.Create(effects, chosen, model, i => terms.KeyOf(i) + '\u001e' + scale.KeyOf(i));
        var design = terms.Design(frame, request.Centred ?? false);
        // Explicitly requested tests and variances are those of metafor and clubSandwich for all coefficients; the warning remains.
        var oneSample = request.Model is { Test: not (null or TestChoice.Auto), Robust: not (null or RobustVarianceChoice.Auto) }
            ? OneSampleInference.AsRequested
            : OneSampleInference.WorkingModel;
        var fit = AnalysisMetrics.TimeFit(model, () => ModelFit.Regress(frame, design.Matrix, model, oneSample));
        return (new(terms, scale, frame, design, fit, chosen.Length), null);
    }

    /// <summary>A predicted value at a point.</summary>
    public RegressionPrediction Predict(IReadOnlyDictionary<string, ModeratorPoint> point)
    {
        double[] row = Design.Row(point);
        return Fit.Nested?.Predict("predicted", row) ?? Fit.Regression!.Predict("predicted", row);
    }

    /// <summary>Predicted values at the points of a request; null without any.</summary>
    public (IReadOnlyList<PredictedValueResponse>? Values, IReadOnlyList<FieldError> Errors) PredictAll(
        IReadOnlyList<IReadOnlyDictionary<string, ModeratorValue>>? at, ErrorLocation location)
    {
        if (at is null)
        {
            return (null, []);
        }

        var points = at.Select((values, i) => (Values: values, Found: Terms.PointOf(values, Design, location.Item("at", i)))).ToList();
        FieldError[] errors = [.. points.SelectMany(point => point.Found.Errors)];
        return errors.Length > 0 ? (null, errors) : ([.. points.Select(point => Value(point.Values, point.Found.Point))], []);
    }

    /// <summary>The mean of each level of each categorical moderator.</summary>
    public IReadOnlyList<PredictedValueResponse> MarginalMeans() =>
    [
        .. from moderator in Design.Moderators
           from level in moderator.Levels
           select Value(new Dictionary<string, ModeratorValue> { [moderator.Name] = ModeratorValue.Of(level) },
               new Dictionary<string, ModeratorPoint> { [moderator.Name] = level }),
    ];

    public double? InflationOf(IReadOnlyList<int> columns) => Fit.Nested is { } nested ? nested.InflationOf(columns) : Fit.Regression!.InflationOf(columns);

    public (WaldTest? Test, RobustWaldTest? Robust) TestOf(IReadOnlyList<int> columns) =>
        Fit.Nested?.TestOf(columns) ?? (Fit.Regression!.TestOf(columns), null);

    /// <summary>The terms to leave out, all by default; returns errors for unknown ones, and for those that are part of a term that stays.</summary>
    public (IReadOnlyList<TermColumns> Dropped, IReadOnlyList<FieldError> Errors) Dropped(IReadOnlyList<string>? names, ErrorLocation location)
    {
        if (names is null)
        {
            return (Design.Terms, []);
        }

        var (dropped, errors) = (new List<TermColumns>(), new List<FieldError>());
        foreach (var (i, name) in names.Index())
        {
            if (Design.Terms.FirstOrDefault(term => term.Term.Name == name) is { } found)
            {
                dropped.Add(found);
            }
            else
            {
                errors.Add(new(location.Item("drop", i), "unknownTerm",
                    $"'{NameList.Of([name])}' is none of the terms: {NameList.Of([.. Design.Terms.Select(t => t.Term.Name)])}"));
            }
        }

        foreach (var term in dropped)
        {
            if (Design.Terms.Except(dropped).FirstOrDefault(kept => term.Term.IsPartOf(kept.Term)) is { } kept)
            {
                errors.Add(new(location.Member("drop"), "partOfTerm", $"'{term.Term.Name}' is part of '{kept.Term.Name}': drop that too"));
            }
        }

        return (dropped, errors);
    }

    public LikelihoodRatioResponse? LikelihoodRatio(IReadOnlyList<TermColumns> dropped)
    {
        int[] columns = [.. dropped.SelectMany(term => term.Columns)];
        return columns.Length == 0 || ModelComparison.Compare(Criteria(Design.Matrix), Criteria(Design.Matrix.Without(columns))) is not { } test ? null
            : new("ml", [.. dropped.Where(term => term.Count > 0).Select(term => term.Term.Name)], test.Statistic, test.DegreesOfFreedom, test.PValue,
                Information(test.Full), Information(test.Reduced));
    }

    /// <summary>The location–scale model; null with a warning if it has no estimate.</summary>
    public (LocationScaleResponse? Response, IReadOnlyList<Warning> Warnings) LocationScale()
    {
        try
        {
            var fit = LocationScaleModel.Fit(Frame.Estimates, Frame.Variances, Design.Matrix, _scale.Design(Frame, Design.Centred).Matrix,
                Fit.Model.RandomEffectsOptions);
            return (new([.. fit.Location.Select(ResponseMapper.Coefficient)], [.. fit.Scale.Select(ResponseMapper.Coefficient)],
                ResponseMapper.Omnibus(fit.ScaleTest),
                fit.Homogeneity is { } test ? new(test.Statistic, test.DegreesOfFreedom, test.PValue) : null, fit.TauSquared.Min(), fit.TauSquared.Max(),
                fit.LogLikelihood), []);
        }
        catch (StatisticsException error) when (error.Code == "notConverged")
        {
            return (null, [FitWarnings.Of("scaleNotEstimable")]);
        }
    }

    public ResidualHeterogeneityResponse Residual()
    {
        var h = Fit.Heterogeneity;
        var profile = Fit.Regression?.ProfileTauSquaredInterval();
        return ResponseMapper.Residual(h) with
        {
            Intervals = new(h.TauSquaredInterval?.Lower, h.TauSquaredInterval?.Upper, h.ISquaredInterval?.Lower, h.ISquaredInterval?.Upper,
                profile?.Lower, profile?.Upper, Fit.Nested?.BetweenInterval?.Lower, Fit.Nested?.BetweenInterval?.Upper,
                Fit.Nested?.WithinInterval?.Lower, Fit.Nested?.WithinInterval?.Upper)
            {
                StudyLower = Fit.Nested?.StudyInterval?.Lower,
                StudyUpper = Fit.Nested?.StudyInterval?.Upper,
            },
        };
    }

    private InformationCriteria? Criteria(DesignMatrix design) => Fit.Nested is null
        ? ModelComparison.Criteria(Frame.Estimates, Frame.Variances, design, Fit.Model.RandomEffectsOptions)
        : ModelComparison.Criteria(Frame.Estimates, Frame.Variances, Frame.SampleCodes(), design, Frame.NestedOptions(Fit.Model));

    private static InformationResponse Information(InformationCriteria criteria) =>
        new(criteria.LogLikelihood, criteria.Parameters, criteria.Aic, criteria.Aicc, criteria.Bic);

    private PredictedValueResponse Value(IReadOnlyDictionary<string, ModeratorValue> at, IReadOnlyDictionary<string, ModeratorPoint> point)
    {
        var (mean, prediction) = Predict(point);
        var (c, interval) = (ResponseMapper.Coefficient(mean), prediction?.Interval);
        return new(at, c.Estimate, c.StandardError, c.Df, c.Lower, c.Upper, interval?.Lower, interval?.Upper,
            ResponseMapper.Correlation(mean, interval, Fit.Heterogeneity.TauSquared, Fit.Model))
        {
            Basis = c.Basis,
            OneSampleLevel = c.OneSampleLevel,
            Range = c.Range,
            StandardErrorRange = c.StandardErrorRange,
            WarningCodes = c.WarningCodes,
        };
    }

    private static IEnumerable<FieldError> UnknownKinds(IReadOnlyDictionary<string, ModeratorKind>? kinds, IReadOnlyList<string> moderators,
        ErrorLocation location) => (kinds?.Keys ?? []).Where(name => !moderators.Contains(name))
        .Select(name => new FieldError(location.Member("kind", RegressionOptions.KindParameter), "unknownModerator",
            $"'{NameList.Of([name])}' is no moderator of the terms: {NameList.Of(moderators)}"));
}
