using RealRelationship.Storage;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>Applies a filter to the evidence, and counts the effects excluded by each predicate.</summary>
internal static class EvidenceSelection
{
    /// <summary>Reason of an effect on a part of a total that enters, as <see cref="PartOfTotal"/> has it.</summary>
    private const string PartReason = "partOfTotal";

    /// <summary>Selects effects. The first predicate that an effect fails is the reason of its exclusion.</summary>
    /// <exception cref="TamperedDataException">Releases of sites are selected, and one of them is not what was written.</exception>
    public static EffectSet Apply(FilterRequest filter, EvidenceSnapshot evidence)
    {
        if (filter.Source is SourceChoice.Sessions or SourceChoice.All && evidence.ReleaseFaults is [var fault, ..])
        {
            throw new TamperedDataException(fault);
        }

        var asked = filter;
        filter = Resolve(filter, evidence);
        var predicates = Predicates(filter).ToList();
        var excludedCounts = new int[predicates.Count];
        var candidates = new List<(EvidenceSegment Segment, int[] Rows)>();
        foreach (var segment in evidence.Segments)
        {
            int[] rows = [.. Enumerable.Range(0, segment.Count)];
            var left = rows.AsSpan();
            for (var i = 0; i < predicates.Count && left.Length > 0; i++)
            {
                var before = left.Length;
                left = left[..FilterInPlace(left, predicates[i].In(segment))];
                excludedCounts[i] += before - left.Length;
            }

            if (left.Length > 0)
            {
                candidates.Add((segment, left.Length == rows.Length ? rows : left.ToArray()));
            }
        }

        var (chosen, parts) = WithoutParts(filter, candidates);
        var effects = BuildEffectSet(evidence, chosen,
            [.. predicates.Select((g, i) => new Exclusion(g.Reason, excludedCounts[i])).Append(new(PartReason, parts)).Where(e => e.Count > 0)],
            SuppressedCells(predicates, evidence), filter);
        return asked.Synthetic is null or SyntheticChoice.Auto && filter.Synthetic == SyntheticChoice.Exclude
            && effects.Excluded.FirstOrDefault(e => e.Reason == "synthetic") is { } synthetic
            ? effects with { Warnings = [.. effects.Warnings, SyntheticLeftOut(synthetic.Count)] } : effects;
    }

    private static Warning SyntheticLeftOut(int count) => Warning.WithAdvice("syntheticLeftOut",
        $"{count} synthetic {(count == 1 ? "effect is" : "effects are")} left out, because the store has real ones.",
        "synthetic=include takes them in.");

    /// <summary>The filter with <see cref="SyntheticChoice.Auto"/> resolved for a state of the evidence.</summary>
    public static FilterRequest Resolve(FilterRequest filter, EvidenceSnapshot evidence) =>
        filter.Synthetic is not (null or SyntheticChoice.Auto) ? filter
            : filter with
            {
                // Releases of sites are real, whatever the studies are.
                Synthetic = evidence.HasRealStudyEffects ? SyntheticChoice.Exclude
                    : filter.Source is SourceChoice.Sessions or SourceChoice.All && evidence.HasReleases ? SyntheticChoice.Include : SyntheticChoice.Only,
            };

    /// <summary>All excluded effects with their reasons.</summary>
    public static IEnumerable<(string Id, string Reason)> ExcludedEffects(FilterRequest filter, EvidenceSnapshot evidence)
    {
        filter = Resolve(filter, evidence);
        var predicates = Predicates(filter).ToList();
        var candidates = new List<(EvidenceSegment Segment, int[] Rows)>();
        foreach (var segment in evidence.Segments)
        {
            var tests = predicates.ConvertAll(g => (g.Reason, Passes: g.In(segment)));
            var left = new List<int>();
            for (var row = 0; row < segment.Count; row++)
            {
                if (tests.Find(t => t.Passes?.Invoke(row) == false).Reason is { } reason)
                {
                    yield return (segment.Ids[row], reason);
                }
                else
                {
                    left.Add(row);
                }
            }

            candidates.Add((segment, [.. left]));
        }

        if (PartsOf(filter, candidates) is { } parts)
        {
            foreach (var (segment, rows) in candidates)
            {
                var isPart = parts.IsPart(segment);
                foreach (var row in rows.Where(isPart))
                {
                    yield return (segment.Ids[row], PartReason);
                }
            }
        }
    }

    private static (SelectedRows Chosen, int Parts) WithoutParts(FilterRequest filter, List<(EvidenceSegment Segment, int[] Rows)> candidates)
    {
        var (chosen, count) = (new SelectedRows(), 0);
        var parts = PartsOf(filter, candidates);
        foreach (var (segment, rows) in candidates)
        {
            var isPart = parts?.IsPart(segment);
            var left = isPart is null ? rows : Array.FindAll(rows, row => !isPart(row));
            count += rows.Length - left.Length;
            if (left.Length > 0)
            {
                chosen.Add(segment, left);
            }
        }

        return (chosen, count);
    }

    // Null if parts stay in.
    private static PartOfTotal? PartsOf(FilterRequest filter, List<(EvidenceSegment Segment, int[] Rows)> candidates)
    {
        if (filter.ResolvedScales != ScalesChoice.Total || !candidates.Exists(c => PartOfTotal.MayHaveParts(c.Segment)))
        {
            return null;
        }

        var totals = new PartOfTotal();
        candidates.ForEach(c => totals.Add(c.Segment, c.Rows));
        return totals;
    }

    // Registered studies whose study passes the filter; what the filter asks of effects they cannot answer.
    private static IReadOnlyList<StudyRecord> Registered(FilterRequest filter, EvidenceSnapshot evidence)
    {
        if (evidence.Registered.Count == 0)
        {
            return [];
        }

        // They are real beside the synthetic ones, too.
        var predicates = FilterTable.StudyPredicates(filter.Synthetic == SyntheticChoice.Only ? filter with { Synthetic = SyntheticChoice.Include } : filter)
            .ToList();
        return [.. evidence.Registered.Where(r => predicates.TrueForAll(p => p.In(r.Segment)?.Invoke(0) != false)).Select(r => r.Study)];
    }

    // Moves rows that pass to the front and returns their number.
    private static int FilterInPlace(Span<int> rows, Func<int, bool>? predicate)
    {
        if (predicate is null)
        {
            return rows.Length;
        }

        var passed = 0;
        foreach (var row in rows)
        {
            if (predicate(row))
            {
                rows[passed++] = row;
            }
        }

        return passed;
    }

    // Associations of sites that pass the filter but are not released.
    private static IReadOnlyList<SuppressedCell> SuppressedCells(List<(string Reason, SegmentPredicate In)> predicates, EvidenceSnapshot evidence) =>
        [.. evidence.SuppressedCells.Where(cell => predicates.TrueForAll(g => g.In(cell.Cell)?.Invoke(0) != false))
            .Select(cell => new SuppressedCell(cell.Cell.Ids[0], cell.Reason))];

    private static IEnumerable<(string Reason, SegmentPredicate In)> Predicates(FilterRequest filter) =>
        [NotIn(StudyStatus.Retracted), NotIn(StudyStatus.Pending), .. FilterTable.Predicates(filter),
            ("withdrawn", segment => segment.IsWithdrawn.Contains(true) ? row => !segment.IsWithdrawn[row] : null)];

    private static (string Reason, SegmentPredicate In) NotIn(StudyStatus status)
    {
        var others = EnumNames<StudyStatus>.All.ToHashSet(StringComparer.Ordinal);
        others.Remove(EnumNames<StudyStatus>.Of(status));
        return (EnumNames<StudyStatus>.Of(status), segment => segment.Status.PredicateFor(others));
    }

    private static EffectSet BuildEffectSet(EvidenceSnapshot evidence, SelectedRows rows, IReadOnlyList<Exclusion> excluded,
        IReadOnlyList<SuppressedCell> suppressed, FilterRequest filter) => new()
        {
            Ids = rows.Gather(segment => segment.Ids),
            Studies = rows.Gather(segment => segment.Studies),
            Samples = rows.Gather(segment => segment.Samples),
            Estimates = rows.Gather(segment => segment.Estimates),
            Variances = rows.Gather(segment => segment.Variances),
            Participants = rows.Gather(segment => segment.Participants),
            Notes = rows.Gather(segment => segment.Notes),
            RelationshipReliabilities = rows.Gather(segment => segment.RelationshipReliabilities),
            OutcomeReliabilities = rows.Gather(segment => segment.OutcomeReliabilities),
            Years = rows.Read<long?>(segment => row => segment.Years[row]),
            Citations = rows.Gather(segment => segment.Citations),
            Versions = rows.Gather(segment => segment.Versions),
            Assessments = rows.Gather(segment => segment.Assessments),
            References = evidence.References,
            Registered = Registered(filter, evidence),
            FreeModerators = evidence.FreeModerators,
            SensitivityExclusions = SensitivityExclusions(rows),
            Given = evidence.Count,
            Excluded = excluded,
            Suppressed = suppressed,
            Warnings = [.. Warnings(rows, filter), .. evidence.ReleaseFaults.Select(fault => new Warning("releaseAltered", $"{fault} It takes no part."))],
            ModeratorValues = name => evidence.HasModerator(name) ? rows.Read(segment => segment.ModeratorReader(name)) : null,
            Synthetic = filter.Synthetic,
            Revision = evidence.Revision,
            RecordedAt = evidence.RecordedAt,
        };

    private static SensitivityExclusion[] SensitivityExclusions(SelectedRows rows)
    {
        return
        [
            Of("withoutConverted", "converted", "true"),
            Of("withoutAdjusted", "adjusted", "true"),
            Of("withoutUnpublished", "published", "false"),
            Of("withoutSynthetic", "synthetic", "true"),
            Of("withoutRetrospective", "design", EnumNames<StudyDesign>.Of(StudyDesign.Retrospective)),
            Kind("withoutSingleSource", segment => row => segment.TextColumn("relationshipRater")[row] == segment.TextColumn("outcomeRater")[row]),
            Of("withoutHighRiskOfBias", "riskOfBias", EnumNames<RiskJudgement>.Of(RiskJudgement.High)),
            Kind("withoutUpperBounds", segment => row => segment.IsUpperBound[row]),
        ];

        SensitivityExclusion Of(string without, string field, string value) => Kind(without, segment => row => segment.TextColumn(field)[row] == value);

        SensitivityExclusion Kind(string without, Func<EvidenceSegment, Func<int, bool>> isOf)
        {
            var includes = new Lazy<bool[]>(() => rows.Read(isOf));
            return new(without, i => includes.Value[i]);
        }
    }

    private static IEnumerable<Warning> Warnings(SelectedRows rows, FilterRequest filter)
    {
        if (rows.CountOf("synthetic", "true") is > 0 and var synthetic)
        {
            yield return Warning.WithAdvice("synthetic",
                $"{synthetic} of {rows.Count} effects are synthetic: invented for illustration, not evidence.",
                "Leave them out with synthetic=exclude.");
        }

        if (rows.Distinct("adjusted").Count > 1)
        {
            yield return Warning.WithAdvice("mixedEstimands",
                "Partial and zero-order correlations are pooled together; they estimate different things.",
                "Choose with adjusted=true or adjusted=false.");
        }

        if (rows.Distinct("level").Count > 1)
        {
            yield return new("mixedLevels",
                "Effects between clients, within clients or between therapists are pooled together; they estimate different things.");
        }

        if (filter.ResolvedScales == ScalesChoice.All && rows.HasPartsBesideTotals())
        {
            yield return Warning.WithAdvice("partAndWhole",
                "Subscales or short forms are pooled beside the total of the same sample; they count the same answers twice.",
                "Leave them out with scales=total.");
        }

        var ids = rows.Gather(segment => segment.Ids);
        foreach (var warning in EffectNotes.Warnings(rows.Gather(segment => segment.Notes), i => ids[i]))
        {
            yield return warning;
        }
    }
}
