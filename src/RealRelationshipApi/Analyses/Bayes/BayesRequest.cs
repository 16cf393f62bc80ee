using RealRelationshipApi.Http;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Bayes.BayesRequest>;

namespace RealRelationshipApi.Analyses.Bayes;

internal sealed record BayesRequest : AnalysisRequest
{
    internal static IReadOnlyList<Option> Options { get; } =
    [
        Option.Boolean("priorSensitivity", "Adds the results under other priors: scales halved and doubled, and the other families of the prior of tau.",
            (r, v) => r with { PriorSensitivity = v }, "false"),
    ];

    /// <summary>Adds the results under other priors: the scales halved and doubled alone and together, and the other families of the prior of tau; default
    /// false.</summary>
    public bool? PriorSensitivity { get; init; }

    internal override bool HasPriors => true;
}
