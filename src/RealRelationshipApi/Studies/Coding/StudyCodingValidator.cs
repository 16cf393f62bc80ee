using FluentValidation;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Studies.Coding;

/// <summary>Rules of a coding, in addition to those of effects of its kind of study.</summary>
internal sealed class StudyCodingValidator : AbstractValidator<StudyCodingRequest>
{
    public StudyCodingValidator(IValidator<EffectRequest> effects, TimeProvider clock)
    {
        RuleFor(c => c.Coder).SingleLine(EffectSourceValidator.MaxTextLength)
            .Must(coder => coder is null || StudyCodingRequest.IdOf(coder).Length > 0)
            .WithErrorCode("empty").WithMessage("must not be empty");
        RuleFor(c => c.Date).Must(date => date <= DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1)).WithErrorCode("future")
            .WithMessage("lies in the future");
        RuleFor(c => c.Effects).NotEmpty().MaxCount(StudyValidator.MaxEffects, "effects");
        RuleForEach(c => c.Effects).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").SetValidator(effects);
    }
}
