using FluentValidation;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

internal sealed class StudyReviewValidator : AbstractValidator<StudyReviewRequest>
{
    public StudyReviewValidator()
    {
        RuleFor(r => r.Reason).OptionalMultilineText(2000);
        RuleFor(r => r.Reason).NotEmpty().WithMessage("is required to reject or return a study").When(r => r.Decision != ReviewDecision.Accept);
    }
}
