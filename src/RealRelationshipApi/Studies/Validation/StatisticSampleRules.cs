using FluentValidation;

using RealRelationship.Statistics;

using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

/// <summary>Rules of 2×2 tables, and of means and standard deviations.</summary>
internal static class StatisticSampleRules
{
    public static void Check(Statistic s, ValidationContext<Statistic> context)
    {
        switch (s.Type)
        {
            case StatisticType.Counts when s is { A: >= 0 and var a, B: >= 0 and var b, C: >= 0 and var c, D: >= 0 and var d }:
                CheckTable(a, b, c, d);
                break;
            case StatisticType.Means:
                CheckMeans();
                break;
        }

        void CheckTable(long a, long b, long c, long d)
        {
            var margins = new[] { ("a", "b", a + b), ("c", "d", c + d), ("a", "c", a + c), ("b", "d", b + d) };
            var hasEmptyMargin = false;
            foreach (var (first, second, _) in margins.Where(margin => margin.Item3 == 0))
            {
                hasEmptyMargin = true;
                Fail(first, "emptyMargin", $"must not be 0 together with {second}: with an empty row or column there is no correlation");
            }

            if (a + b + c + d > StatisticValidator.MaxSample)
            {
                Fail("a", "tooLarge", $"must not exceed {StatisticValidator.MaxSample} together with b, c and d");
            }
            else if (hasEmptyMargin)
            {
                return;
            }
            else if (a + b + c + d < 4)
            {
                Fail("a", "tooSmall", "must be at least 4 together with b, c and d");
            }
            else if (s.Dichotomized is null && ((a == 0 && d == 0) || (b == 0 && c == 0)))
            {
                Fail(a == 0 ? "a" : "b", "outsideRange", $"must not be 0 together with {(a == 0 ? "d" : "c")}: phi would be {(a == 0 ? -1 : 1)}");
            }
        }

        void CheckMeans()
        {
            if (s.Dichotomized == Dichotomized.Both)
            {
                Fail("dichotomized", "notAllowed", "must be one: the groups can be a dichotomized variable, while that of the means is continuous");
            }

            if (s is { Mean1: { } m1, Mean2: { } m2, Sd1: > 0 and var sd1, Sd2: > 0 and var sd2, N1: >= 2 and var n1, N2: >= 2 and var n2 }
                && Math.Abs(EffectSizeConversion.StandardizedDifference(m1, sd1, n1, m2, sd2, n2)) > StatisticValidator.MaxDifference)
            {
                Fail("sd1", "outOfRange", $"must not be so small that the means differ by more than {StatisticValidator.MaxDifference} standard deviations");
            }
        }

        void Fail(string member, string code, string detail) => StatisticValidator.AddError(context, member, code, detail);
    }
}
