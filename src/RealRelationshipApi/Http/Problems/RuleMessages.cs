using FluentValidation.Resources;

namespace RealRelationshipApi.Http.Problems;

/// <summary>What FluentValidation says of its built-in rules, in the words of the service's own: without the name, which the pointer has, and without the
/// value, which may be a patient's.</summary>
internal sealed class RuleMessages : LanguageManager
{
    public RuleMessages()
    {
        foreach (var (rule, message) in new[]
        {
            ("NotNullValidator", "is required"),
            ("NotEmptyValidator", "must not be empty"),
            ("NullValidator", "is not allowed here"),
            ("EmptyValidator", "must be empty"),
            ("InclusiveBetweenValidator", "must be from {From} to {To}"),
            ("ExclusiveBetweenValidator", "must lie between {From} and {To}, both excluded"),
            ("GreaterThanValidator", "must be more than {ComparisonValue}"),
            ("GreaterThanOrEqualValidator", "must be {ComparisonValue} or more"),
            ("LessThanValidator", "must be less than {ComparisonValue}"),
            ("LessThanOrEqualValidator", "must be {ComparisonValue} or less"),
            ("MaximumLengthValidator", "may have at most {MaxLength} characters"),
            ("MinimumLengthValidator", "must have at least {MinLength} characters"),
            ("LengthValidator", "must have {MinLength} to {MaxLength} characters"),
            ("EqualValidator", "must be {ComparisonValue}"),
            ("NotEqualValidator", "must not be {ComparisonValue}"),
            ("RegularExpressionValidator", "does not have the required form"),
            ("PredicateValidator", "is not allowed"),
        })
        {
            AddTranslation("en", rule, message);
        }
    }
}
