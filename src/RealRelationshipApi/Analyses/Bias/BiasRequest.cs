using FluentValidation;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Bias.BiasRequest>;

namespace RealRelationshipApi.Analyses.Bias;

internal sealed record BiasRequest : AnalysisRequest
{
    private const int MaxSteps = 10;
    private const double MaxWeight = 1000;
    private const int MaxTerms = 20;

    internal static IReadOnlyList<Option> Options { get; } =
    [
        Option.Choice("predictor", "Predictor of Egger's test.", (r, v) => r with { Predictor = v }, EggerPredictor.StandardError),
        Option.Choice("trimAndFill", "Estimator of the number of missing effects.", (r, v) => r with { TrimAndFill = v }, TrimAndFillChoice.L0),
        Option.Choice("side", "Side of the funnel on which effects may be missing.", (r, v) => r with { Side = v }, FunnelSideChoice.Auto),
        new(new("steps", QueryParameterType.Number, "Cut points of the selection model: one-sided p-values, ascending in (0, 1).")
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
        new(new("weights", QueryParameterType.Number,
                "Assumed weights of the selection model, relative to the first interval: one per step, above 0 to 1,000. They are estimated if absent.")
            { Repeatable = true }, (r, query) => query.Numbers("weights") is { Count: > 0 } weights ? r with { Weights = weights } : r)
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.Weights).CountBetween(1, MaxSteps).WithErrorCode("badLength").WithMessage($"must hold 1 to {MaxSteps} weights");
                rules.RuleForEach(q => q.Weights).ExclusiveBetween(0, MaxWeight);
                rules.RuleFor(q => q.Weights).Must((q, weights) => weights is null || weights.Count == (q.Steps?.Count ?? 1))
                    .WithErrorCode("badLength").WithMessage("must hold as many weights as there are steps");
            },
        },
        Option.Texts("terms", "Moderators of the effects before selection in the selection model: names as in `/meta/regression`.",
            (r, v) => v.Count > 0 ? r with { Terms = v } : r) with
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.Terms).CountBetween(1, MaxTerms).WithErrorCode("badLength").WithMessage($"must hold 1 to {MaxTerms} moderators");
                rules.RuleFor(q => q.Terms).Distinct(ErrorCodes.Repeated, "names a moderator twice");
                rules.RuleForEach(q => q.Terms).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty();
            },
        },
        new(QueryParameter.Choice<SelectionModelChoice>("selectionModels",
                "Adds selection models: other weight functions, or p-uniform*. Default none; each costs about 20 times as much as the other tests.",
                repeatable: true),
            (r, query) => query.Choices<SelectionModelChoice>("selectionModels") is { Count: > 0 } models ? r with { SelectionModels = models } : r)
        {
            Rule = rules => rules.RuleFor(q => q.SelectionModels).Distinct(ErrorCodes.Repeated, "must name each model once"),
        },
        Option.Choice("direction", "Direction of the one-sided p-values and of the effects favoured by selection.",
            (r, v) => r with { Direction = v }, SelectionDirectionChoice.Greater),
        Option.Number("selectionRatio",
            "For selectionSensitivity: how many times more likely affirmative effects (significant in `direction`) are published, 1 to 1,000,000.",
            (r, v) => r with { SelectionRatio = v }, "4") with
        { Rule = rules => rules.RuleFor(q => q.SelectionRatio).InclusiveBetween(1, 1_000_000) },
        Option.Number("orwinTarget", "Target mean effect of Orwin's fail-safe N; default: half the unweighted mean.",
            (r, v) => r with { OrwinTarget = v }) with
        {
            Rule = rules => rules.RuleFor(q => q.OrwinTarget).Must(target => target is null || target != 0).WithErrorCode("notAllowed")
                .WithMessage("must not be 0"),
        },
    ];

    /// <summary>Predictor of Egger's test; default standardError.</summary>
    public EggerPredictor? Predictor { get; init; }

    /// <summary>Estimator of the number of missing effects; default L0.</summary>
    public TrimAndFillChoice? TrimAndFill { get; init; }

    /// <summary>Side of the funnel on which effects may be missing; default auto.</summary>
    public FunnelSideChoice? Side { get; init; }

    /// <summary>Cut points of the selection model: one-sided p-values, ascending in (0, 1); default 0.025.</summary>
    public IReadOnlyList<double>? Steps { get; init; }

    /// <summary>Assumed weights of the selection model, relative to the first interval: one per step, above 0; estimated when absent.</summary>
    public IReadOnlyList<double>? Weights { get; init; }

    /// <summary>Moderators of the effects before selection in the selection model, named as in <c>/meta/regression</c>.</summary>
    public IReadOnlyList<string>? Terms { get; init; }

    /// <summary>Selection models to add, each once; default none.</summary>
    public IReadOnlyList<SelectionModelChoice>? SelectionModels { get; init; }

    internal override IReadOnlyList<string> ModeratorNames => Terms ?? [];

    /// <summary>Direction of the one-sided p-values and of the effects favoured by selection; default greater.</summary>
    public SelectionDirectionChoice? Direction { get; init; }

    /// <summary>Selection ratio of selectionSensitivity: how many times more likely affirmative effects are published, 1 to 1,000,000; default 4.</summary>
    public double? SelectionRatio { get; init; }

    /// <summary>Target mean effect of Orwin's fail-safe N; default: half the unweighted mean.</summary>
    public double? OrwinTarget { get; init; }
}
