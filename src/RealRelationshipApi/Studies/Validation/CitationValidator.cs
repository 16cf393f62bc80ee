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
        RuleFor(c => c.Year).GreaterThanOrEqualTo(1900).Must(year => year is null || year <= clock.GetUtcNow().Year + 1).WithMessage("lies in the future")
            .WithErrorCode("tooLarge");
        RuleFor(c => c.Doi).MaximumLength(Doi.MaxLength).MatchesPattern(Doi.Pattern, Doi.Message);
        RuleFor(c => c.Journal).OptionalNonBlankLine(300);
        RuleFor(c => c.Volume).OptionalNonBlankLine(50);
        RuleFor(c => c.Issue).OptionalNonBlankLine(50);
        RuleFor(c => c.Pages).OptionalNonBlankLine(50);
        RuleFor(c => c.Pmid).MatchesPattern("^[1-9][0-9]{0,9}$", "must be a PubMed id such as 29698027");
        RuleFor(c => c.Url).WebAddress();
    }
}
