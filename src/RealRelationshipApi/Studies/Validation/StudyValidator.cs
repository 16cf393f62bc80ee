using FluentValidation;
using FluentValidation.Results;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

/// <summary>Validation rules of a study beyond those of JSON.</summary>
internal sealed class StudyValidator : AbstractValidator<StudyRequest>
{
    public const int MaxEffects = 500;
    public const long MaxTherapists = 1_000_000;

    /// <summary>Path segment under <c>/studies</c> that cannot be a key.</summary>
    public const string ReservedKey = "batch";

    public StudyValidator(IValidator<Citation> citations, IValidator<EffectRequest> effects, IValidator<RegisteredResult> registered,
        IValidator<RiskOfBias> risksOfBias)
    {
        RuleFor(s => s.Key).MatchesPattern(CommonRules.KeyPattern, CommonRules.KeyMessage)
            .NotEqual(ReservedKey).WithMessage("'batch' is reserved");
        RuleFor(s => s.Citation).SetValidator(citations);
        RuleFor(s => s.Citation.Year).NotNull().WithMessage("is required").When(s => s.Citation is not null && s.Kind != StudyKind.Registered);
        RuleFor(s => s.Country).MatchesPattern("^[A-Z]{2}$", "must be an ISO 3166-1 alpha-2 code such as IT");
        RuleFor(s => s.Setting).OptionalSingleLine(200);
        RuleFor(s => s.Note).OptionalMultilineText(2000);
        RuleFor(s => s.Therapists).InclusiveBetween(1, MaxTherapists);
        RuleFor(s => s.Effects).NotEmpty().When(s => s.Kind != StudyKind.Registered);
        RuleFor(s => s.Effects).MaxCount(MaxEffects, "effects");
        RuleFor(s => s.Effects).Must(effects => effects is not { Count: > 0 }).When(s => s.Kind == StudyKind.Registered).WithErrorCode("kindMismatch")
            .WithMessage("a study of kind registered has no effects; with a usable coefficient its kind is primary");
        RuleFor(s => s.Registered).NotNull().WithMessage("is required for kind registered").When(s => s.Kind == StudyKind.Registered);
        RuleFor(s => s.Registered).Null().WithErrorCode("kindMismatch").WithMessage("is for studies of kind registered only")
            .When(s => s.Kind != StudyKind.Registered);
        RuleFor(s => s.Registered!).SetValidator(registered).When(s => s.Registered is not null);
        RuleFor(s => s.RiskOfBias!).SetValidator(risksOfBias).When(s => s.RiskOfBias is not null);
        RuleForEach(s => s.Effects).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null")
            .SetValidator(effects)
            .Must(MatchesStudyKind).OverridePropertyName("Effects").WithErrorCode("kindMismatch")
            .WithMessage("a study of kind reference, and only that, has statistics of type pooled or range");
        RuleForEach(s => s.Effects).ChildRules(effect =>
        {
            effect.RuleFor(e => e.OutcomeType).NotNull().WithMessage("is required");
            effect.RuleFor(e => e.RelationshipRater).NotNull().WithMessage("is required");
            effect.RuleFor(e => e.OutcomeRater).NotNull().WithMessage("is required");
        }).When(s => s.Kind != StudyKind.Reference);
        RuleFor(s => s.Effects).Custom(RejectRepeatedKeys);
    }

    private static bool MatchesStudyKind(StudyRequest study, EffectRequest? effect) =>
        effect is null || study.Kind == StudyKind.Registered
            || study.Kind == StudyKind.Reference == effect.Statistic.Type is StatisticType.Pooled or StatisticType.Range;

    private static void RejectRepeatedKeys(IReadOnlyList<EffectRequest> effects, ValidationContext<StudyRequest> context)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < effects.Count; i++)
        {
            if (effects[i] is { } effect && !seen.Add(effect.Key))
            {
                context.AddFailure(
                    new ValidationFailure($"Effects[{i}].Key", $"'{effect.Key}' names another effect of this study") { ErrorCode = "repeatedKey" });
            }
        }
    }
}
