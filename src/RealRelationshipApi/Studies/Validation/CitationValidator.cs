using FluentValidation;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

internal sealed class CitationValidator : AbstractValidator<Citation>
{
    public CitationValidator(TimeProvider clock)
    {
        RuleFor(c => c.Authors).NotEmpty().SingleLine(500);
        RuleFor(c => c.Title).NotEmpty().SingleLine(500);
        RuleFor(c => c.Year).GreaterThanOrEqualTo(1900).Must(year => year <= clock.GetUtcNow().Year + 1).WithMessage("lies in the future")
            .WithErrorCode("tooLarge");
        RuleFor(c => c.Doi).MaximumLength(200).MatchesPattern(@"^10\.[0-9]{4,9}/[!-~]+$", "must be a DOI such as 10.1037/pst0000183");
    }
}
