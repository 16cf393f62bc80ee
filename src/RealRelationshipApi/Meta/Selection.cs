using RealRelationshipApi.Http;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>Applies a filter to the evidence, and counts what each part of it leaves out.</summary>
internal static class Selection
{
    /// <summary>The first gate that an effect does not pass is the reason for which it is left out.</summary>
    public static EffectSet Apply(FilterRequest filter, Evidence evidence)
    {
        var gates = Gates(filter, evidence).ToList();
        var leftOut = new int[gates.Count];
        var rows = new List<int>();
        for (var row = 0; row < evidence.Count; row++)
        {
            var gate = gates.FindIndex(g => !g.Passes(row));
            if (gate < 0)
            {
                rows.Add(row);
            }
            else
            {
                leftOut[gate]++;
            }
        }
        return Set(filter, evidence, [.. rows], [.. gates.Select((g, i) => new Exclusion(g.Reason, leftOut[i])).Where(e => e.Count > 0)]);
    }

    // Cells of sites that the question is about, and that may not be told.
    private static IReadOnlyList<SuppressedCell> Suppressed(FilterRequest filter, Evidence evidence)
    {
        if (evidence.Suppressed is not { } cells)
        {
            return [];
        }

        var reason = Reason(filter, cells);
        return [.. Enumerable.Range(0, cells.Count).Where(row => reason(row) is null).Select(row => new SuppressedCell(cells.Ids[row], cells.Reasons[row]!))];
    }

    /// <summary>The reason for which a row of the evidence is left out; null where it takes part.</summary>
    public static Func<int, string?> Reason(FilterRequest filter, Evidence evidence)
    {
        var gates = Gates(filter, evidence).ToList();
        return row => gates.Find(g => !g.Passes(row)).Reason;
    }

    private static IEnumerable<(string Reason, Func<int, bool> Passes)> Gates(FilterRequest filter, Evidence evidence)
    {
        yield return ("retracted", row => evidence.Status[row] != StudyStatus.Retracted);
        yield return ("pending", row => evidence.Status[row] != StudyStatus.Pending);
        if (filter.Source != Source.All)
        {
            yield return ("source", row => evidence.IsReleased[row] == (filter.Source == Source.Sessions));
        }

        if (filter.Level is not { } level)
        {
            yield return Among("level", [EnumNames<EffectLevel>.Of(EffectLevel.BetweenClient)]);
        }
        else if (!level.Values.Contains(LevelChoice.All))
        {
            yield return Among("level", Names(level));
        }

        if (filter.Synthetic is SyntheticChoice.Exclude or SyntheticChoice.Only)
        {
            yield return Among("synthetic", [filter.Synthetic == SyntheticChoice.Only ? "true" : "false"]);
        }

        foreach (var (field, allowed) in Categories(filter))
        {
            if (allowed is not null)
            {
                yield return Among(field, allowed);
            }
        }
        if (filter.YearFrom is { } from)
        {
            yield return ("yearFrom", row => evidence.Years[row] >= from);
        }

        if (filter.YearTo is { } to)
        {
            yield return ("yearTo", row => evidence.Years[row] <= to);
        }

        if (filter.Exclude is { } exclude)
        {
            var names = exclude.Values.ToHashSet(StringComparer.Ordinal);
            yield return ("exclude", row => !names.Contains(evidence.Studies[row]) && !names.Contains(evidence.Samples[row]));
        }

        (string, Func<int, bool>) Among(string field, IEnumerable<string> allowed) => (field, evidence.Column(field).Among(allowed));
    }

    private static IEnumerable<(string Field, IEnumerable<string>? Allowed)> Categories(FilterRequest filter) =>
    [
        ("adjusted", Flags(filter.Adjusted)),
        ("converted", Flags(filter.Converted)),
        ("outcomeType", Names(filter.OutcomeType)),
        ("relationshipRater", Names(filter.RelationshipRater)),
        ("outcomeRater", Names(filter.OutcomeRater)),
        ("relationshipMeasure", LowerCase(filter.RelationshipMeasure)),
        ("outcomeMeasure", LowerCase(filter.OutcomeMeasure)),
        ("design", Names(filter.Design)),
        ("timing", Names(filter.Timing)),
        ("country", filter.Country?.Values),
        ("published", Flags(filter.Published)),
        ("kind", Names(filter.Kind)),
    ];

    private static IEnumerable<string>? Flags(OneOrMany<bool>? flags) => flags?.Values.Select(f => f ? "true" : "false");

    private static IEnumerable<string>? LowerCase(OneOrMany<string>? texts) => texts?.Values.Select(t => t.ToLowerInvariant());

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(values))]
    private static IEnumerable<string>? Names<T>(OneOrMany<T>? values) where T : struct, Enum => values?.Values.Select(EnumNames<T>.Of);

    private static EffectSet Set(FilterRequest filter, Evidence evidence, int[] rows, IReadOnlyList<Exclusion> excluded) => new()
    {
        Ids = Pick(evidence.Ids, rows),
        Studies = Pick(evidence.Studies, rows),
        Samples = Pick(evidence.Samples, rows),
        Estimates = Pick(evidence.Estimates, rows),
        Variances = Pick(evidence.Variances, rows),
        Participants = Pick(evidence.Participants, rows),
        RelationshipReliabilities = Pick(evidence.RelationshipReliabilities, rows),
        OutcomeReliabilities = Pick(evidence.OutcomeReliabilities, rows),
        Years = Array.ConvertAll(rows, row => (long?)evidence.Years[row]),
        Citations = Pick(evidence.Citations, rows),
        References = evidence.References,
        FreeModerators = evidence.FreeModerators,
        Doubtful = Doubtful(evidence, rows),
        Given = evidence.Count,
        Excluded = excluded,
        Suppressed = Suppressed(filter, evidence),
        Warnings = [.. Warnings(evidence, rows)],
        Moderator = name => evidence.Moderator(name) is { } values ? Array.ConvertAll(rows, row => values(row)) : null,
        Revision = evidence.Revision,
        RecordedAt = evidence.RecordedAt,
    };

    private static DoubtfulKind[] Doubtful(Evidence evidence, int[] rows)
    {
        return
        [
            Of("withoutConverted", "converted", "true"),
            Of("withoutAdjusted", "adjusted", "true"),
            Of("withoutUnpublished", "published", "false"),
            Of("withoutSynthetic", "synthetic", "true"),
            Of("withoutRetrospective", "design", EnumNames<StudyDesign>.Of(StudyDesign.Retrospective)),
            new("withoutSingleSource", i => evidence.Column("relationshipRater")[rows[i]] == evidence.Column("outcomeRater")[rows[i]]),
        ];

        DoubtfulKind Of(string without, string field, string value) => new(without, i => evidence.Column(field)[rows[i]] == value);
    }

    private static T[] Pick<T>(T[] column, int[] rows) => Array.ConvertAll(rows, row => column[row]);

    private static IEnumerable<Warning> Warnings(Evidence evidence, int[] rows)
    {
        if (rows.Count(row => evidence.Column("synthetic")[row] == "true") is > 0 and var synthetic)
        {
            yield return new("synthetic", $"{synthetic} of {rows.Length} effects are synthetic: invented for illustration, not evidence. Leave them out with synthetic=exclude.");
        }

        if (Several("adjusted"))
        {
            yield return new("mixedEstimands", "Partial and zero-order correlations are pooled together; they estimate different things. Choose with adjusted=true or adjusted=false.");
        }

        if (Several("level"))
        {
            yield return new("mixedLevels", "Effects between clients, within clients or between therapists are pooled together; they estimate different things.");
        }

        bool Several(string field) => rows.Select(row => evidence.Column(field)[row]).Distinct(StringComparer.Ordinal).Skip(1).Any();
    }
}
