using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Json;

/// <summary>Reads the valid members of JSON and collects every structural error; the serializer stops at the first one.</summary>
internal static class PartialJson
{
    /// <summary>Reads an object whose members have types that the serializer sets one by one.</summary>
    /// <param name="element">The object.</param>
    /// <param name="first">The error at which the serializer stopped; returned alone if names are not Unicode.</param>
    /// <returns>The object without the members that have errors, which are null; null if the element is no object.</returns>
    public static (T? Value, IReadOnlyList<FieldError> Errors) Read<T>(JsonElement element, JsonException first) where T : class
    {
        var errors = new List<FieldError>();
        try
        {
            var value = Read(element, typeof(T), "#", errors) as T;
            return (value, errors.Count > 0 ? errors : StrictJson.ToErrors(first));
        }
        catch (InvalidOperationException)
        {
            // The text of a name is not Unicode.
            return (null, StrictJson.ToErrors(first));
        }
    }

    private static object? Read(JsonElement element, Type type, string at, List<FieldError> errors)
    {
        var info = StrictJson.Options.GetTypeInfo(type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object when info.CreateObject is { } create && element.ValueKind == JsonValueKind.Object:
                return ReadObject(element, create(), info, at, errors);
            case JsonTypeInfoKind.Enumerable when element.ValueKind == JsonValueKind.Array:
                return ReadList(element, info.ElementType!, at, errors);
            default:
                return ReadValue(element, type, at, errors);
        }
    }

    private static object ReadObject(JsonElement element, object target, JsonTypeInfo info, string at, List<FieldError> errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            var place = $"{at}/{JsonPointer.Escape(member.Name)}";
            var property = info.Properties.FirstOrDefault(p => p.Name == member.Name);
            if (property?.Set is null)
            {
                errors.Add(StrictJson.UnknownMember(place, member.Name, info));
            }
            else if (!seen.Add(member.Name))
            {
                errors.Add(StrictJson.DuplicateMember(place));
            }
            else if (member.Value.ValueKind != JsonValueKind.Null)
            {
                if (Read(member.Value, property.PropertyType, place, errors) is { } value)
                {
                    property.Set(target, value);
                }
            }
            else if (!property.IsSetNullable)
            {
                errors.Add(StrictJson.NullMember(place));
            }
        }

        errors.AddRange(info.Properties.Where(p => p.IsRequired && !seen.Contains(p.Name)).Select(p => StrictJson.MissingMember(at, p.Name)));
        return target;
    }

    private static IList ReadList(JsonElement element, Type itemType, string at, List<FieldError> errors)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(itemType))!;
        foreach (var (i, item) in element.EnumerateArray().Index())
        {
            list.Add(item.ValueKind == JsonValueKind.Null ? null : Read(item, itemType, $"{at}/{i}", errors));
        }

        return list;
    }

    private static object? ReadValue(JsonElement element, Type type, string at, List<FieldError> errors)
    {
        try
        {
            return element.Deserialize(type, StrictJson.Options);
        }
        catch (JsonException error)
        {
            errors.AddRange(StrictJson.ToErrors(error)
                .Select(e => e with { Pointer = at + e.Pointer[1..], Detail = JsonExpectation.Explain(e, type) }));
            return null;
        }
    }
}
