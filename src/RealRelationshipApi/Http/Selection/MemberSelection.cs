using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Selection;

/// <summary>Members of a JSON response to return, as a tree of names. A list is selected from item by item.</summary>
internal sealed class MemberSelection
{
    public const string ParameterName = "select";

    private const int MaxPaths = 100;

    // Null selects the member as a whole.
    private readonly SortedDictionary<string, MemberSelection?> _members = new(StringComparer.Ordinal);

    public static QueryParameter Parameter { get; } = new(ParameterName, QueryParameterType.Text,
        "Members of the JSON response to return, separated by commas; members of members and of items with dots, as in `correlation.r,counts`. Default: "
            + "all, but lists with one row per effect or sample only up to 10,000 rows (`Limits__MaxDefaultRows`); longer ones are returned "
            + "if they are named.");

    /// <summary>Sorted paths, equal for equal selections.</summary>
    public string Canonical => string.Join(',', Paths(""));

    /// <summary>Parses paths separated by commas, and checks them against the type of the response.</summary>
    /// <returns>Null with all errors if a path names no member.</returns>
    public static (MemberSelection? Selection, IReadOnlyList<FieldError> Errors) Parse(string text, Type response)
    {
        var paths = text.Split(',', StringSplitOptions.TrimEntries);
        if (paths.Length > MaxPaths)
        {
            return (null, [ErrorOf($"names more than {MaxPaths} members")]);
        }

        var (selection, errors) = (new MemberSelection(), new List<FieldError>());
        foreach (var path in paths)
        {
            if (FindFault(path, response) is { } fault)
            {
                errors.Add(ErrorOf(fault));
            }
            else
            {
                selection.Add(path.Split('.'));
            }
        }

        return errors.Count > 0 ? (null, errors) : (selection, []);
    }

    /// <summary>Writes the selected members of a value, in its order.</summary>
    public void Write(JsonElement value, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    if (_members.TryGetValue(member.Name, out var selection))
                    {
                        writer.WritePropertyName(member.Name);
                        Write(member.Value, selection, writer);
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void Write(JsonElement value, MemberSelection? selection, Utf8JsonWriter writer)
    {
        if (selection is null)
        {
            value.WriteTo(writer);
        }
        else
        {
            selection.Write(value, writer);
        }
    }

    private static FieldError ErrorOf(string rule) => new($"?{ParameterName}", ErrorCodes.NotAValue, rule);

    private static string? FindFault(string path, Type response)
    {
        var (type, parent) = (response, "the response");
        foreach (var name in path.Split('.'))
        {
            var info = ItemOf(type);
            if (info.Kind == JsonTypeInfoKind.Dictionary && name.Length > 0)
            {
                type = info.ElementType!;
            }
            else if (info.Kind == JsonTypeInfoKind.Object && info.Properties.FirstOrDefault(property => property.Name == name) is { } member)
            {
                type = member.PropertyType;
            }
            else
            {
                string[] known = info.Kind == JsonTypeInfoKind.Object ? [.. info.Properties.Select(property => property.Name)] : [];
                return known.Length == 0 ? $"names '{NameList.Of([name])}' of {parent}, which is a single value without members: end the path at {parent}"
                    : $"names '{NameList.Of([name])}', which is no member of {parent}"
                        + SimilarNames.Suggest(name, known, $"; members are {string.Join(", ", known)}");
            }

            parent = $"'{name}'";
        }

        return null;
    }

    private static JsonTypeInfo ItemOf(Type type)
    {
        var info = StrictJson.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
        return info.Kind == JsonTypeInfoKind.Enumerable ? ItemOf(info.ElementType!) : info;
    }

    private void Add(ReadOnlySpan<string> path)
    {
        var isKnown = _members.TryGetValue(path[0], out var inner);
        if (path.Length == 1)
        {
            _members[path[0]] = null;
        }
        else if (!isKnown || inner is not null)
        {
            inner ??= new();
            inner.Add(path[1..]);
            _members[path[0]] = inner;
        }
    }

    private IEnumerable<string> Paths(string prefix) =>
        _members.SelectMany(member => member.Value?.Paths($"{prefix}{member.Key}.") ?? [prefix + member.Key]);
}
