using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

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
        if (table._rows.Count == 0)
        {
            table.AddColumnsOf(response.GetType(), path.Split('.'));
        }

        return table;
    }

    /// <summary>One row for each member of a response that has a <c>basis</c>.</summary>
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
        // A member that is an object in one row and null in another gets columns for its members only.
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

    // An empty table has the columns of its type.
    private void AddColumnsOf(Type type, ReadOnlySpan<string> path)
    {
        var info = StrictJson.Options.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Enumerable)
        {
            var item = StrictJson.Options.GetTypeInfo(info.ElementType!);
            if (!path.IsEmpty && item.Properties.Any(property => property.Name == "name"))
            {
                _columns.Add("name");
            }

            AddColumnsOf(item.Type, path);
        }
        else if (path.IsEmpty)
        {
            _columns.AddRange(ColumnsOf(info, "").Except(_columns).ToList());
        }
        else
        {
            var name = path[0];
            AddColumnsOf(info.Properties.First(property => property.Name == name).PropertyType, path[1..]);
        }
    }

    private static IEnumerable<string> ColumnsOf(JsonTypeInfo row, string prefix) => row.Properties
        .Select(property => (property.Name, Info: StrictJson.Options.GetTypeInfo(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)))
        .SelectMany(property => property.Info.Kind switch
        {
            JsonTypeInfoKind.Object => ColumnsOf(property.Info, $"{prefix}{property.Name}."),
            JsonTypeInfoKind.Enumerable when StrictJson.Options.GetTypeInfo(property.Info.ElementType!).Kind != JsonTypeInfoKind.None => [],
            JsonTypeInfoKind.Dictionary => [],
            _ => [prefix + property.Name],
        });

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
                        // Lists are tables of their own.
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
