using FluentValidation;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Instruments;

/// <summary>The rules of each member of a declaration; <see cref="InstrumentDeclaration"/> has those across members.</summary>
internal sealed class InstrumentValidator : AbstractValidator<InstrumentRequest>
{
    public InstrumentValidator(IValidator<ItemRange> items, IValidator<ScaleRequest> scales, IValidator<InstrumentCoding> codings)
    {
        RuleFor(i => i.Code).MatchesPattern(CommonRules.KeyPattern, CommonRules.KeyMessage);
        RuleFor(i => i.Name).OptionalSingleLine(80);
        RuleFor(i => i.Raters).NotEmptyIfGiven().WithMessage("must not be empty")
            .Distinct(InstrumentDeclaration.RepeatedCode, "names a rater twice");
        RuleFor(i => i.Items!).SetValidator(items).When(i => i.Items is not null);
        RuleFor(i => i.Reversed).Distinct(InstrumentDeclaration.RepeatedCode, "names an item twice");
        RuleFor(i => i.Scales).MaxCount(50, "scales");
        RuleForEach(i => i.Scales).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").SetValidator(scales);
        RuleFor(i => i.Missing!).Must(m => m.Rule == MissingItems.Prorate == m.AtMost is not null).WithErrorCode("oneOf")
            .WithMessage("atMost belongs to the rule prorate, and is needed there").When(i => i.Missing is not null);
        RuleFor(i => i.Codings).MaxCount(20, "codings");
        RuleForEach(i => i.Codings).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").SetValidator(codings);
    }
}

internal sealed class ItemRangeValidator : AbstractValidator<ItemRange>
{
    public ItemRangeValidator()
    {
        RuleFor(i => i.Count).InclusiveBetween(1, 500);
        RuleFor(i => i.Minimum).InclusiveBetween(-1000, 1000);
        RuleFor(i => i.Maximum).InclusiveBetween(-1000, 1000).Must((range, maximum) => maximum > range.Minimum).WithErrorCode("tooSmall")
            .WithMessage("must be greater than minimum");
    }
}

internal sealed class ScaleValidator : AbstractValidator<ScaleRequest>
{
    public ScaleValidator()
    {
        RuleFor(s => s.Name).MatchesPattern("^[a-z][A-Za-z0-9]{0,31}$", "must be a lower-case letter and at most 31 more letters or digits");
        RuleFor(s => s.Items).NotEmptyIfGiven().WithMessage("must not be empty")
            .Distinct(InstrumentDeclaration.RepeatedCode, "names an item twice");
        RuleFor(s => s.Minimum).InclusiveBetween(-1e6, 1e6);
        RuleFor(s => s.Maximum).InclusiveBetween(-1e6, 1e6).Must((scale, maximum) => !(maximum <= scale.Minimum)).WithErrorCode("tooSmall")
            .WithMessage("must be greater than minimum");
    }
}

internal sealed class InstrumentCodingValidator : AbstractValidator<InstrumentCoding>
{
    public InstrumentCodingValidator()
    {
        RuleFor(c => c.System).MatchesPattern("^[a-z][a-z0-9+.-]*:[!-~]{1,190}$", "must be the absolute URI of a code system, such as http://loinc.org");
        RuleFor(c => c.Code).MatchesPattern("^[!-~]{1,64}$", "must be a code without spaces, of at most 64 characters");
    }
}
