using FluentValidation;
using FluentValidation.Results;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

internal sealed class RiskOfBiasValidator : AbstractValidator<RiskOfBias>
{
    public const string Quips = "QUIPS";

    /// <summary>An item of this service beside any tool: one person rated relationship and outcome.</summary>
    public const string SameSource = "sameSource";

    /// <summary>Domains of QUIPS (Hayden et al. 2013, Annals of Internal Medicine 158, 280–286), in its order.</summary>
    public static readonly IReadOnlyList<string> QuipsDomains = ["participation", "attrition", "prognosticFactor", "outcome", "confounding", "analysis"];

    private const int MaxDomains = 30;

    public RiskOfBiasValidator()
    {
        RuleFor(r => r.Tool).NotEmpty().OptionalNonBlankLine(100);
        RuleFor(r => r.Domains).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").MaxCount(MaxDomains, "domains");
        RuleForEach(r => r.Domains).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").ChildRules(domain =>
        {
            domain.RuleFor(d => d.Name).NotEmpty().OptionalNonBlankLine(100);
            domain.RuleFor(d => d.Reason).OptionalMultilineText(1000);
        });
        RuleFor(r => r).Custom(CheckDomainNames);
    }

    private static void CheckDomainNames(RiskOfBias assessment, ValidationContext<RiskOfBias> context)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, domain) in (assessment.Domains ?? []).Index())
        {
            if (domain?.Name is not { } name)
            {
                continue;
            }

            if (!seen.Add(name))
            {
                Fail(i, "repeatedName", $"'{name}' is judged twice");
            }
            else if (assessment.Tool == Quips && name != SameSource && !QuipsDomains.Contains(name))
            {
                Fail(i, "unknownValue", $"is no domain of QUIPS, which has {string.Join(", ", QuipsDomains)}; beside them {SameSource} is allowed");
            }
        }

        void Fail(int i, string code, string detail)
        {
            var path = context.PropertyPath.Length == 0 ? "" : $"{context.PropertyPath}.";
            context.AddFailure(new ValidationFailure($"{path}Domains[{i}].Name", detail) { ErrorCode = code });
        }
    }
}
