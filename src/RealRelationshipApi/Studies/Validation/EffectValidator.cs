using FluentValidation;
using FluentValidation.Results;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies.Validation;

internal sealed class EffectValidator : AbstractValidator<EffectRequest>
{
    public const int MaxSampleLength = 500;

    public EffectValidator(IValidator<Statistic> statistics, IValidator<EffectSource> sources, IValidator<EffectCoding> codings)
    {
        RuleFor(e => e.Key).MatchesPattern(CommonRules.KeyPattern, CommonRules.KeyMessage);
        RuleFor(e => e.Sample).NotEmpty().SingleLine(MaxSampleLength);
        RuleFor(e => e.Statistic).SetValidator(statistics);
        RuleFor(e => e.RelationshipMeasure).NotEmpty().SingleLine(64);
        RuleFor(e => e.RelationshipScale).OptionalSingleLine(64);
        RuleFor(e => e.OutcomeMeasure).NotEmpty().SingleLine(64);
        RuleFor(e => e.OutcomeScale).OptionalSingleLine(64);
        RuleFor(e => e.Sessions).InclusiveBetween(1, StatisticValidator.MaxSample);
        RuleFor(e => e.Dyads).InclusiveBetween(1, StatisticValidator.MaxSample);
        RuleFor(e => e.Therapists).InclusiveBetween(1, StudyValidator.MaxTherapists);
        RuleFor(e => e.Source!).SetValidator(sources).When(e => e.Source is not null);
        RuleFor(e => e.Coding!).SetValidator(codings).When(e => e.Coding is not null);
        RuleFor(e => e).Custom(CheckLevel);
        RuleFor(e => e.RelationshipReliability).InclusiveBetween(0, 1).GreaterThan(0);
        RuleFor(e => e.OutcomeReliability).InclusiveBetween(0, 1).GreaterThan(0);
        RuleFor(e => e.AdjustedFor).MaxCount(50, "names");
        RuleForEach(e => e.AdjustedFor).Cascade(CascadeMode.Stop).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty()
            .SingleLine(100)
            .Must(name => name is null || (!name.Contains(StudyCsvColumns.ListSeparator) && name.Trim() == name)).WithErrorCode("notAllowed")
            .WithMessage($"may not contain '{StudyCsvColumns.ListSeparator}', which separates names in a table, nor begin or end with a blank");
        RuleFor(e => e.Moderators).MaxCount(50, "moderators")
            .Custom(ModeratorRules.Check).Custom(AgreedModerators.Check);
    }

    /// <summary>Rules of the level: within clients n is the number of clients, and the sessions determine the variance.</summary>
    private static void CheckLevel(EffectRequest effect, ValidationContext<EffectRequest> context)
    {
        var statistic = effect.Statistic;
        if (effect.Level != EffectLevel.WithinClient)
        {
            if (statistic is { Type: StatisticType.R or StatisticType.PartialR, Df: not null })
            {
                Fail("Statistic.Df", "notForThisLevel", "is allowed only at level withinClient");
            }

            return;
        }

        if ((statistic.N1 ?? statistic.N2) is not null && statistic.Type is StatisticType.T or StatisticType.F or StatisticType.P)
        {
            Fail("Statistic.N1", "notForThisLevel", "is not allowed at level withinClient");
        }

        if (statistic.Type is StatisticType.Counts or StatisticType.Means)
        {
            Fail("Statistic.Type", "notForThisLevel", "is not allowed at level withinClient, where the members of a group are sessions of the same clients");
        }

        if (statistic.Dichotomized is not null)
        {
            Fail("Statistic.Dichotomized", "notForThisLevel", "is not allowed at level withinClient");
        }

        if (effect.Sessions is { } sessions && statistic is { N: { } clients, Df: null } && Minimum(statistic, clients) is { } minimum && sessions < minimum)
        {
            Fail("Sessions", "tooSmall", $"must be at least {minimum} for {clients} clients (n)");
        }

        if (effect.Sessions is { } all && statistic is { N: { } people, Df: { } df } && df > all - people - 1 - (statistic.Covariates ?? 0))
        {
            Fail("Statistic.Df", "tooLarge", "must not exceed sessions - n - 1 - covariates");
        }

        void Fail(string member, string code, string detail)
        {
            var path = context.PropertyPath.Length == 0 ? member : $"{context.PropertyPath}.{member}";
            context.AddFailure(new ValidationFailure(path, detail) { ErrorCode = code });
        }
    }

    private static long? Minimum(Statistic statistic, long clients) => statistic.Type switch
    {
        StatisticType.R or StatisticType.FisherZ or StatisticType.P => clients + 3,
        StatisticType.PartialR or StatisticType.SemiPartialR => clients + 3 + statistic.Covariates,
        StatisticType.Spearman or StatisticType.Kendall => clients + StatisticConversion.MinRankSample - 1,
        _ => null,
    };
}
