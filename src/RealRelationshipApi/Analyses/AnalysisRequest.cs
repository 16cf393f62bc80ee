using FluentValidation;

using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses;

/// <summary>A question in a body: effects of its own, or a filter over the stored evidence.</summary>
public abstract record AnalysisRequest
{
    /// <summary>Effects to analyse; nothing of them is stored.</summary>
    public IReadOnlyList<InlineEffect>? Effects { get; init; }

    /// <summary>Which stored effects to analyse, in place of <c>effects</c>.</summary>
    public FilterRequest? Filter { get; init; }

    public ModelRequest? Model { get; init; }
}

public sealed record PoolRequest : AnalysisRequest;

public sealed record ModeratorsRequest : AnalysisRequest
{
    /// <summary>Moderators to break down by: members of <c>moderators</c> for effects of the body, filter fields,
    /// <c>year</c> or <c>moderators.NAME</c> over the store.</summary>
    public required IReadOnlyList<string> By { get; init; }

    /// <summary>common when absent.</summary>
    public TauSquaredChoice? TauSquared { get; init; }

    /// <summary>Differences on Fisher z inside ± this margin count as none; 0.1 when absent.</summary>
    public double? EquivalenceMargin { get; init; }
}

public sealed record RegressionRequest : AnalysisRequest
{
    /// <summary>Terms of the regression: named as moderators are.</summary>
    public required IReadOnlyList<string> Terms { get; init; }

    /// <summary>How many permutations the permutation test may draw; none is made when absent. Exact when there are no more than 5,000 in all.</summary>
    public long? Permutations { get; init; }

    /// <summary>How many replicates the cluster wild bootstrap draws, where effects are nested; none is made when absent.</summary>
    public long? Bootstrap { get; init; }

    /// <summary>Start of the generator of chance; 1 when absent.</summary>
    public long? Seed { get; init; }
}

public sealed record BiasRequest : AnalysisRequest
{
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

public sealed record SensitivityRequest : AnalysisRequest;

/// <summary>Which effects moved the estimate between two states of the stored evidence. Effects of a body have no history: there is only the filter.</summary>
public sealed record ChangesRequest : AnalysisRequest
{
    /// <summary>The earlier state: an evidence revision, or an instant. The future is refused.</summary>
    public required AsOf From { get; init; }

    /// <summary>The later state, not before <c>from</c>; the current revision when absent.</summary>
    public AsOf? To { get; init; }
}

/// <summary>The rules that every question keeps.</summary>
public abstract class AnalysisRequestValidator<T> : AbstractValidator<T> where T : AnalysisRequest
{
    public const int MaxEffects = 100_000;

    protected AnalysisRequestValidator(IValidator<InlineEffect> effects, IValidator<FilterRequest> filters, IValidator<ModelRequest> models)
    {
        RuleFor(q => q.Effects).NotEmptyIfGiven().WithErrorCode("noEffects").WithMessage("holds no effect").MaxCount(MaxEffects, "effects");
        RuleForEach(q => q.Effects).Where(effect => effect is null || !InlineEffectValidator.IsTriviallyValid(effect)).SetValidator(effects);
        RuleFor(q => q.Effects).Custom((effects, context) => InlineEffectRules.Check(effects, context.InstanceToValidate.Model?.Measure, context));
        RuleFor(q => q.Filter).Null().When(q => q.Effects is not null).WithErrorCode(ErrorCodes.NotAValue)
            .WithMessage("give either effects or a filter over the stored ones, not both");
        RuleFor(q => q.Filter).SetValidator(filters!);
        RuleFor(q => q.Model).SetValidator(models!);
    }
}

public sealed class PoolValidator(IValidator<InlineEffect> effects, IValidator<FilterRequest> filters, IValidator<ModelRequest> models)
    : AnalysisRequestValidator<PoolRequest>(effects, filters, models);

public sealed class ModeratorsValidator : AnalysisRequestValidator<ModeratorsRequest>
{
    public ModeratorsValidator(IValidator<InlineEffect> effects, IValidator<FilterRequest> filters, IValidator<ModelRequest> models)
        : base(effects, filters, models)
    {
        RuleFor(q => q.By).DistinctNames();
        RuleForEach(q => q.By).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty();
        RuleFor(q => q.EquivalenceMargin).ExclusiveBetween(0, 100);
    }
}

public sealed class RegressionValidator : AnalysisRequestValidator<RegressionRequest>
{
    public RegressionValidator(IValidator<InlineEffect> effects, IValidator<FilterRequest> filters, IValidator<ModelRequest> models)
        : base(effects, filters, models)
    {
        RuleFor(q => q.Permutations).InclusiveBetween(1, 100_000);
        RuleFor(q => q.Bootstrap).InclusiveBetween(1, 2_000);
        RuleFor(q => q.Seed).InclusiveBetween(0, int.MaxValue);
        RuleFor(q => q.Terms).DistinctNames();
        RuleForEach(q => q.Terms).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty();
    }
}

public sealed class BiasValidator : AnalysisRequestValidator<BiasRequest>
{
    private const int MaxSteps = 10;

    public BiasValidator(IValidator<InlineEffect> effects, IValidator<FilterRequest> filters, IValidator<ModelRequest> models) : base(effects, filters, models)
    {
        RuleFor(q => q.Steps).CountBetween(1, MaxSteps).WithErrorCode("badLength").WithMessage($"must hold 1 to {MaxSteps} p-values");
        RuleForEach(q => q.Steps).ExclusiveBetween(0, 1);
        RuleFor(q => q.Steps).Must(steps => steps is null || steps.Zip(steps.Skip(1)).All(pair => pair.First < pair.Second))
            .WithErrorCode("notAscending").WithMessage("must be ascending");
        RuleFor(q => q.SelectionRatio).InclusiveBetween(1, 1_000_000);
        RuleFor(q => q.OrwinTarget).Must(target => target is null || target != 0).WithErrorCode("notAllowed").WithMessage("must not be 0");
    }
}

public sealed class SensitivityValidator(IValidator<InlineEffect> effects, IValidator<FilterRequest> filters, IValidator<ModelRequest> models)
    : AnalysisRequestValidator<SensitivityRequest>(effects, filters, models);

public sealed class ChangesValidator : AnalysisRequestValidator<ChangesRequest>
{
    public ChangesValidator(IValidator<InlineEffect> effects, IValidator<FilterRequest> filters, IValidator<ModelRequest> models)
        : base(effects, filters, models)
    {
        RuleFor(q => q.Effects).Null().WithErrorCode(ErrorCodes.NotAValue)
            .WithMessage("must be left out: effects of a body have no history; give a filter over the stored ones");
        RuleFor(q => q.Filter!.AsOf).Null().When(q => q.Filter is not null).WithErrorCode(ErrorCodes.NotAValue)
            .WithMessage("must be left out: from and to say when");
        RuleFor(q => q.From).IsRepresentableInstant();
        RuleFor(q => q.To).IsRepresentableInstant();
    }
}

internal static class ModeratorNameRules
{
    private const int MaxNames = 20;

    public static void DistinctNames<T>(this IRuleBuilder<T, IReadOnlyList<string>> rule) => rule
        .NotEmpty()
        .MaxCount(MaxNames, "moderators")
        .Distinct(ErrorCodes.Repeated, "names a moderator twice");
}
