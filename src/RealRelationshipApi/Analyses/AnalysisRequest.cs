using System.Text.Json.Serialization;

using FluentValidation;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses;

/// <summary>An analysis of effects given in the body, or of stored effects selected by a filter.</summary>
internal abstract record AnalysisRequest
{
    internal const int MaxEffects = 100_000;

    /// <summary>Query parameters of all analyses.</summary>
    internal static IReadOnlyList<QueryParameter> FilterAndModel { get; } =
        [.. FilterTable.Parameters, .. ModelTable.Parameters, AddedEffects.Parameter, DefaultsParameter];

    /// <summary>Query parameters of analyses that fit no model.</summary>
    internal static IReadOnlyList<QueryParameter> FilterOnly { get; } = [.. FilterTable.Parameters, DefaultsParameter];

    /// <summary>The parameter <c>defaults</c>.</summary>
    internal static QueryParameter DefaultsParameter => QueryParameter.Choice<DefaultsChoice>("defaults",
        "Defaults of an earlier version: `0.1` has `prediction=test`, `outcomeConstruct=all`, `scales=all` and `synthetic=include`. Available until 0.3. "
            + "Corrected errors stay corrected.");

    /// <summary>Effects to analyse; they are not stored.</summary>
    public IReadOnlyList<InlineEffect>? Effects { get; init; }

    /// <summary>Selects stored effects to analyse, instead of <c>effects</c>.</summary>
    public FilterRequest? Filter { get; init; }

    /// <summary>What if: hypothetical effects to analyse beside the selected stored ones, at most 100. They are not stored, and <c>counts.hypothetical</c>
    /// counts them. An effect without a sample is a sample of its own. Its <c>moderators</c> are named like those of stored effects, without
    /// prefix.</summary>
    public IReadOnlyList<InlineEffect>? Add { get; init; }

    public ModelRequest? Model { get; init; }

    /// <summary>Defaults of an earlier version in place of this one's.</summary>
    public DefaultsChoice? Defaults { get; init; }

    /// <summary>The request with the defaults of the version that it asks for.</summary>
    public AnalysisRequest WithDefaults() => Defaults != DefaultsChoice.Release01 ? this : this with
    {
        Model = Model?.Prediction is null or PredictionIntervalChoice.Auto ? (Model ?? new()) with { Prediction = PredictionIntervalChoice.Test } : Model,
        Filter = Effects is not null ? Filter : (Filter ?? new()) with
        {
            OutcomeConstruct = Filter?.OutcomeConstruct ?? OutcomeConstructChoice.All,
            Scales = Filter?.Scales ?? ScalesChoice.All,
            Synthetic = Filter?.Synthetic ?? SyntheticChoice.Include,
        },
    };

    /// <summary>Warnings about the spreadsheet that the effects were read from.</summary>
    [JsonIgnore]
    public IReadOnlyList<Warning> SheetWarnings { get; init; } = [];

    /// <summary>Names of the moderators that are asked for.</summary>
    internal virtual IReadOnlyList<string> ModeratorNames => [];

    /// <summary>Whether the response depends on priors without a sequence, too.</summary>
    internal virtual bool HasPriors => false;

    /// <summary>The filter of stored effects. A moderator that tells scales apart needs all of them.</summary>
    internal virtual FilterRequest ResolvedFilter =>
        Filter is { Scales: not null } || !ModeratorNames.Any(name => name is "relationshipScale" or "outcomeScale") ? Filter ?? new()
            : (Filter ?? new()) with { Scales = ScalesChoice.All };
}

/// <summary>A version whose defaults can still be asked for.</summary>
internal enum DefaultsChoice
{
    [JsonStringEnumMemberName("0.1")]
    Release01,
}

/// <summary>Validates effects, filter and model, then the request's own options.</summary>
internal sealed class AnalysisRequestValidator<T> : AbstractValidator<T> where T : AnalysisRequest
{
    public AnalysisRequestValidator(IReadOnlyList<RequestOption<T>> options, IValidator<InlineEffect> effects, IValidator<FilterRequest> filters,
        IValidator<ModelRequest> models)
    {
        RuleFor(q => q.Effects).NotEmptyIfGiven().WithErrorCode("noEffects").WithMessage("holds no effect").MaxCount(AnalysisRequest.MaxEffects, "effects");
        RuleForEach(q => q.Effects).Where(effect => effect is null || !InlineEffectValidator.IsTriviallyValid(effect)).SetValidator(effects)
            .When(HasAllowedCount, ApplyConditionTo.AllValidators);
        RuleFor(q => q.Effects).Custom((effects, context) => InlineEffectRules.Check(effects, context.InstanceToValidate.Model?.Measure, context))
            .When(HasAllowedCount, ApplyConditionTo.AllValidators);
        RuleFor(q => q.Filter).Null().When(q => q.Effects is not null).WithErrorCode(ErrorCodes.NotAValue)
            .WithMessage("give either effects or a filter over the stored ones, not both");
        RuleFor(q => q.Add).NotEmptyIfGiven().WithErrorCode("noEffects").WithMessage("holds no effect").MaxCount(AddedEffects.MaxEffects, "effects");
        RuleForEach(q => q.Add).SetValidator(effects);
        RuleFor(q => q.Add).Custom((added, context) => InlineEffectRules.Check(added, context.InstanceToValidate.Model?.Measure, context, "Add"));
        RuleFor(q => q.Add).Custom(AddedEffects.Check);
        RuleFor(q => q.Add).Null().When(q => q.Effects is not null).WithErrorCode(ErrorCodes.NotAValue)
            .WithMessage("is beside stored effects: put these into effects, or leave effects out");
        RuleFor(q => q.Filter).SetValidator(filters!);
        RuleFor(q => q.Model).SetValidator(models!);
        RuleFor(q => q.Model).Custom((model, context) => UnusedOptions.CheckPriors(model, context.InstanceToValidate.HasPriors, context));
        foreach (var option in options)
        {
            option.Rule?.Invoke(this);
        }
    }

    // The effects of a request with too many are not validated.
    private static bool HasAllowedCount(T request) => request.Effects is null || request.Effects.Count <= AnalysisRequest.MaxEffects;
}
