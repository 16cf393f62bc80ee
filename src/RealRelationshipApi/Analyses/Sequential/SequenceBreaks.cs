using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.Sequential;

/// <summary>Effects and composites that are not what they were when they entered.</summary>
internal static class SequenceBreaks
{
    private const double RoundingError = 1e-12;

    /// <summary>Ids of rows that differ from their first entry. A release of a site that only adds patients is no break.</summary>
    public static IReadOnlyList<string> Of(ModelFrame frame, ResolvedModel model) => frame.Effects.Entries is not { } entries ? []
        : [.. Enumerable.Range(0, frame.Count)
            .Where(row => (model.Dependence == Dependence.Aggregate ? entries.OfSample(frame.SampleOf(row)) : entries.OfEffect(frame.IdOf(row))) is { } first
                && !(first.Version.IsReleased && OnlyAddsPatients(frame, row, first)) && Differs(frame, row, first, model))
            .Select(frame.IdOf)];

    private static bool Differs(ModelFrame frame, int row, FirstEntry first, ResolvedModel model)
    {
        double[] y = [.. first.Effects.Select(e => e.Set.Estimates[e.Row])], v = [.. first.Effects.Select(e => e.Set.Variances[e.Row])];
        if (y.Length > 1)
        {
            var composite = Aggregation.Aggregate(y, v, new int[y.Length], model.Rho, model.AggregationWeights);
            (y, v) = ([composite.Estimates[0]], [composite.Variances[0]]);
        }

        return Differ(y[0], frame.Estimates[row]) || Differ(v[0], frame.Variances[row]);
    }

    private static bool Differ(double a, double b) => Math.Abs(a - b) > RoundingError * Math.Max(Math.Abs(a), Math.Abs(b));

    private static bool OnlyAddsPatients(ModelFrame frame, int row, FirstEntry first)
    {
        var patients = frame.Members[row].ToDictionary(i => frame.Effects.Ids[i], i => frame.Effects.Participants[i], StringComparer.Ordinal);
        return first.Effects.All(e => patients.TryGetValue(e.Set.Ids[e.Row], out var now) && now >= e.Set.Participants[e.Row]);
    }
}
