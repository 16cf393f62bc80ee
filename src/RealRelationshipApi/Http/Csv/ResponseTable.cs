using System.Text.Json;
using System.Text.Json.Nodes;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Http.Csv;

/// <summary>A table of a response: the items of one of its lists; columns are dotted JSON paths of their members.</summary>
internal sealed class ResponseTable
{
    private const string ListSeparator = ";";

    private readonly List<string> _columns = [];
    private readonly List<Dictionary<string, string>> _rows = [];

    private ResponseTable()
    {
    }

    /// <summary>The list at a path such as <c>moderators.levels</c>. The <c>name</c> of each outer item is the first column;
    /// a list of lists becomes one table.</summary>
    public static ResponseTable Of(object response, string path)
    {
        var table = new ResponseTable();
        table.Add(JsonSerializer.SerializeToNode(response, response.GetType(), StrictJson.Options), path.Split('.'), []);
        return table;
    }

    /// <summary>Every member of a response that has a <c>basis</c>, one row each.</summary>
    public static ResponseTable OfParts(object response)
    {
        var table = new ResponseTable();
        foreach (var (name, part) in JsonSerializer.SerializeToNode(response, response.GetType(), StrictJson.Options)!.AsObject()
            .Where(member => member.Value is JsonObject part && part.ContainsKey("basis")))
        {
            table.AddRow(part!.AsObject(), [("part", name)]);
        }

        return table;
    }

    /// <summary>The header, and the rows under it.</summary>
    public IEnumerable<IEnumerable<string>> ToRows()
    {
        // A member that is an object in one row and null in another has columns for its members alone.
        var columns = _columns.FindAll(column => !_columns.Exists(other => other.StartsWith($"{column}.", StringComparison.Ordinal)));
        return [columns, .. _rows.Select(row => columns.Select(column => row.GetValueOrDefault(column, "")))];
    }

    private void Add(JsonNode? node, ReadOnlySpan<string> path, (string Name, string Value)[] outerCells)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list)
            {
                if (path.IsEmpty)
                {
                    AddRow(item!.AsObject(), outerCells);
                }
                else
                {
                    Add(item, path, item?["name"] is { } name ? [.. outerCells, ("name", Cell(name))] : outerCells);
                }
            }
        }
        else if (!path.IsEmpty && node is JsonObject)
        {
            Add(node[path[0]], path[1..], outerCells);
        }
    }

    private void AddRow(JsonObject row, (string Name, string Value)[] outerCells)
    {
        var cells = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in outerCells)
        {
            Put(name, value);
        }

        Flatten("", row);
        _rows.Add(cells);

        void Flatten(string prefix, JsonObject members)
        {
            foreach (var (name, value) in members)
            {
                switch (value)
                {
                    case JsonObject inner:
                        Flatten($"{prefix}{name}.", inner);
                        break;
                    case JsonArray several when several.All(v => v is not JsonObject):
                        Put(prefix + name, string.Join(ListSeparator, several.Select(Cell)));
                        break;
                    case JsonArray:
                        // A table of its own.
                        break;
                    default:
                        Put(prefix + name, Cell(value));
                        break;
                }
            }
        }

        void Put(string column, string value)
        {
            if (!_columns.Contains(column))
            {
                _columns.Add(column);
            }

            cells[column] = value;
        }
    }

    private static string Cell(JsonNode? node) => node switch
    {
        null => "",
        JsonValue value when value.TryGetValue<string>(out var text) => text ?? "",
        _ => node.ToJsonString().Trim('"'),
    };
}
