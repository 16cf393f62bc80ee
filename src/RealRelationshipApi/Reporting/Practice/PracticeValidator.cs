using FluentValidation;
using FluentValidation.Results;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Practice;

internal sealed class PracticeValidator : AbstractValidator<PracticeStatements>
{
    private const int MaxStatements = 50;

    public PracticeValidator(IValidator<PracticeStatement> statement)
    {
        RuleFor(p => p.Statements).MaxCount(MaxStatements, "statements");
        RuleForEach(p => p.Statements).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").SetValidator(statement);
        RuleForEach(p => p.Statements).Must((practice, statement) => statement is null || practice.Statements.Count(s => s?.Id == statement.Id) == 1)
            .WithErrorCode("repeatedValue").WithMessage("has the id of another statement");
    }
}

internal sealed class PracticeStatementValidator : AbstractValidator<PracticeStatement>
{
    private const int MaxTextLength = 1_000;

    public PracticeStatementValidator(PracticeQuery query)
    {
        RuleFor(s => s.Id).MatchesPattern(CommonRules.KeyPattern, CommonRules.KeyMessage);
        RuleFor(s => s.Text).NonBlankMultilineText(MaxTextLength);
        RuleFor(s => s.Source).NonBlankMultilineText(MaxTextLength);
        RuleFor(s => s.Population).OptionalMultilineText(MaxTextLength);
        RuleFor(s => s.Unknown).OptionalMultilineText(MaxTextLength);
        RuleFor(s => s.SignedBy).NotEmpty().WithErrorCode(ErrorCodes.Required).WithMessage("is required: a curator signs each statement")
            .OptionalNonBlankLine(300);
        RuleFor(s => s.Query).NotEmptyIfGiven().MaximumLength(2_000).Custom((text, context) =>
        {
            foreach (var fault in query.FindFaults(text))
            {
                context.AddFailure(new ValidationFailure(context.PropertyPath, fault) { ErrorCode = "notAQuery" });
            }
        });
    }
}
