using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Reporting.Reports;

namespace RealRelationshipApi.Reporting;

/// <summary>The confidence sequence in words.</summary>
internal static class SequencePhrasing
{
    /// <summary>A sentence with the sequence, the e-value, the prior, and when the threshold was first reached; empty if it was not requested.</summary>
    public static RichText Sentence(PoolResponse pool)
    {
        if (pool.Anytime is not { } anytime)
        {
            return RichText.Empty;
        }

        var limits = anytime.R is { } r ? RichText.Of($"[{ApaFormat.Correlation(r.Lower)}, {ApaFormat.Correlation(r.Upper)}] on {Symbols.R}")
            : RichText.Of($"without limits that can be computed");
        var evidence = anytime.EValue is { } e ? RichText.Of($"{Symbols.E} = {ApaFormat.Number(e)}")
            : anytime.LogEValue is null ? RichText.Of($"{Symbols.E} cannot be computed")
            : RichText.Of($"ln {Symbols.E} = {ApaFormat.Number(anytime.LogEValue)}");
        var threshold = ApaFormat.Number(anytime.Threshold, 0);
        var crossed = anytime.FirstCrossed switch
        {
            null when anytime.LogEValue is null => $"whether the threshold of {threshold} has been reached cannot be computed",
            null => $"the threshold of {threshold} has not been reached at any look",
            { Revision: { } revision, At: { } at } => $"the threshold of {threshold} was first reached at evidence revision {revision} ({at:yyyy-MM-dd})",
            { } look => $"the threshold of {threshold} was first reached with {look.Id}",
        };
        var caution = pool.Counts.Hypothetical is null ? "" : " With hypothetical effects it holds at no look.";
        return RichText.Of($"At all looks together, the {ApaFormat.Confidence(pool.Model.Confidence)} confidence sequence was {limits} ({evidence} "
            + $"against no association; priors N(0, {ApaFormat.Number(anytime.Prior.MuSd)}²) for the mean and "
            + $"half-normal({ApaFormat.Number(anytime.Prior.TauScale)}) for τ); {crossed}.{caution}");
    }
}
