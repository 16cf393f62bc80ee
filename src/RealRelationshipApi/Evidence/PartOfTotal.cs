using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Evidence;

/// <summary>Finds effects on a part of what another effect of the same sample measures as a whole: a subscale beside the total of its form, and a short form
/// beside its long form. Together they would count the same answers twice.</summary>
internal sealed class PartOfTotal
{
    private static readonly (string Measure, string Scale)[] s_sides = [("relationshipMeasure", "relationshipScale"), ("outcomeMeasure", "outcomeScale")];

    // Sample and form for each side.
    private readonly HashSet<(int Side, string Sample, string Form)> _totals = [];

    /// <summary>Takes note of the totals among some rows.</summary>
    public void Add(EvidenceSegment segment, IEnumerable<int> rows)
    {
        foreach (var (side, (measure, scale)) in s_sides.Index())
        {
            var (forms, scales) = (segment.TextColumn(measure), segment.TextColumn(scale));
            foreach (var row in rows)
            {
                if (MeasureCatalogue.IsTotal(scales[row]) && forms[row] is { } form)
                {
                    _totals.Add((side, segment.Samples[row], form));
                }
            }
        }
    }

    /// <summary>Whether an effect is on a part of a total that its sample has.</summary>
    public Func<int, bool> IsPart(EvidenceSegment segment)
    {
        var columns = Array.ConvertAll(s_sides, side => (Forms: segment.TextColumn(side.Measure), Scales: segment.TextColumn(side.Scale)));
        return row => IsPartOn(0, row) || IsPartOn(1, row);

        bool IsPartOn(int side, int row) => columns[side].Forms[row] is { } form
            && ((!MeasureCatalogue.IsTotal(columns[side].Scales[row]) && _totals.Contains((side, segment.Samples[row], form)))
                || (MeasureCatalogue.LongFormOf(form) is { } longForm && _totals.Contains((side, segment.Samples[row], longForm))));
    }

    /// <summary>Whether any effect of a segment can be a part: most segments have none, and need no search.</summary>
    public static bool MayHaveParts(EvidenceSegment segment) => s_sides.Any(side =>
        segment.TextColumn(side.Scale).Values.Any(scale => !MeasureCatalogue.IsTotal(scale))
        || segment.TextColumn(side.Measure).Values.Any(form => MeasureCatalogue.LongFormOf(form) is not null));

    /// <summary>Whether an effect is on a subscale.</summary>
    public static Func<int, bool> IsSubscale(EvidenceSegment segment)
    {
        var (relationship, outcome) = (segment.TextColumn(s_sides[0].Scale), segment.TextColumn(s_sides[1].Scale));
        return row => !MeasureCatalogue.IsTotal(relationship[row]) || !MeasureCatalogue.IsTotal(outcome[row]);
    }
}
