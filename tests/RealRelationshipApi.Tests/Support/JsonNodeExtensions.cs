using System.Globalization;
using System.Text.Json.Nodes;

namespace RealRelationshipApi.Tests.Support;

/// <summary>Reads and changes JSON by paths such as <c>effects/0/statistic/n</c>.</summary>
public static class JsonNodeExtensions
{
    public static JsonNode? At(this JsonNode? node, string path) => path.Split('/').Aggregate(node, (at, step) => at switch
    {
        JsonArray array => array[int.Parse(step, CultureInfo.InvariantCulture)],
        JsonObject members when members.TryGetPropertyValue(step, out var value) => value,
        _ => throw new KeyNotFoundException($"There is no '{step}' of '{path}' in {node}"),
    });

    /// <summary>A copy with another value at the path.</summary>
    public static T With<T>(this T node, string path, JsonNode? value) where T : JsonNode
    {
        var copy = (T)node.DeepClone();
        var (parent, last) = FindParent(copy, path);
        if (parent is JsonArray array)
        {
            array[int.Parse(last, CultureInfo.InvariantCulture)] = value;
        }
        else
        {
            parent[last] = value;
        }

        return copy;
    }

    /// <summary>A copy without the member at the path.</summary>
    public static T Without<T>(this T node, string path) where T : JsonNode
    {
        var copy = (T)node.DeepClone();
        var (parent, last) = FindParent(copy, path);
        Assert.True(parent.AsObject().Remove(last), $"there is no {path}");
        return copy;
    }

    /// <summary>Replaces a value by text, for JSON that no object model can represent.</summary>
    public static string WithRawText(this JsonNode node, string path, string text) =>
        node.With(path, "here it goes").ToJsonString().Replace("\"here it goes\"", text, StringComparison.Ordinal);

    private static (JsonNode Parent, string Last) FindParent(JsonNode node, string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? (node, path) : (node.At(path[..slash])!, path[(slash + 1)..]);
    }
}
