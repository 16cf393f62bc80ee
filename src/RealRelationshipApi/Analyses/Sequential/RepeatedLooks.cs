using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Sequential;

/// <summary>The warning that p-values and intervals of a living review are looked at again and again.</summary>
internal static class RepeatedLooks
{
    /// <summary>With more revisions the warning is given.</summary>
    public const int MaxRevisions = 5;

    /// <summary>A function of the evidence, not of who looks: the revisions at which selected effects took their present numbers.</summary>
    /// <remarks>The shares are from simulations with τ² = .014, looks from three studies on (<c>tests/Benchmarks -- certainty</c>).</remarks>
    /// <param name="effects">The selected effects.</param>
    /// <param name="sequence">Whether the response has the confidence sequence, could have it, or cannot.</param>
    public static IEnumerable<Warning> Of(EffectSet effects, SequenceOffer sequence)
    {
        var revisions = effects.Versions.Select(version => version.Revision).Distinct().Count();
        if (revisions > MaxRevisions)
        {
            yield return Warning.WithAdvice("repeatedLooks",
                $"This evidence came in {revisions} steps. Where nothing is there, p falls below .05 at some look in 6% of series after 5 looks, 11% after 10, "
                    + "17% after 20 and 24% after 38; p-values and intervals hold for one look."
                    + (sequence == SequenceOffer.Shown ? " The confidence sequence holds at every look." : ""),
                sequence == SequenceOffer.Available ? "sequential=anytime has those that hold at every look." : null);
        }
    }
}

/// <summary>Whether a response has a confidence sequence.</summary>
internal enum SequenceOffer { None, Available, Shown }
