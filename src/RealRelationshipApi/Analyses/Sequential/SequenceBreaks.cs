using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.Sequential;

/// <summary>Effects and composites that are not what they were when they entered.</summary>
internal static class SequenceBreaks
{
    private const double RoundingError = 1e-12;

    /// <summary>Ids of samples, or of the only effects of samples, that differ from their first entry, whatever the keys of their effects were. A release of
    /// a site that only adds patients is no break.</summary>
    public static IReadOnlyList<string> Of(ModelFrame frame, ResolvedModel model) => frame.Effects.Entries is not { } entries ? []
        : [.. Enumerable.Range(0, frame.Count).GroupBy(frame.SampleOf, StringComparer.Ordinal)
            .Where(sample => entries.OfSample(sample.Key) is { } first && Differs(frame.Effects, Stored(frame, sample), first, model))
            .Select(sample => sample.Skip(1).Any() ? sample.Key : frame.IdOf(sample.First()))];

    /// <summary>Samples that earlier looks had and of which nothing is left: retracted, changed so that they are no longer selected, or renamed with other
    /// numbers.</summary>
    public static IReadOnlyList<string> Gone(EffectSet effects)
    {
        if (effects.Entries is not { } entries)
        {
            return [];
        }

        var rows = effects.Ids.Index().ToDictionary(row => row.Item, row => row.Index, StringComparer.Ordinal);
        return [.. entries.Gone(effects).Where(gone => !gone.First.Effects.All(e => rows.TryGetValue(e.Set.Ids[e.Row], out var i)
            && !Differ(e.Set.Estimates[e.Row], effects.Estimates[i]) && !Differ(e.Set.Variances[e.Row], effects.Variances[i])))
            .Select(gone => gone.Sample).Order(StringComparer.Ordinal)];
    }

    private static int[] Stored(ModelFrame frame, IEnumerable<int> rows) =>
        [.. rows.SelectMany(row => frame.Members[row]).Where(i => !frame.Effects.IsHypothetical(i))];

    private static bool Differs(EffectSet effects, int[] members, FirstEntry first, ResolvedModel model)
    {
        if (members.Length == 0 || (first.Version.IsReleased && OnlyAddsPatients(effects, members, first)))
        {
            return false;
        }

        var then = Composite([.. first.Effects.Select(e => e.Set.Estimates[e.Row])], [.. first.Effects.Select(e => e.Set.Variances[e.Row])], model);
        var now = Composite([.. members.Select(i => effects.Estimates[i])], [.. members.Select(i => effects.Variances[i])], model);
        return Differ(then.Estimate, now.Estimate) || Differ(then.Variance, now.Variance);
    }

    private static (double Estimate, double Variance) Composite(double[] y, double[] v, ResolvedModel model)
    {
        if (y.Length == 1)
        {
            return (y[0], v[0]);
        }

        // One correlation for all pairs shows as well whether effects or variances differ.
        var composite = Aggregation.Aggregate(y, v, new int[y.Length], model.Rho, model.AggregationWeights);
        return (composite.Estimates[0], composite.Variances[0]);
    }

    private static bool Differ(double a, double b) => Math.Abs(a - b) > RoundingError * Math.Max(Math.Abs(a), Math.Abs(b));

    private static bool OnlyAddsPatients(EffectSet effects, int[] members, FirstEntry first)
    {
        var patients = members.ToDictionary(i => effects.Ids[i], i => effects.Participants[i], StringComparer.Ordinal);
        return first.Effects.All(e => patients.TryGetValue(e.Set.Ids[e.Row], out var now) && now >= e.Set.Participants[e.Row]);
    }
}
