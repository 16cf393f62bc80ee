using FluentValidation;

using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

/// <summary>Rules of reported confidence intervals.</summary>
internal static class StatisticIntervalRules
{
    public static void Check(Statistic s, ValidationContext<Statistic> context)
    {
        if (s.Type == StatisticType.Range)
        {
            return;
        }

        if (s.Lower is null != s.Upper is null)
        {
            Fail(s.Lower is null ? "lower" : "upper", "oneOf", "lower and upper go together");
        }

        if (s is not { Lower: { } lower, Upper: { } upper } || (s.Type == StatisticType.Pooled ? s.R : s.Value) is not { } estimate)
        {
            return;
        }

        if (lower >= upper || lower > estimate || estimate > upper)
        {
            Fail("lower", "outOfRange", "the interval must hold the estimate, with lower below upper");
        }
        else if (s.Type == StatisticType.OddsRatio && lower <= 0)
        {
            Fail("lower", "tooSmall", "must be greater than 0");
        }
        else if (IsCorrelation(s.Type) && (lower <= -1 || upper >= 1))
        {
            Fail(lower <= -1 ? "lower" : "upper", "outOfRange", "correlations lie between -1 and 1");
        }
        else if (IsInRange(s.Type, estimate) && !StatisticConversion.HasPlausibleInterval(s))
        {
            Fail("lower", "asymmetricInterval", "the estimate must lie between 15 % and 85 % of its interval"
                + (s.Type is StatisticType.OddsRatio ? " on the logarithmic scale" : IsCorrelation(s.Type) ? " on Fisher z" : ""));
        }

        if (s.Dichotomized is not null)
        {
            Fail("lower", "notAllowed", "cannot be combined with dichotomized");
        }

        void Fail(string member, string code, string detail) => StatisticValidator.AddError(context, member, code, detail);
    }

    private static bool IsInRange(StatisticType type, double estimate) =>
        IsCorrelation(type) ? Math.Abs(estimate) < 1 : type != StatisticType.OddsRatio || estimate > 0;

    private static bool IsCorrelation(StatisticType type) =>
        type is StatisticType.R or StatisticType.PartialR or StatisticType.Spearman or StatisticType.Kendall or StatisticType.Pooled;
}
