using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Plan;

namespace RealRelationshipApi.Reporting;

/// <summary>Describes a plan of new studies in a sentence.</summary>
internal static class PlanPhrasing
{
    /// <summary>How large a new study would have to be, or how many studies of a given size are needed if a single one cannot suffice.</summary>
    /// <param name="one">The plan of one study.</param>
    /// <param name="several">The plan of several; null if one study suffices.</param>
    /// <param name="confidence">Confidence level of the interval.</param>
    public static string Sentence(PlanResponse one, PlanResponse? several, double confidence)
    {
        var goal = Goal(one, confidence);
        return (one, several) switch
        {
            ({ AlreadyReached: true }, _) => $"No new study is needed to {goal}.",
            ({ N: { } n }, _) => $"A new study of about n = {Rounded(n)} would be needed to {goal}.",
            (_, { Studies: { } studies, N: { } n }) =>
                $"No single new study, however large, can {goal}; about {ApaFormat.Count(studies)} new studies of n = {ApaFormat.Count(n)} each would.",
            (_, { N: { } n }) => $"No single new study, however large, can {goal}, nor can {StudyPlanning.MaxStudies} new studies of "
                + $"n = {ApaFormat.Count(n)} each.",
            _ => $"No single new study, however large, can {goal}.",
        };
    }

    /// <summary>What is assumed of new studies.</summary>
    public static string Assumption(PlanResponse plan) =>
        $"This assumes a correlation of {ApaFormat.Correlation(plan.AssumedR)} in new studies, and that their true effects differ as those of the present "
            + $"ones do (τ² = {ApaFormat.Number(plan.Tau2, 3)}).";

    private static string Goal(PlanResponse plan, double confidence)
    {
        var (interval, power) = ($"the {ApaFormat.Confidence(confidence)} confidence interval", $"with {ApaFormat.Percent(plan.Power * 100)} power");
        return plan.Target switch
        {
            PlanTarget.Width => $"narrow {interval} of r from a width of {ApaFormat.Correlation(plan.Present.Correlation?.Width)} to "
                + ApaFormat.Correlation(plan.Value),
            PlanTarget.ExcludesMargin => $"make {interval} lie beyond r = ±{ApaFormat.Correlation(plan.Value)} {power}",
            PlanTarget.Contrast => $"make {interval} of the difference exclude 0 {power}",
            _ => $"make {interval} exclude 0 {power}",
        };
    }

    // Two digits are as much as an assumption deserves.
    private static string Rounded(long n)
    {
        var unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(n)) - 1));
        return ApaFormat.Count(Math.Ceiling(n / unit) * unit);
    }
}
