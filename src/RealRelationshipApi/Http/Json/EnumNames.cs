using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealRelationshipApi.Http.Json;

/// <summary>The public camelCase names of enum values in JSON, queries and CSV.</summary>
/// <remarks>Avoids a dictionary keyed by <typeparamref name="T"/>, which the JIT would compile for each of some thirty enums at startup.</remarks>
internal static class EnumNames<T> where T : struct, Enum
{
    private static readonly string[] s_names = NamesOf(typeof(T));

    /// <summary>All names in the order of declaration, the default first.</summary>
    public static IReadOnlyList<string> All => s_names;

    public static string Of(T value) => s_names[Unsafe.BitCast<T, int>(value)];

    /// <exception cref="KeyNotFoundException">No value has this name.</exception>
    public static T Parse(string name) => TryParse(name, out var value) ? value : throw new KeyNotFoundException($"No {typeof(T).Name} is called '{name}'.");

    public static bool TryParse(string name, out T value)
    {
        var index = Array.IndexOf(s_names, name);
        value = Unsafe.BitCast<int, T>(Math.Max(0, index));
        return index >= 0;
    }

    /// <summary>What a value must be, and which name may have been meant by another text.</summary>
    public static string Describe(string given) => $"must be one of {string.Join(", ", s_names)}{SimilarNames.Suggest(given, s_names)}";

    // Indexed by value.
    private static string[] NamesOf(Type type)
    {
        var numbers = (int[])type.GetEnumValuesAsUnderlyingType();
        return numbers.SequenceEqual(Enumerable.Range(0, numbers.Length))
            ? Array.ConvertAll(type.GetEnumNames(), member => NameOf(type.GetField(member)!))
            : throw new InvalidOperationException($"The values of {type} are not numbered from 0.");
    }

    // Names that are not camelCase, such as L0, are in an attribute.
    private static string NameOf(FieldInfo member) =>
        member.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(member.Name);
}
