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

    /// <summary>All of them.</summary>
    All = Prediction | Equivalence | Artifacts | Sequence,
}

/// <summary>Finds options that an analysis does not use.</summary>
internal static class UnusedOptions
{
    /// <summary>Code of the warning.</summary>
    public const string Warning = "noEffect";

    private const string WithSequences = "e-values and confidence sequences are in /meta/pool, /meta/moderators, /meta/sensitivity, /meta/cumulative.svg, "
        + "/meta/news, /meta/report and on the page";

    private static readonly IReadOnlyList<(OptionUse Use, string Name, Func<ModelRequest, bool> IsGiven)> s_options =
    [
        (OptionUse.Prediction, "prediction", m => m.Prediction is not (null or PredictionIntervalChoice.Auto)),
        (OptionUse.Equivalence, "equivalence", m => m.Equivalence is not null),
        (OptionUse.Artifacts, "artifacts", m => m.Artifacts is not (null or ArtifactCorrection.None)),
        (OptionUse.Sequence, "sequential", m => m.Sequential is not null),
        (OptionUse.Sequence, "priorMuSd", m => m.PriorMuSd is not null),
        (OptionUse.Sequence, "priorTauScale", m => m.PriorTauScale is not null),
    ];

    /// <summary>The parameters, with a reason at those that are refused.</summary>
    /// <param name="parameters">Parameters of an operation.</param>
    /// <param name="used">Options that it uses.</param>
    public static IEnumerable<QueryParameter> Refuse(this IEnumerable<QueryParameter> parameters, OptionUse used) => used.HasFlag(OptionUse.Sequence)
        ? parameters : parameters.Select(parameter => IsOfSequence(parameter.Name) ? parameter with { Refusal = Reason } : parameter);

    /// <summary>Errors of the options that are refused.</summary>
    public static IReadOnlyList<FieldError> Errors(ModelRequest? model, OptionUse used, ErrorLocation location) => model is null ? []
        : [.. Unused(model, used).Where(IsOfSequence).Select(name => new FieldError(location.Option(name), "notAllowed", Reason))];

    /// <summary>The warning about the others.</summary>
    public static IEnumerable<Warning> Warnings(AnalysisRequest request, OptionUse used)
    {
        // Defaults of 0.1 have a prediction.
        string[] unused = request.Model is not { } model ? []
            : [.. Unused(model, request.Defaults is null ? used : used | OptionUse.Prediction).Where(name => !IsOfSequence(name))];
        if (unused.Length > 0)
        {
            yield return new(Warning, $"{string.Join(" and ", unused)} {(unused.Length == 1 ? "has" : "have")} no effect here. Leave "
                + $"{(unused.Length == 1 ? "it" : "them")} out: from 0.3 on {(unused.Length == 1 ? "it is" : "they are")} refused.");
        }
    }

    /// <summary>Whether a parameter is <c>sequential</c> or one of its priors.</summary>
    public static bool IsOfSequence(string name) => s_options.Any(option => option.Use == OptionUse.Sequence && option.Name == name);

    private static string Reason => $"has no effect here: {WithSequences}. Leave it out";

    private static IEnumerable<string> Unused(ModelRequest model, OptionUse used) =>
        s_options.Where(option => !used.HasFlag(option.Use) && option.IsGiven(model)).Select(option => option.Name);
}
