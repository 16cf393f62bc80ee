using System.Text.Json;
using System.Text.Json.Nodes;

using CsvHelper;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Csv;

/// <summary>Writes effects as a table, one row an effect: what <see cref="StudyCsvReader"/> reads back without loss.</summary>
internal static class StudyCsvWriter
{
    public static async Task WriteAsync(Stream stream, bool withByteOrderMark, IReadOnlyList<StudyRecord> studies, CancellationToken cancellationToken)
    {
        string[] moderators =
            [.. studies.SelectMany(s => s.Effects).SelectMany(e => e.Moderators.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        await using var csv = CsvWriter.Create(stream, new CsvWriterOptions { WriteByteOrderMark = withByteOrderMark, NewLine = "\n" }, leaveOpen: true);
        foreach (var header in StudyCsvColumns.LeadingColumns.Concat(StudyCsvColumns.All.Select(c => c.Name))
            .Concat(moderators.Select(m => StudyCsvColumns.ModeratorPrefix + m)))
        {
            csv.WriteField(header);
        }

        await csv.EndRecordAsync(cancellationToken);
        foreach (var study in studies)
        {
            var whole = JsonSerializer.SerializeToNode(study, StrictJson.Options)!;
            for (var i = 0; i < study.Effects.Count; i++)
            {
                WriteRow(csv, whole, whole["effects"]![i]!, study.Effects[i], moderators);
                await csv.EndRecordAsync(cancellationToken);
            }
        }
    }

    private static void WriteRow(CsvWriter csv, JsonNode study, JsonNode effect, EffectRecord record, string[] moderators)
    {
        foreach (var name in StudyCsvColumns.LeadingColumns)
        {
            csv.WriteField(FormatCell(effect["stored"]?[name]));
        }

        foreach (var column in StudyCsvColumns.All)
        {
            csv.WriteField(FormatCell(column.Path.Aggregate((JsonNode?)(column.IsStudyLevel ? study : effect), (node, member) => node?[member])));
        }

        foreach (var name in moderators)
        {
            csv.WriteField(record.Moderators.TryGetValue(name, out var value) ? value.ToString() : "");
        }
    }

    private static string FormatCell(JsonNode? node) => node switch
    {
        null => "",
        JsonArray list => string.Join(StudyCsvColumns.ListSeparator, list.Select(name => name!.GetValue<string>())),
        JsonValue value when value.TryGetValue<string>(out var text) => text ?? "",
        _ => node.ToJsonString(),
    };
}
