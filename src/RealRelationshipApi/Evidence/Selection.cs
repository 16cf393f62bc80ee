using RealRelationshipApi.Http;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>Applies a filter to the evidence, and counts what each part of it leaves out.</summary>
internal static class Selection
{
    // For a part the test of its rows; null where all of them pass.
    private delegate Func<int, bool>? Test(EvidencePart part);

    /// <summary>The first gate that an effect does not pass is the reason for which it is left out.</summary>
    public static EffectSet Apply(FilterRequest filter, Evidence evidence)
    {
        var gates = Gates(filter).ToList();
        var leftOut = new int[gates.Count];
        var chosen = new SelectedRows();
        foreach (var part in evidence.Parts)
        {
            int[] rows = [.. Enumerable.Range(0, part.Count)];
            var left = rows.AsSpan();
            for (var i = 0; i < gates.Count && left.Length > 0; i++)
            {
                var before = left.Length;
                left = left[..Keep(left, gates[i].In(part))];
                leftOut[i] += before - left.Length;
            }

            if (left.Length > 0)
            {
                chosen.Add(part, left.Length == rows.Length ? rows : left.ToArray());
            }
        }

        return Set(evidence, chosen, [.. gates.Select((g, i) => new Exclusion(g.Reason, leftOut[i])).Where(e => e.Count > 0)], Suppressed(gates, evidence));
    }

    /// <summary>Every effect that a filter leaves out, and why.</summary>
    public static IEnumerable<(string Id, string Reason)> LeftOut(FilterRequest filter, Evidence evidence)
    {
        var gates = Gates(filter).ToList();
        foreach (var part in evidence.Parts)
        {
            var tests = gates.ConvertAll(g => (g.Reason, Passes: g.In(part)));
            for (var row = 0; row < part.Count; row++)
            {
                if (tests.Find(t => t.Passes?.Invoke(row) == false).Reason is { } reason)
                {
                    yield return (part.Ids[row], reason);
                }
            }
        }
    }

    // Those that pass move to the front; how many do.
    private static int Keep(Span<int> rows, Func<int, bool>? passes)
    {
        if (passes is null)
        {
            return rows.Length;
        }

        var kept = 0;
        foreach (var row in rows)
        {
            if (passes(row))
            {
                rows[kept++] = row;
            }
        }

        return kept;
    }

    // Cells of sites that the question is about, and that may not be told.
    private static IReadOnlyList<SuppressedCell> Suppressed(List<(string Reason, Test In)> gates, Evidence evidence) =>
        [.. evidence.Suppressed.Where(cell => gates.TrueForAll(g => g.In(cell.Cell)?.Invoke(0) != false)).Select(cell => new SuppressedCell(cell.Cell.Ids[0], cell.Reason))];

    private static IEnumerable<(string Reason, Test In)> Gates(FilterRequest filter)
    {
        yield return Status(StudyStatus.Retracted);
        yield return Status(StudyStatus.Pending);
        if (filter.Source != Source.All)
        {
            yield return ("source", part => row => part.Released[row] == (filter.Source == Source.Sessions));
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
            yield return ("yearFrom", part => row => part.Years[row] >= from);
        }

        if (filter.YearTo is { } to)
        {
            yield return ("yearTo", part => row => part.Years[row] <= to);
        }

        if (filter.Exclude is { } exclude)
        {
            var names = exclude.Values.ToHashSet(StringComparer.Ordinal);
            yield return ("exclude", part => row => !names.Contains(part.Studies[row]) && !names.Contains(part.Samples[row]));
        }

        (string, Test) Among(string field, IEnumerable<string> allowed)
        {
            var wanted = allowed.ToHashSet(StringComparer.Ordinal);
            return (field, part => part.Texts(field).Among(wanted));
        }

        (string, Test) Status(StudyStatus other)
        {
            var wanted = EnumNames<StudyStatus>.All.ToHashSet(StringComparer.Ordinal);
            wanted.Remove(EnumNames<StudyStatus>.Of(other));
            return (EnumNames<StudyStatus>.Of(other), part => part.Status.Among(wanted));
        }
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

    private static EffectSet Set(Evidence evidence, SelectedRows rows, IReadOnlyList<Exclusion> excluded, IReadOnlyList<SuppressedCell> suppressed) => new()
    {
        Ids = rows.Pick(part => part.Ids),
        Studies = rows.Pick(part => part.Studies),
        Samples = rows.Pick(part => part.Samples),
        Estimates = rows.Pick(part => part.Estimates),
        Variances = rows.Pick(part => part.Variances),
        Participants = rows.Pick(part => part.Participants),
        RelationshipReliabilities = rows.Pick(part => part.RelationshipReliabilities),
        OutcomeReliabilities = rows.Pick(part => part.OutcomeReliabilities),
        Years = rows.Read<long?>(part => row => part.Years[row]),
        Citations = rows.Pick(part => part.Citations),
        References = evidence.References,
        FreeModerators = evidence.FreeModerators,
        Doubtful = Doubtful(rows),
        Given = evidence.Count,
        Excluded = excluded,
        Suppressed = suppressed,
        Warnings = [.. Warnings(rows)],
        Moderator = name => evidence.HasModerator(name) ? rows.Read(part => part.Moderator(name)) : null,
        Revision = evidence.Revision,
        RecordedAt = evidence.RecordedAt,
    };

    private static DoubtfulKind[] Doubtful(SelectedRows rows)
    {
        return
        [
            Of("withoutConverted", "converted", "true"),
            Of("withoutAdjusted", "adjusted", "true"),
            Of("withoutUnpublished", "published", "false"),
            Of("withoutSynthetic", "synthetic", "true"),
            Of("withoutRetrospective", "design", EnumNames<StudyDesign>.Of(StudyDesign.Retrospective)),
            Kind("withoutSingleSource", part => row => part.Texts("relationshipRater")[row] == part.Texts("outcomeRater")[row]),
        ];

        DoubtfulKind Of(string without, string field, string value) => Kind(without, part => row => part.Texts(field)[row] == value);

        DoubtfulKind Kind(string without, Func<EvidencePart, Func<int, bool>> isOf)
        {
            var includes = new Lazy<bool[]>(() => rows.Read(isOf));
            return new(without, i => includes.Value[i]);
        }
    }

    private static IEnumerable<Warning> Warnings(SelectedRows rows)
    {
        if (rows.CountOf("synthetic", "true") is > 0 and var synthetic)
        {
            yield return new("synthetic", $"{synthetic} of {rows.Count} effects are synthetic: invented for illustration, not evidence. Leave them out with synthetic=exclude.");
        }

        if (rows.Distinct("adjusted").Count > 1)
        {
            yield return new("mixedEstimands", "Partial and zero-order correlations are pooled together; they estimate different things. Choose with adjusted=true or adjusted=false.");
        }

        if (rows.Distinct("level").Count > 1)
        {
            yield return new("mixedLevels", "Effects between clients, within clients or between therapists are pooled together; they estimate different things.");
        }
    }
}
