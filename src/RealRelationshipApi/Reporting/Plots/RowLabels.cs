using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>Labels of rows: authors and year, with the key if that is ambiguous.</summary>
internal static class RowLabels
{
    public static IReadOnlyList<string> Of(ModelFrame frame)
    {
        var names = Enumerable.Range(0, frame.Count)
            .Select(row => string.Join("; ", frame.Members[row].Select(i => NameOf(frame.Effects, i)).Distinct(StringComparer.Ordinal))).ToList();
        var named = names.Select((name, row) => (name, row)).GroupBy(n => n.name, n => n.row, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        return [.. names.Select((name, row) => named[name].Count == 1 ? name : $"{name} · {Disambiguator(frame, row, named[name])}")];
    }

    private static string NameOf(EffectSet effects, int i) => effects.IsHypothetical(i) ? HypotheticalEffects.Label(effects.Studies[i])
        : effects.Citations?[i] is { } citation ? ShortCitation.Of(citation)
        : effects.Years[i] is { } year && !effects.Studies[i].Contains($"{year}", StringComparison.Ordinal) ? $"{effects.Studies[i]} {year}"
        : effects.Studies[i];

    // The study key if the studies differ, otherwise the effect key.
    private static string Disambiguator(ModelFrame frame, int row, List<int> sameName)
    {
        var studies = sameName.ConvertAll(r => frame.Effects.Studies[frame.Members[r][0]]);
        var (study, id) = (frame.Effects.Studies[frame.Members[row][0]], frame.IdOf(row));
        var ownRows = studies.Count(s => s == study);
        return ownRows == 1 ? study : ownRows < sameName.Count ? id : id.StartsWith($"{study}/", StringComparison.Ordinal) ? id[(study.Length + 1)..] : id;
    }
}
