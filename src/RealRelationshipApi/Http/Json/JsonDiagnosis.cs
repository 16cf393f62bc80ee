using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

using FluentValidation;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Json;

/// <summary>Finds every error of JSON that the serializer, which stops at the first one, has refused: those of structure, and the broken rules of all parts
/// whose structure is right.</summary>
internal sealed class JsonDiagnosis
{
    /// <summary>Maximum number of structural errors reported.</summary>
    public const int MaxErrors = 1_000;

    private readonly List<FieldError> _structure = [];
    private readonly List<FieldError> _rules = [];

    // Arrays from which elements were removed: their pointer, and the original indexes of those that remain.
    private readonly Dictionary<string, List<int>> _keptIndexes = new(StringComparer.Ordinal);
    private readonly IServiceProvider _validators;

    private JsonDiagnosis(IServiceProvider validators) => _validators = validators;

    /// <summary>All errors of an element.</summary>
    /// <param name="element">The element that was to be a <paramref name="type"/>.</param>
    /// <param name="type">The type of the request.</param>
    /// <param name="first">The error at which the serializer stopped; returned alone if nothing else is found.</param>
    /// <param name="validators">Has an <see cref="IValidator{T}"/> for types with rules.</param>
    public static IReadOnlyList<FieldError> FindErrors(JsonElement element, Type type, JsonException first, IServiceProvider validators)
    {
        var diagnosis = new JsonDiagnosis(validators);
        try
        {
            diagnosis.ApplyRules(diagnosis.Examine(element, type, "#"));
        }
        catch (InvalidOperationException)
        {
            // The text of a name or value is not Unicode.
            return StrictJson.ToErrors(first);
        }

        return diagnosis._structure.Count == 0 ? StrictJson.ToErrors(first)
            : [.. diagnosis._structure, .. diagnosis._rules.Where(rule => !diagnosis._structure.Exists(fault => AreRelated(rule.Pointer, fault.Pointer)))];
    }

    // A rule about something that contains a structural error, or lies in it, may only repeat it.
    private static bool AreRelated(string one, string other) =>
        one == other || one.StartsWith(other + '/', StringComparison.Ordinal) || other.StartsWith(one + '/', StringComparison.Ordinal);

    private Part Examine(JsonElement element, Type type, string at)
    {
        var info = StrictJson.Options.GetTypeInfo(type);
        return (info.Kind, element.ValueKind) switch
        {
            _ when _structure.Count >= MaxErrors => Part.Unsound(at, type),
            (JsonTypeInfoKind.Object, JsonValueKind.Object) => ExamineObject(element, info, at),
            (JsonTypeInfoKind.Enumerable, JsonValueKind.Array) => ExamineArray(element, info, at),
            (JsonTypeInfoKind.Object, _) => Wrong(type, at, $"must be an object with {JsonExpectation.MembersOf(info)}"),
            (JsonTypeInfoKind.Enumerable, _) => Wrong(type, at, "must be an array, in square brackets"),
            _ => ExamineValue(element, type, at),
        };
    }

    private Part ExamineObject(JsonElement element, JsonTypeInfo info, string at)
    {
        var (sound, isSound, parts) = (new JsonObject(), true, new List<Part>());
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            var place = $"{at}/{JsonPointer.Escape(member.Name)}";
            if (_structure.Count >= MaxErrors)
            {
                return Part.Unsound(at, info.Type);
            }

            if (info.Properties.FirstOrDefault(p => p.Name == member.Name) is not { } property)
            {
                _structure.Add(StrictJson.UnknownMember(place, member.Name, info));
            }
            else if (!seen.Add(member.Name))
            {
                _structure.Add(StrictJson.DuplicateMember(place));
            }
            else if (member.Value.ValueKind != JsonValueKind.Null)
            {
                var part = Examine(member.Value, property.PropertyType, place);
                parts.Add(part);
                isSound &= part.Json is not null || !property.IsRequired;
                if (part.Json is not null)
                {
                    sound[member.Name] = part.Json;
                }
            }
            else if (!property.IsSetNullable)
            {
                _structure.Add(StrictJson.NullMember(place));
                isSound &= !property.IsRequired;
            }
            else
            {
                sound[member.Name] = null;
            }
        }

        foreach (var missing in info.Properties.Where(p => p.IsRequired && !seen.Contains(p.Name)))
        {
            _structure.Add(StrictJson.MissingMember(at, missing.Name));
            isSound = false;
        }

        return new(at, info.Type, isSound ? sound : null, parts);
    }

    private Part ExamineArray(JsonElement element, JsonTypeInfo info, string at)
    {
        var (sound, kept, parts) = (new JsonArray(), new List<int>(), new List<Part>());
        foreach (var (i, item) in element.EnumerateArray().Index())
        {
            if (item.ValueKind == JsonValueKind.Null)
            {
                _structure.Add(StrictJson.NullMember($"{at}/{i}"));
                continue;
            }

            var part = Examine(item, info.ElementType!, $"{at}/{i}");
            parts.Add(part);
            if (part.Json is not null)
            {
                sound.Add(part.Json);
                kept.Add(i);
            }
        }

        _keptIndexes[at] = kept;
        return new(at, info.Type, sound, parts);
    }

    private Part ExamineValue(JsonElement element, Type type, string at)
    {
        try
        {
            _ = element.Deserialize(type, StrictJson.Options);
            return new(at, type, JsonNode.Parse(element.GetRawText()), []);
        }
        catch (JsonException error)
        {
            _structure.AddRange(StrictJson.ToErrors(error)
                .Select(e => e with { Pointer = at + e.Pointer[1..], Detail = JsonExpectation.Explain(e, type) }));
            return Part.Unsound(at, type);
        }
    }

    private Part Wrong(Type type, string at, string detail)
    {
        _structure.Add(new(at, ErrorCodes.NotAValue, detail));
        return Part.Unsound(at, type);
    }

    // The validator of a whole object runs those of its parts.
    private void ApplyRules(Part part)
    {
        if (part.Json is { } json && _validators.GetService(typeof(IValidator<>).MakeGenericType(part.Type)) is IValidator validator)
        {
            var value = json.Deserialize(part.Type, StrictJson.Options)!;
            var context = (IValidationContext)Activator.CreateInstance(typeof(ValidationContext<>).MakeGenericType(part.Type), value)!;
            _rules.AddRange(validator.Validate(context).ToFieldErrors(part.Pointer).Select(error => error with { Pointer = InOriginal(error.Pointer) }));
            return;
        }

        foreach (var child in part.Children)
        {
            ApplyRules(child);
        }
    }

    // The pointer with the indexes that elements had before others were removed.
    private string InOriginal(string pointer)
    {
        var at = "#";
        foreach (var segment in pointer.Split('/').Skip(1))
        {
            var index = _keptIndexes.TryGetValue(at, out var kept) && int.TryParse(segment, out var i) && i < kept.Count ? kept[i].ToString() : segment;
            at = $"{at}/{index}";
        }

        return at;
    }

    /// <summary>A part of the JSON.</summary>
    /// <param name="Pointer">Where it is.</param>
    /// <param name="Type">What it was to be.</param>
    /// <param name="Json">The part without its optional members and elements that have errors; null if what is left is no value of the type.</param>
    /// <param name="Children">Its members or elements.</param>
    private sealed record Part(string Pointer, Type Type, JsonNode? Json, IReadOnlyList<Part> Children)
    {
        public static Part Unsound(string pointer, Type type) => new(pointer, type, null, []);
    }
}
