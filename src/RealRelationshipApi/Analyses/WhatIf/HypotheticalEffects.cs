using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.WhatIf;

/// <summary>Adds hypothetical effects to the stored ones that a filter selected. They are no evidence: the fingerprint does not cover them.</summary>
internal static class HypotheticalEffects
{
    /// <summary>Code of the warning that effects are hypothetical.</summary>
    public const string Warning = "whatIf";

    private const string DefaultName = "hypothetical";

    /// <summary>Adds effects after the stored ones. An effect without a sample is a sample of its own; with the name of a stored sample it is of the same
    /// people.</summary>
    /// <param name="stored">The selected effects.</param>
    /// <param name="added">Validated effects; null for none.</param>
    /// <param name="measure">Scale of <c>yi</c>.</param>
    public static EffectSet AddTo(EffectSet stored, IReadOnlyList<InlineEffect>? added, EffectMeasure? measure)
    {
        if (added is null)
        {
            return stored;
        }

        var (samples, ids) = (stored.Samples.ToHashSet(StringComparer.Ordinal), stored.Ids.ToHashSet(StringComparer.Ordinal));
        samples.UnionWith(added.Select(effect => effect.Sample).OfType<string>());
        InlineEffect[] named = [.. added.Select((effect, i) => Name(effect, i, ids, samples))];
        var effects = InlineEffectMapper.ToEffectSet(named, measure, []);
        return stored with
        {
            WithoutHypothetical = stored,
            Ids = [.. stored.Ids, .. effects.Ids],
            Studies = [.. stored.Studies, .. effects.Studies],
            Samples = [.. stored.Samples, .. effects.Samples],
            Estimates = [.. stored.Estimates, .. effects.Estimates],
            Variances = [.. stored.Variances, .. effects.Variances],
            Participants = [.. stored.Participants, .. effects.Participants],
            Notes = [.. stored.Notes, .. effects.Notes],
            RelationshipReliabilities = [.. stored.RelationshipReliabilities, .. effects.RelationshipReliabilities],
            OutcomeReliabilities = [.. stored.OutcomeReliabilities, .. effects.OutcomeReliabilities],
            Years = [.. stored.Years, .. effects.Years],
            Assessments = [.. stored.Assessments, .. new RiskOfBias?[effects.Count]],
            SensitivityExclusions = [.. stored.SensitivityExclusions.Select(kind =>
                kind with { Excludes = i => i < stored.Count && kind.Excludes(i) })],
            Given = stored.Given + effects.Count,
            Warnings = [.. stored.Warnings, .. effects.Warnings, .. Warnings(stored, named)],
            ModeratorValues = name => ModeratorValues(stored, named, name),
        };
    }

    /// <summary>A name of a hypothetical study that says what it is.</summary>
    public static string Label(string study) => HasOwnName(study) ? $"{study} ({DefaultName})" : study;

    /// <summary>Whether a hypothetical study was given a name.</summary>
    public static bool HasOwnName(string study) => !study.StartsWith(DefaultName, StringComparison.Ordinal);

    /// <summary>A problem if hypothetical effects were added, and none of them can enter.</summary>
    /// <param name="effects">The effects with the hypothetical ones.</param>
    /// <param name="columns">The moderators of the question.</param>
    /// <param name="location">Whether the request is a query or a body.</param>
    /// <param name="all">Whether an effect needs all of the moderators to enter; otherwise one of them.</param>
    public static Problem? FindUnused(EffectSet effects, IReadOnlyList<ModeratorColumn> columns, ErrorLocation location, bool all)
    {
        if (effects.WithoutHypothetical is not { } stored)
        {
            return null;
        }

        var added = Enumerable.Range(stored.Count, effects.Count - stored.Count).ToList();
        if (added.Exists(i => all ? columns.All(column => column.Values[i] is not null) : columns.Any(column => column.Values[i] is not null)))
        {
            return null;
        }

        string[] missing = [.. columns.Where(column => added.Exists(i => column.Values[i] is null)).Select(column => column.Name)];
        return Problem.Invalid([new(location.Member("add"), "moderatorMissing", $"has no effect: an effect enters with a value of "
            + $"{string.Join(all ? " and " : " or ", missing)}, which {(added.Count == 1 ? "the hypothetical one has" : "hypothetical ones have")} not. A body "
            + "of POST takes it: members of moderators, or year, of the effect in add")]);
    }

    private static InlineEffect Name(InlineEffect effect, int index, HashSet<string> ids, HashSet<string> samples)
    {
        var name = index == 0 ? DefaultName : $"{DefaultName}-{index + 1}";
        return effect with
        {
            Id = Unique(effect.Id ?? name, ids),
            Study = effect.Study ?? effect.Sample ?? name,
            Sample = effect.Sample ?? Unique(name, samples),
        };
    }

    private static string Unique(string name, HashSet<string> taken)
    {
        while (!taken.Add(name))
        {
            name += "'";
        }

        return name;
    }

    private static IEnumerable<Warning> Warnings(EffectSet stored, InlineEffect[] added)
    {
        var share = stored.Count == 0 ? added.Length == 1 ? "The only effect is" : $"All {added.Length} effects are"
            : $"{added.Length} of {stored.Count + added.Length} effects {(added.Length == 1 ? "is" : "are")}";
        yield return new(Warning,
            $"{share} hypothetical: added to the question, no evidence, and not stored. The fingerprint is of the stored effects alone.");
        string[] unknown =
        [
            .. added.SelectMany(effect => effect.Moderators?.Keys.AsEnumerable() ?? []).Distinct(StringComparer.Ordinal)
                .Where(name => !EvidenceSnapshot.ModeratorFields.Contains(name) && !stored.FreeModerators.Contains(name)),
        ];
        if (unknown.Length > 0)
        {
            yield return new("unknownModerator", $"No stored effect has {NameList.Of(unknown)}, which the hypothetical ones have: check the spelling.");
        }
    }

    private static ModeratorValue?[]? ModeratorValues(EffectSet stored, InlineEffect[] added, string name)
    {
        ModeratorValue?[] own = [.. added.Select(effect => ValueOf(effect, name))];
        var others = stored.ModeratorValues(name);
        return others is null && Array.TrueForAll(own, value => value is null) ? null : [.. others ?? new ModeratorValue?[stored.Count], .. own];
    }

    // Over the stored evidence, additional moderators are asked for with a prefix.
    private static ModeratorValue? ValueOf(InlineEffect effect, string name)
    {
        const string prefix = EvidenceSnapshot.FreeModeratorPrefix;
        var own = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
        return effect.Moderators?.TryGetValue(own, out var value) == true ? value
            : name == "year" && effect.Year is { } year ? ModeratorValue.Of(year) : null;
    }
}
