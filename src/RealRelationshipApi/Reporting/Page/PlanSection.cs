using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Plan;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>How large a new study would have to be for the next step: an interval without 0, one beyond the negligible, or a narrower one.</summary>
internal static class PlanSection
{
    // Above, the page does without it.
    private const double MaxSeconds = 1;
    private const double NarrowedWidth = 0.8;
    private const long DefaultParticipants = 100;

    /// <summary>Cost of the section, whatever it plans.</summary>
    public static AnalysisCost Cost(AnalysisSize size) => new[] { PlanTarget.Width, PlanTarget.ExcludesZero }.Select(target => CostOfBoth(size, target))
        .Where(cost => cost.Seconds <= MaxSeconds).DefaultIfEmpty().MaxBy(cost => cost.Seconds);

    /// <summary>Plans the next step; null if it cannot be planned, or costs too much for a page.</summary>
    public static (PlanResponse One, PlanResponse? Several)? Plan(EffectSet effects, ModelRequest? model, PoolResponse pool)
    {
        if (pool.Correlation is not { Lower: { } lower, Upper: { } upper } || AnalysisSize.Of(effects, model, []) is not { } size)
        {
            return null;
        }

        var margin = ResolvedModel.NegligibleCorrelation;
        var request = new PlanRequest { Target = PlanTarget.ExcludesZero, Model = model };
        request = lower <= 0 && upper >= 0 ? request
            : lower <= margin && upper >= -margin ? request with { Target = PlanTarget.ExcludesMargin, Value = margin }
            : request with { Target = PlanTarget.Width, Value = Math.Max(0.01, Math.Round(NarrowedWidth * (upper - lower), 2)) };
        if (CostOfBoth(size, request.Target).Seconds > MaxSeconds)
        {
            return null;
        }

        try
        {
            var one = PlanAnalysis.Run(effects, request, ErrorLocation.InQuery).Response;
            return one is null ? null
                : (one, one.NotReachable ? PlanAnalysis.Run(effects, request with { N = Typical(effects) }, ErrorLocation.InQuery).Response : null);
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    public static Html Of((PlanResponse One, PlanResponse? Several)? plan, double confidence, string query)
    {
        if (plan is not { } planned)
        {
            return Html.Empty;
        }

        var value = planned.One.Value is { } number ? FormattableString.Invariant($"&value={number}") : "";
        var address = $"/meta/plan?target={EnumNames<PlanTarget>.Of(planned.One.Target)}{value}{(planned.Several is { N: { } n } ? $"&n={n}" : "")}"
            + (query.Length > 0 ? $"&{query[1..]}" : "");
        return Html.Of($"""
            <section aria-labelledby="plan">
              <h2 id="plan">What another study could add</h2>
              <p>{PlanPhrasing.Sentence(planned.One, planned.Several, confidence)} {PlanPhrasing.Assumption(planned.One)}
                <a href="{address}">As JSON</a></p>
            </section>
            """);
    }

    private static AnalysisCost CostOfBoth(AnalysisSize size, PlanTarget target)
    {
        var request = new PlanRequest { Target = target };
        return AnalysisCost.Plan(size, request) + AnalysisCost.Plan(size, request with { N = DefaultParticipants });
    }

    // The median of the present studies.
    private static long Typical(EffectSet effects)
    {
        double[] known = [.. effects.Participants.OfType<double>().Where(n => n >= 4).Order()];
        return known.Length == 0 ? DefaultParticipants : (long)known[known.Length / 2];
    }
}
