using FluentValidation;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies.Validation;

public sealed class EffectValidator : AbstractValidator<EffectRequest>
{
    public EffectValidator(IValidator<Statistic> statistics)
    {
        RuleFor(e => e.Key).Is(Rules.Key, Rules.KeyMessage);
        RuleFor(e => e.Sample).NotEmpty().Line(128);
        RuleFor(e => e.Statistic).SetValidator(statistics);
        RuleFor(e => e.RelationshipMeasure).NotEmpty().Line(64);
        RuleFor(e => e.RelationshipScale).OptionalLine(64);
        RuleFor(e => e.OutcomeMeasure).NotEmpty().Line(64);
        RuleFor(e => e.RelationshipReliability).InclusiveBetween(0, 1).GreaterThan(0);
        RuleFor(e => e.OutcomeReliability).InclusiveBetween(0, 1).GreaterThan(0);
        RuleFor(e => e.AdjustedFor).AtMost(50, "names");
        RuleForEach(e => e.AdjustedFor).Cascade(CascadeMode.Stop).NotNull().WithErrorCode(FaultCodes.Null).WithMessage("may not be null").NotEmpty().Line(100)
            .Must(name => name is null || (!name.Contains(StudyColumns.ListSeparator) && name.Trim() == name)).WithErrorCode("notAllowed")
            .WithMessage($"may not contain '{StudyColumns.ListSeparator}', which separates names in a table, nor begin or end with a blank");
        RuleFor(e => e.Moderators).AtMost(50, "moderators")
            .Custom(ModeratorRules.Check);
    }
}
