using FluentValidation;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies.Validation;

internal sealed class EffectValidator : AbstractValidator<EffectRequest>
{
    public EffectValidator(IValidator<Statistic> statistics)
    {
        RuleFor(e => e.Key).MatchesPattern(CommonRules.KeyPattern, CommonRules.KeyMessage);
        RuleFor(e => e.Sample).NotEmpty().SingleLine(128);
        RuleFor(e => e.Statistic).SetValidator(statistics);
        RuleFor(e => e.RelationshipMeasure).NotEmpty().SingleLine(64);
        RuleFor(e => e.RelationshipScale).OptionalSingleLine(64);
        RuleFor(e => e.OutcomeMeasure).NotEmpty().SingleLine(64);
        RuleFor(e => e.RelationshipReliability).InclusiveBetween(0, 1).GreaterThan(0);
        RuleFor(e => e.OutcomeReliability).InclusiveBetween(0, 1).GreaterThan(0);
        RuleFor(e => e.AdjustedFor).MaxCount(50, "names");
        RuleForEach(e => e.AdjustedFor).Cascade(CascadeMode.Stop).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty()
            .SingleLine(100)
            .Must(name => name is null || (!name.Contains(StudyCsvColumns.ListSeparator) && name.Trim() == name)).WithErrorCode("notAllowed")
            .WithMessage($"may not contain '{StudyCsvColumns.ListSeparator}', which separates names in a table, nor begin or end with a blank");
        RuleFor(e => e.Moderators).MaxCount(50, "moderators")
            .Custom(ModeratorRules.Check);
    }
}
