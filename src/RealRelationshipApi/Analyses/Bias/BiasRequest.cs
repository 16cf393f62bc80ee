using FluentValidation;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Bias.BiasRequest>;

namespace RealRelationshipApi.Analyses.Bias;

internal sealed record BiasRequest : AnalysisRequest
{
    private const int MaxSteps = 10;

    internal static IReadOnlyList<Option> Options { get; } =
    [
        Option.Choice("predictor", "What Egger's test regresses on.", (r, v) => r with { Predictor = v }, EggerPredictor.StandardError),
        Option.Choice("trimAndFill", "Estimator of the number of missing effects.", (r, v) => r with { TrimAndFill = v }, TrimAndFillChoice.L0),
        Option.Choice("side", "Side of the funnel on which effects may be missing.", (r, v) => r with { Side = v }, FunnelSideChoice.Auto),
        new(new("steps", QueryParameterType.Number, "One-sided p-values at which the step function of selection changes, ascending in (0, 1).")
        { Default = "0.025", Repeatable = true }, (r, query) => query.Numbers("steps") is { Count: > 0 } steps ? r with { Steps = steps } : r)
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.Steps).CountBetween(1, MaxSteps).WithErrorCode("badLength").WithMessage($"must hold 1 to {MaxSteps} p-values");
                rules.RuleForEach(q => q.Steps).ExclusiveBetween(0, 1);
                rules.RuleFor(q => q.Steps).Must(steps => steps is null || steps.Zip(steps.Skip(1)).All(pair => pair.First < pair.Second))
                    .WithErrorCode("notAscending").WithMessage("must be ascending");
            },
        },
        Option.Choice("direction", "Direction of the one-sided p-values, and of the effects that selection favours.",
            (r, v) => r with { Direction = v }, SelectionDirectionChoice.Greater),
        Option.Number("selectionRatio",
            "How many times likelier affirmative effects (significant in `direction`) are to be seen, from 1 to a million, for selectionSensitivity.",
            (r, v) => r with { SelectionRatio = v }, "4") with
        { Rule = rules => rules.RuleFor(q => q.SelectionRatio).InclusiveBetween(1, 1_000_000) },
        Option.Number("orwinTarget", "The mean effect that Orwin's fail-safe N must not fall below; half the unweighted mean when absent.",
            (r, v) => r with { OrwinTarget = v }) with
        {
            Rule = rules => rules.RuleFor(q => q.OrwinTarget).Must(target => target is null || target != 0).WithErrorCode("notAllowed")
                .WithMessage("must not be 0"),
        },
    ];

    /// <summary>What Egger's test regresses on; standardError when absent.</summary>
    public EggerPredictor? Predictor { get; init; }

    /// <summary>Estimator of the number of missing effects; L0 when absent.</summary>
    public TrimAndFillChoice? TrimAndFill { get; init; }

    /// <summary>Side of the funnel on which effects may be missing; auto when absent.</summary>
    public FunnelSideChoice? Side { get; init; }

    /// <summary>One-sided p-values at which the step function of selection changes, ascending in (0, 1); 0.025 when absent.</summary>
    public IReadOnlyList<double>? Steps { get; init; }

    /// <summary>Direction of the one-sided p-values, and of the effects that selection favours; greater when absent.</summary>
    public SelectionDirectionChoice? Direction { get; init; }

    /// <summary>How many times likelier affirmative effects are to be seen, for selectionSensitivity, from 1 to a million; 4 when absent.</summary>
    public double? SelectionRatio { get; init; }

    /// <summary>The mean effect that Orwin's fail-safe N must not fall below; half the unweighted mean when absent.</summary>
    public double? OrwinTarget { get; init; }
}
