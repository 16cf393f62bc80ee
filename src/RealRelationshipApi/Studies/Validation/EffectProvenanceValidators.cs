using FluentValidation;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

internal sealed class EffectSourceValidator : AbstractValidator<EffectSource>
{
    internal const int MaxTextLength = 300;

    public EffectSourceValidator()
    {
        RuleFor(s => s.Page).OptionalNonBlankLine(MaxTextLength);
        RuleFor(s => s.Table).OptionalNonBlankLine(MaxTextLength);
        RuleFor(s => s.Figure).OptionalNonBlankLine(MaxTextLength);
        RuleFor(s => s.Quote).OptionalMultilineText(MaxTextLength);
        RuleFor(s => s.Derivation).OptionalMultilineText(MaxTextLength);
        RuleFor(s => s.Url).WebAddress();
    }
}

internal sealed class EffectCodingValidator : AbstractValidator<EffectCoding>
{
    public EffectCodingValidator(TimeProvider clock)
    {
        RuleFor(c => c.Coder).OptionalNonBlankLine(EffectSourceValidator.MaxTextLength);
        // The day may have begun elsewhere.
        RuleFor(c => c.Date).Must(date => date is null || date <= DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1))
            .WithErrorCode("future").WithMessage("lies in the future");
    }
}
