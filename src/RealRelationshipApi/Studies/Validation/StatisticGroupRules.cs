using FluentValidation;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

/// <summary>Rules of group sizes and of dichotomized variables.</summary>
internal static class StatisticGroupRules
{
    /// <summary>Tolerance between a proportion and n1/(n1 + n2), as proportions are reported in whole percent.</summary>
    private const double ProportionTolerance = 0.01;

    private const int MinGroup = 2;

    public static void Check(Statistic s, ValidationContext<Statistic> context)
    {
        switch (s.Type)
        {
            case StatisticType.T:
                CheckDegreesOfFreedom("df", s.Df);
                break;
            case StatisticType.F:
                CheckDegreesOfFreedom("df2", s.Df2);
                break;
        }

        if (s.Dichotomized is null && s.Proportions is not null)
        {
            Fail("dichotomized", "oneOf", "is needed beside proportions: one or both");
        }
        else if (s is { Dichotomized: { } cut, Proportions: { Count: > 0 } proportions })
        {
            CheckProportions(cut, proportions);
        }

        void CheckDegreesOfFreedom(string member, double? df)
        {
            if (s.N1 is null != s.N2 is null)
            {
                Fail(s.N1 is null ? "n1" : "n2", "oneOf", "n1 and n2 go together");
            }
            else if (df is null && s.N1 is null)
            {
                Fail(member, ErrorCodes.Required, "is required without n1 and n2");
            }
            else if (df > s.N1 + s.N2 - 2)
            {
                Fail(member, "tooLarge", $"must not exceed n1 + n2 - 2 = {s.N1 + s.N2 - 2}");
            }
        }

        void CheckProportions(Dichotomized cut, IReadOnlyList<double> proportions)
        {
            if (proportions.Count != (cut == Dichotomized.One ? 1 : 2))
            {
                Fail("proportions", "wrongCount", cut == Dichotomized.One ? "must hold one number" : "must hold two numbers, that of the groups first");
            }

            if (s is { N1: { } n1, N2: { } n2 } && Math.Abs(proportions[0] - (double)n1 / (n1 + n2)) > ProportionTolerance)
            {
                Fail("proportions", "contradictsGroups", $"the first must be n1/(n1 + n2) = {(double)n1 / (n1 + n2):0.###}");
            }

            if ((s.N ?? s.Df + 2 ?? s.Df2 + 2) is { } n && proportions.Any(p => n * Math.Min(p, 1 - p) < MinGroup))
            {
                Fail("proportions", "outOfRange", $"must leave at least {MinGroup} of {n:0} participants in each part");
            }
        }

        void Fail(string member, string code, string detail) => StatisticValidator.AddError(context, member, code, detail);
    }
}
