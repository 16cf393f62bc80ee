using FluentValidation;
using FluentValidation.Results;

using RealRelationship.Statistics;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Models;

/// <summary>Options of the model that not every analysis uses. An analysis refuses one that nothing in its response depends on; those that release 0.1 took
/// everywhere only have a warning, until 0.3.</summary>
[Flags]
internal enum OptionUse
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary><c>prediction</c>.</summary>
    Prediction = 1,

    /// <summary><c>equivalence</c>.</summary>
    Equivalence = 2,

    /// <summary><c>artifacts</c>.</summary>
    Artifacts = 4,

    /// <summary><c>sequential</c>, <c>priorMuSd</c> and <c>priorTauScale</c>.</summary>
    Sequence = 8,

    /// <summary><c>priorMuMean</c>, <c>priorMuSd</c>, <c>priorTau</c> and <c>priorTauScale</c>.</summary>
    Posterior = 16,

    /// <summary>All that a pooled effect depends on.</summary>
    All = Prediction | Equivalence | Artifacts | Sequence,
}

/// <summary>Finds options that an analysis does not use.</summary>
internal static class UnusedOptions
{
    /// <summary>Code of the warning.</summary>
    public const string Warning = "noEffect";

    private const string WithSequences = "e-values and confidence sequences are in /meta/pool, /meta/moderators, /meta/sensitivity, /meta/cumulative.svg, "
        + "/meta/news, /meta/report and on the page";

    private const string WithPosteriors = "/meta/bayes, /meta/report?parts=bayes and /export.zip";

    private static readonly IReadOnlyList<(OptionUse Use, string Name, Func<ModelRequest, bool> IsGiven)> s_options =
    [
        (OptionUse.Prediction, "prediction", m => m.Prediction is not (null or PredictionIntervalChoice.Auto)),
        (OptionUse.Equivalence, "equivalence", m => m.Equivalence is not null),
        (OptionUse.Artifacts, "artifacts", m => m.Artifacts is not (null or ArtifactCorrection.None)),
        (OptionUse.Artifacts, "rangeRestriction", m => m.RangeRestriction is not (null or RangeRestrictionChoice.None)),
        (OptionUse.Sequence, "sequential", m => m.Sequential is not null),
        (OptionUse.Posterior, "priorMuMean", m => m.PriorMuMean is not null),
        (OptionUse.Sequence | OptionUse.Posterior, "priorMuSd", m => m.PriorMuSd is not null),
        (OptionUse.Posterior, "priorTau", m => m.PriorTau is not null),
        (OptionUse.Sequence | OptionUse.Posterior, "priorTauScale", m => m.PriorTauScale is not null),
    ];

    /// <summary>The parameters, with a reason at those that are refused.</summary>
    /// <param name="parameters">Parameters of an operation.</param>
    /// <param name="used">Options that it uses.</param>
    public static IEnumerable<QueryParameter> Refuse(this IEnumerable<QueryParameter> parameters, OptionUse used) =>
        parameters.Select(parameter => s_options.Any(option => option.Name == parameter.Name && IsRefused(option.Use) && (option.Use & used) == OptionUse.None)
            ? parameter with { Refusal = ReasonOf(parameter.Name) } : parameter);

    /// <summary>Errors of the options that are refused.</summary>
    public static IReadOnlyList<FieldError> Errors(ModelRequest? model, OptionUse used, ErrorLocation location) => model is null ? []
        : [.. Unused(model, used, isRefused: true).Select(name => new FieldError(location.Option(name), "notAllowed", ReasonOf(name)))];

    /// <summary>The warning about the others.</summary>
    public static IEnumerable<Warning> Warnings(AnalysisRequest request, OptionUse used)
    {
        // Defaults of 0.1 have a prediction.
        var all = request.Defaults is null ? used : used | OptionUse.Prediction;
        return request.Model is not { } model ? [] : WarningOf([.. Unused(model, all, isRefused: false)]);
    }

    /// <summary>The warning about how τ² is estimated and coefficients are tested, for analyses that do neither.</summary>
    public static IEnumerable<Warning> OfEstimation(ModelRequest? model) => WarningOf(
    [
        .. model?.Estimator is null or Estimator.Reml ? Array.Empty<string>() : ["estimator"],
        .. model?.Test is null or TestChoice.Auto ? Array.Empty<string>() : ["test"],
        .. model?.Robust is null or RobustVarianceChoice.Auto ? Array.Empty<string>() : ["robust"],
        .. model?.Cluster is null or ClusterChoice.Sample ? Array.Empty<string>() : ["cluster"],
    ]);

    /// <summary>Refuses priors that nothing depends on; Swagger UI sends every default.</summary>
    /// <param name="model">The model.</param>
    /// <param name="hasPosterior">Whether the response depends on priors without a sequence, too.</param>
    /// <param name="context">The request.</param>
    public static void CheckPriors<T>(ModelRequest? model, bool hasPosterior, ValidationContext<T> context)
    {
        if (model is null || hasPosterior || model.Sequential == SequentialChoice.Anytime)
        {
            return;
        }

        var defaults = new AnytimeOptions();
        foreach (var (member, given, ofAbsent) in new[]
        {
            (nameof(ModelRequest.PriorMuSd), model.PriorMuSd, defaults.PriorMuSd),
            (nameof(ModelRequest.PriorTauScale), model.PriorTauScale, defaults.PriorTauScale),
        })
        {
            if (given is { } prior && !prior.Equals(ofAbsent))
            {
                context.AddFailure(new ValidationFailure($"{nameof(AnalysisRequest.Model)}.{member}",
                    "has no effect without sequential=anytime: add that, or leave it out")
                { ErrorCode = "notAllowed" });
            }
        }
    }

    /// <summary>Refuses priors that only a posterior depends on, where the response has none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="hasPosterior">Whether it has one.</param>
    /// <param name="condition">What adds it.</param>
    /// <param name="context">The request.</param>
    public static void CheckPosteriorPriors<T>(ModelRequest? model, bool hasPosterior, string condition, ValidationContext<T> context)
    {
        if (model is null || hasPosterior)
        {
            return;
        }

        foreach (var (member, isGiven) in new[]
        {
            (nameof(ModelRequest.PriorMuMean), model.PriorMuMean is not (null or 0)),
            (nameof(ModelRequest.PriorTau), model.PriorTau is not (null or TauPriorChoice.HalfNormal)),
        })
        {
            if (isGiven)
            {
                context.AddFailure(new ValidationFailure($"{nameof(AnalysisRequest.Model)}.{member}",
                    $"has no effect without {condition}: add that, or leave it out")
                { ErrorCode = "notAllowed" });
            }
        }
    }

    /// <summary>Whether a parameter is <c>sequential</c> or a prior.</summary>
    public static bool IsOfSequence(string name) => s_options.Any(option => IsRefused(option.Use) && option.Name == name);

    private static string ReasonOf(string name) => s_options.Any(option => option.Name == name && option.Use == OptionUse.Posterior)
        ? $"has no effect here: it is a prior of {WithPosteriors}. Leave it out"
        : $"has no effect here: {WithSequences}. Leave it out";

    // What release 0.1 did not have.
    private static bool IsRefused(OptionUse use) => (use & (OptionUse.Sequence | OptionUse.Posterior)) != OptionUse.None;

    private static IEnumerable<string> Unused(ModelRequest model, OptionUse used, bool isRefused) => s_options
        .Where(option => IsRefused(option.Use) == isRefused && (used & option.Use) == OptionUse.None && option.IsGiven(model)).Select(option => option.Name);

    private static IEnumerable<Warning> WarningOf(string[] unused)
    {
        if (unused.Length > 0)
        {
            yield return new(Warning, $"{string.Join(" and ", unused)} {(unused.Length == 1 ? "has" : "have")} no effect here. Leave "
                + $"{(unused.Length == 1 ? "it" : "them")} out: from 0.3 on {(unused.Length == 1 ? "it is" : "they are")} refused.");
        }
    }
}
