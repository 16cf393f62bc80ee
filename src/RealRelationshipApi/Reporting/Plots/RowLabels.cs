using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>Labels of rows: authors and year, with what distinguishes the effects of a study, or the key of the study, if that is ambiguous.</summary>
internal static class RowLabels
{
    // In the order in which they are tried.
    private static readonly string[] s_distinguishing =
        ["outcomeType", "outcomeMeasure", "outcomeRater", "relationshipRater", "relationshipMeasure", "outcomeScale", "relationshipScale", "timing", "level"];

    public static IReadOnlyList<string> Of(ModelFrame frame)
    {
        var names = Enumerable.Range(0, frame.Count)
            .Select(row => string.Join("; ", frame.Members[row].Select(i => NameOf(frame.Effects, i)).Distinct(StringComparer.Ordinal))).ToList();
        var named = names.Select((name, row) => (name, row)).GroupBy(n => n.name, n => n.row, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        var labels = new string[frame.Count];
        // Each column is read once for all studies.
        Lazy<ModeratorValue?[]?>[] columns = [.. s_distinguishing.Select(field => new Lazy<ModeratorValue?[]?>(() => frame.Effects.ModeratorValues(field)))];
        foreach (var (name, rows) in named)
        {
            foreach (var study in rows.GroupBy(row => frame.Effects.Studies[frame.Members[row][0]], StringComparer.Ordinal))
            {
                int[] own = [.. study];
                var prefix = own.Length == rows.Count ? name : $"{name} · {study.Key}";
                var differences = own.Length == 1 ? null : Differences(frame, own, columns);
                foreach (var (i, row) in own.Index())
                {
                    labels[row] = own.Length == 1 ? prefix : $"{prefix} · {differences?[i] ?? KeyOf(frame, row, study.Key)}";
                }
            }
        }

        return labels;
    }

    private static string NameOf(EffectSet effects, int i) => effects.IsHypothetical(i) ? HypotheticalEffects.Label(effects.Studies[i])
        : effects.Citations?[i] is { } citation ? ShortCitation.Of(citation)
        : effects.Years[i] is { } year && !effects.Studies[i].Contains($"{year}", StringComparison.Ordinal) ? $"{effects.Studies[i]} {year}"
        : effects.Studies[i];

    // Values of the fewest fields that tell the rows apart; null if none do.
    private static string[]? Differences(ModelFrame frame, int[] rows, Lazy<ModeratorValue?[]?>[] columns)
    {
        if (!frame.Effects.IsStored || rows.Any(row => frame.Members[row].Count > 1))
        {
            return null;
        }

        var texts = Array.ConvertAll(rows, _ => "");
        foreach (var (field, column) in s_distinguishing.Zip(columns))
        {
            if (column.Value is not { } values)
            {
                continue;
            }

            var own = Array.ConvertAll(rows, row => values[frame.Members[row][0]]?.ToString() ?? "");
            if (own.Distinct(StringComparer.Ordinal).Count() == 1 || own.Contains(""))
            {
                continue;
            }

            texts = [.. texts.Zip(own, (text, value) => text.Length == 0 ? WordsOf(field, value) : $"{text}, {WordsOf(field, value)}")];
            if (texts.Distinct(StringComparer.Ordinal).Count() == texts.Length)
            {
                return texts;
            }
        }

        return null;
    }

    private static string WordsOf(string field, string value) => field switch
    {
        "outcomeRater" => $"outcome by {value}",
        "relationshipRater" => $"relationship by {value}",
        "outcomeType" or "timing" or "level" => Phrasing.SplitCamelCase(value),
        _ => value,
    };

    private static string KeyOf(ModelFrame frame, int row, string study) =>
        frame.IdOf(row) is var id && id.StartsWith($"{study}/", StringComparison.Ordinal) ? id[(study.Length + 1)..] : id;
}
