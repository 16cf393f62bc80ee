using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealRelationshipApi.Http;

/// <summary>The public, camelCase names of an enum's values, in JSON, queries and CSV alike.</summary>
public static class EnumNames<T> where T : struct, Enum
{
    private static readonly FrozenDictionary<T, string> s_names =
        Enum.GetValues<T>().ToFrozenDictionary(v => v, v => NameOf(v.ToString()));

    private static readonly FrozenDictionary<string, T> s_values = s_names.ToFrozenDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);

    /// <summary>Every name, in the order of declaration (the default comes first where there is one).</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<T>().Select(v => s_names[v])];

    // A name that is a symbol of the field (L0, R0) says so by attribute.
    private static string NameOf(string member) =>
        typeof(T).GetField(member)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(member);

    public static string Of(T value) => s_names[value];

    /// <exception cref="KeyNotFoundException">No value has this name.</exception>
    public static T Parse(string name) => s_values[name];

    public static bool TryParse(string name, out T value) => s_values.TryGetValue(name, out value);
}
