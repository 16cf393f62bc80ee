using FluentValidation;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

internal sealed class RegisteredResultValidator : AbstractValidator<RegisteredResult>
{
    public RegisteredResultValidator()
    {
        RuleFor(r => r.Reason).OptionalMultilineText(2000);
        RuleFor(r => r.N).InclusiveBetween(1, StatisticValidator.MaxSample);
        RuleFor(r => r.Sample).OptionalNonBlankLine(EffectValidator.MaxSampleLength);
    }
}
