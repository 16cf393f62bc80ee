using System.Text.Json;
using System.Text.Json.Nodes;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Csv;

/// <summary>Writes effects as a table, one row each, which <see cref="Spreadsheets.StudySheetReader"/> reads back without loss.</summary>
internal static class StudyCsvTable
{
    /// <summary>The header, and the rows under it.</summary>
    public static IEnumerable<IEnumerable<string>> ToRows(IReadOnlyList<StudyRecord> studies)
    {
        string[] moderators =
            [.. studies.SelectMany(s => s.Effects).SelectMany(e => e.Moderators.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        yield return
        [
            .. StudyCsvColumns.LeadingColumns, .. StudyCsvColumns.All.Select(c => c.Name), StudyCsvColumns.NotesColumn,
            .. moderators.Select(m => StudyCsvColumns.ModeratorPrefix + m),
        ];
        foreach (var study in studies)
        {
            var json = JsonSerializer.SerializeToNode(study, StrictJson.Options)!;
            foreach (var (i, effect) in study.Effects.Index())
            {
                yield return ToRow(json, json["effects"]![i]!, effect, moderators);
            }
        }
    }

    private static IEnumerable<string> ToRow(JsonNode study, JsonNode effect, EffectRecord record, string[] moderators) =>
    [
        .. StudyCsvColumns.LeadingColumns.Select(name => FormatCell(effect["stored"]?[name])),
        .. StudyCsvColumns.All.Select(column => FormatCell(column, column.ValueIn(column.IsStudyLevel ? study : effect))),
        FormatCell(effect["stored"]?[StudyCsvColumns.NotesColumn]),
        .. moderators.Select(name => record.Moderators.TryGetValue(name, out var value) ? value.ToString() : ""),
    ];

    private static string FormatCell(StudyCsvColumn column, JsonNode? node) =>
        column.Kind == CsvCellType.Json ? node?.ToJsonString() ?? "" : FormatCell(node);

    private static string FormatCell(JsonNode? node) => node switch
    {
        null => "",
        JsonArray list => string.Join(StudyCsvColumns.ListSeparator, list.Select(FormatCell)),
        JsonValue value when value.TryGetValue<string>(out var text) => text ?? "",
        _ => node.ToJsonString(),
    };
}
