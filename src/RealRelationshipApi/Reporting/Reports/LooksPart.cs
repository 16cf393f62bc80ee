using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>How often the evidence of the question changed, and what that does to tests.</summary>
internal static class LooksPart
{
    /// <summary>Code of the warning that this part says.</summary>
    public const string Warning = "repeatedLooks";

    public static IEnumerable<RichText> Of(EffectSet effects, PoolResponse pool, About about)
    {
        var search = about.Search;
        return
        [
            RichText.Join(" ", Steps(effects, pool.Data.Revision),
                pool.Warnings.FirstOrDefault(warning => warning.Code == Warning) is { } looks ? RichText.Of($"{looks.Finding}") : RichText.Empty),
            SequencePhrasing.Sentence(pool),
            search?.LastSearched is { } last ? RichText.Of($"The literature was last searched on {last:yyyy-MM-dd}"
                + $"{(search.Cadence is { } cadence ? $" (cadence: {cadence.TrimEnd('.')})" : "")}.") : RichText.Empty,
            about.StoppingRule is { } rule ? RichText.Of($"Stopping rule: {rule.TrimEnd('.')}.") : RichText.Empty,
        ];
    }

    private static RichText Steps(EffectSet effects, long? revision)
    {
        var steps = effects.Versions.DistinctBy(version => version.Revision).OrderBy(version => version.Revision).ToList();
        return steps.Count == 0 ? RichText.Of($"This is a living review, at evidence revision {revision}.")
            : RichText.Of($"This is a living review, at evidence revision {revision}. The effects that are pooled took their present numbers at "
                + $"{Phrasing.Plural(steps.Count, "revision")}, the {(steps.Count == 1 ? "one" : "last")} of {steps[^1].RecordedAt:yyyy-MM-dd} "
                + $"(revision {steps[^1].Revision}).");
    }
}
