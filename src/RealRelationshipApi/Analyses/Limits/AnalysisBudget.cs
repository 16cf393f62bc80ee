using System.Globalization;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Telemetry;
using RealRelationshipApi.Security.RateLimiting;

namespace RealRelationshipApi.Analyses.Limits;

/// <summary>Rejects analyses that would take too long, or too much memory, before they are computed.</summary>
internal sealed class AnalysisBudget(IOptions<LimitOptions> limits)
{
    // An estimate may be twice too high; what takes longer ends when its time is up.
    private const double Tolerance = 2;

    /// <summary>422 <c>tooCostly</c> with the number of effects that would fit; null if the analysis fits.</summary>
    public Problem? Check(AnalysisSize size, Func<AnalysisSize, AnalysisCost> costOf)
    {
        if (Excess(costOf(size)) is not { } excess)
        {
            return null;
        }

        RejectionMetrics.Count(ServiceLimit.ComputeSeconds);
        var (fits, exceeds) = (0.0, 1.0);
        for (var i = 0; i < 40; i++)
        {
            var middle = (fits + exceeds) / 2;
            (fits, exceeds) = Excess(costOf(size.Scaled(middle))) is null ? (middle, exceeds) : (fits, middle);
        }

        var fitting = Math.Floor(size.Effects * fits);
        return Problem.NotComputable("tooCostly", string.Create(CultureInfo.InvariantCulture, $"{excess} ")
            + (fitting >= 1 ? string.Create(CultureInfo.InvariantCulture, $"About {fitting:N0} of the {size.Effects:N0} effects would fit. ") : "")
            + "Fewer effects, moderators, levels or replicates, or dependence=aggregate cost less."
            + (size.Clusters is [var largest, ..] ? string.Create(CultureInfo.InvariantCulture,
                $" The largest cluster of studies that share samples has {largest.Effects:N0} effects; cluster=sample costs less, too.") : ""));
    }

    /// <summary>422 <c>tooCostly</c>; null if the computation fits.</summary>
    /// <param name="cost">Its cost.</param>
    /// <param name="advice">What would cost less, in a sentence.</param>
    public Problem? Check(AnalysisCost cost, string advice)
    {
        if (Excess(cost) is not { } excess)
        {
            return null;
        }

        RejectionMetrics.Count(ServiceLimit.ComputeSeconds);
        return Problem.NotComputable("tooCostly", $"{excess} {advice}");
    }

    /// <summary>Whether a computation fits.</summary>
    public bool Fits(AnalysisCost cost) => Excess(cost) is null;

    private string? Excess(AnalysisCost cost)
    {
        var (seconds, bytes) = (limits.Value.ComputeSeconds, limits.Value.MaxAnswerBytes);
        return cost.MemoryBytes > ComputeLimiter.MaxMemoryBytes ? string.Create(CultureInfo.InvariantCulture,
                $"This would take about {cost.MemoryBytes / 1e6:N0} MB of memory, and {ComputeLimiter.MaxMemoryBytes / 1e6:N0} MB is the maximum.")
            : cost.Seconds > Tolerance * seconds ? string.Create(CultureInfo.InvariantCulture,
                $"This would take about {cost.Seconds:N0} s to compute, and {seconds} s is the maximum for one request.")
            : cost.ResponseBytes > bytes ? string.Create(CultureInfo.InvariantCulture,
                $"The response would have about {cost.ResponseBytes / 1e6:N0} MB, and {bytes / 1e6:N0} MB is the maximum.") : null;
    }
}
