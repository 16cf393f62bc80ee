using System.Text.Json;

using FluentValidation;
using FluentValidation.Results;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

/// <summary>Validates the required and allowed members of each type of statistic, and their ranges.</summary>
internal sealed class StatisticValidator : AbstractValidator<Statistic>
{
    public const long MaxSample = 10_000_000;
    public const double MaxFisherZ = 15;

    /// <summary>Largest absolute d.</summary>
    public const double MaxDifference = 100;

    private const double MaxScore = 1e12;

    /// <summary>Lower bound of variances, below that of the largest allowed sample, v = 1/(n − 3).</summary>
    public const double MinVariance = 1e-8;

    private const string BetaMessage =
        "a standardised regression weight is not a correlation: in a joint regression it can be larger than 1 and even have the other sign than r. "
        + "Send the zero-order r, or the partial r with its number of covariates";

    private static readonly string[] s_interval = ["lower?", "upper?", "confidence?"];

    private static readonly string[] s_cut = ["dichotomized?", "proportions?"];

    private static readonly Dictionary<string, Func<Statistic, object?>> s_memberReaders = new()
    {
        ["value"] = s => s.Value, ["n"] = s => s.N, ["n1"] = s => s.N1, ["n2"] = s => s.N2, ["df"] = s => s.Df, ["df1"] = s => s.Df1, ["df2"] = s => s.Df2,
        ["sign"] = s => s.Sign, ["covariates"] = s => s.Covariates, ["rSquared"] = s => s.RSquared, ["se"] = s => s.Se, ["tails"] = s => s.Tails,
        ["contrast"] = s => s.Contrast, ["lower"] = s => s.Lower, ["upper"] = s => s.Upper, ["confidence"] = s => s.Confidence,
        ["yi"] = s => s.Yi, ["vi"] = s => s.Vi, ["r"] = s => s.R, ["k"] = s => s.K,
        ["dichotomized"] = s => s.Dichotomized, ["proportions"] = s => s.Proportions, ["from"] = s => s.From, ["to"] = s => s.To,
        ["a"] = s => s.A, ["b"] = s => s.B, ["c"] = s => s.C, ["d"] = s => s.D,
        ["mean1"] = s => s.Mean1, ["sd1"] = s => s.Sd1, ["mean2"] = s => s.Mean2, ["sd2"] = s => s.Sd2,
    };

    /// <summary>Members of each type; a trailing <c>?</c> marks optional ones.</summary>
    internal static IReadOnlyDictionary<StatisticType, string[]> MembersByType { get; } = new Dictionary<StatisticType, string[]>
    {
        [StatisticType.R] = ["value", "n", "df?", .. s_interval, .. s_cut],
        [StatisticType.PartialR] = ["value", "n", "covariates", "df?", .. s_interval],
        [StatisticType.SemiPartialR] = ["value", "n", "covariates", "rSquared"],
        [StatisticType.Spearman] = ["value", "n", .. s_interval],
        [StatisticType.FisherZ] = ["value", "n?", "se?", .. s_interval],
        [StatisticType.D] = ["value", "n?", "n1?", "n2?", .. s_interval, .. s_cut],
        [StatisticType.G] = ["value", "n?", "n1?", "n2?", .. s_interval, .. s_cut],
        [StatisticType.T] = ["value", "df?", "n1?", "n2?", .. s_cut],
        [StatisticType.F] = ["value", "df1?", "df2?", "n1?", "n2?", "sign", .. s_cut],
        [StatisticType.Chi2] = ["value", "n", "sign", .. s_cut],
        [StatisticType.P] = ["value", "n?", "n1?", "n2?", "tails", "sign", .. s_cut],
        [StatisticType.OddsRatio] = ["value", "contrast", "lower", "upper", "confidence?", "n?"],
        [StatisticType.Effect] = ["yi", "vi", "n?"],
        [StatisticType.Pooled] = ["r", "lower?", "upper?", "confidence?", "k?", "n?"],
        [StatisticType.Range] = ["from", "to", "k"],
        [StatisticType.Kendall] = ["value", "n", .. s_interval],
        [StatisticType.Counts] = ["a", "b", "c", "d", "dichotomized?"],
        [StatisticType.Means] = ["mean1", "sd1", "n1", "mean2", "sd2", "n2", "dichotomized?"],
    };

    public StatisticValidator()
    {
        RuleFor(s => s.Type).NotEqual(StatisticType.Beta).WithErrorCode("betaRefused").WithMessage(BetaMessage);
        RuleFor(s => s).Custom(CheckMembers);
        RuleFor(s => s.N).InclusiveBetween(4, MaxSample);
        RuleFor(s => s.N1).InclusiveBetween(2, MaxSample);
        RuleFor(s => s.N2).InclusiveBetween(2, MaxSample);
        RuleFor(s => s.Df).InclusiveBetween(2, MaxSample);
        RuleFor(s => s.Df1).OneOf(1).WithMessage("must be 1: an F with more numerator degrees of freedom is not one correlation");
        RuleFor(s => s.Df2).InclusiveBetween(2, MaxSample);
        RuleFor(s => s.Sign).OneOf(1, -1).WithMessage("must be 1 or -1");
        RuleFor(s => s.Tails).OneOf(1, 2).WithMessage("must be 1 or 2");
        RuleFor(s => s.Covariates).InclusiveBetween(0, 1000);
        RuleFor(s => s.RSquared).GreaterThanOrEqualTo(0).LessThan(1);
        RuleFor(s => s.Se).InclusiveBetween(1e-4, 1e3);
        RuleFor(s => s.Confidence).ExclusiveBetween(0.5, 1);
        RuleFor(s => s.K).InclusiveBetween(1, 1_000_000);
        RuleFor(s => s.Yi).InclusiveBetween(-MaxFisherZ, MaxFisherZ);
        RuleFor(s => s.Vi).InclusiveBetween(MinVariance, 1e6);
        foreach (var correlation in new System.Linq.Expressions.Expression<Func<Statistic, double?>>[] { s => s.R, s => s.From, s => s.To })
        {
            RuleFor(correlation).ExclusiveBetween(-1, 1);
        }

        foreach (var cell in new System.Linq.Expressions.Expression<Func<Statistic, long?>>[] { s => s.A, s => s.B, s => s.C, s => s.D })
        {
            RuleFor(cell).InclusiveBetween(0, MaxSample);
        }

        foreach (var mean in new System.Linq.Expressions.Expression<Func<Statistic, double?>>[] { s => s.Mean1, s => s.Mean2 })
        {
            RuleFor(mean).InclusiveBetween(-MaxScore, MaxScore);
        }

        foreach (var spread in new System.Linq.Expressions.Expression<Func<Statistic, double?>>[] { s => s.Sd1, s => s.Sd2 })
        {
            RuleFor(spread).GreaterThan(0).LessThanOrEqualTo(MaxScore);
        }

        RuleFor(s => s.Proportions).NotEmptyIfGiven().MaxCount(2, "proportions");
        RuleForEach(s => s.Proportions).ExclusiveBetween(0, 1);
        RuleFor(s => s.Value).Custom((value, context) => CheckValue(context.InstanceToValidate, value, context));
        RuleFor(s => s).Custom(CheckCombinations).Custom(StatisticIntervalRules.Check).Custom(StatisticGroupRules.Check).Custom(StatisticSampleRules.Check);
    }

    private static void CheckMembers(Statistic statistic, ValidationContext<Statistic> context)
    {
        if (!MembersByType.TryGetValue(statistic.Type, out var members))
        {
            return;
        }

        var type = EnumNames<StatisticType>.Of(statistic.Type);
        foreach (var (name, read) in s_memberReaders)
        {
            var given = read(statistic) is not null;
            if (given && !members.Contains(name) && !members.Contains(name + '?'))
            {
                AddError(context, name, "notForThisType", $"does not belong to a statistic of type {type}, which takes {string.Join(", ", members)}");
            }
            else if (!given && members.Contains(name))
            {
                AddError(context, name, ErrorCodes.Required, $"is required for a statistic of type {type}");
            }
        }
    }

    private static void CheckValue(Statistic statistic, double? value, ValidationContext<Statistic> context)
    {
        var rule = value is not { } v ? null : statistic.Type switch
        {
            StatisticType.R or StatisticType.PartialR or StatisticType.SemiPartialR
                or StatisticType.Spearman or StatisticType.Kendall when Math.Abs(v) >= 1 => "must lie between -1 and 1, both excluded",
            StatisticType.FisherZ when Math.Abs(v) > MaxFisherZ => $"must lie between -{MaxFisherZ} and {MaxFisherZ}",
            StatisticType.D or StatisticType.G when Math.Abs(v) > MaxDifference => $"must lie between -{MaxDifference} and {MaxDifference}",
            StatisticType.T when Math.Abs(v) > 1e6 => "must lie between -1000000 and 1000000",
            StatisticType.F or StatisticType.Chi2 when v is < 0 or > 1e12 => "must lie between 0 and 1e12",
            StatisticType.P when v is <= 0 or > 1 => "must lie in (0, 1]",
            StatisticType.OddsRatio when v is <= 0 or > 1e6 => "must lie in (0, 1000000]",
            _ => null,
        };
        if (rule is not null)
        {
            context.AddFailure(new ValidationFailure(context.PropertyPath, rule) { ErrorCode = "outOfRange" });
        }
    }

    private static void CheckCombinations(Statistic s, ValidationContext<Statistic> context)
    {
        switch (s.Type)
        {
            case StatisticType.PartialR or StatisticType.SemiPartialR when s.Df is null && s.N < s.Covariates + 4:
                AddError(context, "n", "tooSmall", "must be at least the number of covariates + 4");
                break;
            case StatisticType.SemiPartialR when s is { Value: { } sr, RSquared: { } full } && sr * sr > full:
                AddError(context, "rSquared", "tooSmall", "is that of the full model, so it cannot be smaller than the squared semi-partial correlation");
                break;
            case StatisticType.Spearman or StatisticType.Kendall when s.N < StatisticConversion.MinRankSample:
                AddError(context, "n", "tooSmall", $"must be at least {StatisticConversion.MinRankSample} for a rank correlation");
                break;
            case StatisticType.FisherZ when s.N is null == s.Se is null:
                AddError(context, "n", "oneOf", "exactly one of n and se is needed");
                break;
            case StatisticType.D or StatisticType.G or StatisticType.P when !HasOneKindOfSize(s):
                AddError(context, "n", "oneOf", "either n, or both n1 and n2, are needed");
                break;
            case StatisticType.P when s is { Tails: 1, Value: >= 1 }:
                AddError(context, "value", "tooLarge", "must be smaller than 1 for a one-tailed test");
                break;
            case StatisticType.Chi2 when s.Value >= s.N:
                AddError(context, "value", "tooLarge", "must be smaller than n: phi would not be smaller than 1");
                break;
            case StatisticType.Range when s.From > s.To:
                AddError(context, "to", "tooSmall", "must not be smaller than from");
                break;
        }
    }

    private static bool HasOneKindOfSize(Statistic s) => s.N is not null ? (s.N1 ?? s.N2) is null : s is { N1: not null, N2: not null };

    internal static void AddError(ValidationContext<Statistic> context, string member, string code, string detail)
    {
        var path = context.PropertyPath.Length == 0 ? member : $"{context.PropertyPath}.{member}";
        context.AddFailure(new ValidationFailure(path, detail) { ErrorCode = code });
    }
}
