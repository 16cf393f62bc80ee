using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Utility;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Parses a resource strictly by R4. Errors name elements, never values, which may be patient data.</summary>
internal static partial class ResourceParser
{
    private static readonly FhirJsonDeserializer s_deserializer = new();

    /// <returns>The resource as far as it could be parsed, and all errors by FHIRPath.</returns>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static (Resource? Resource, IReadOnlyList<FieldError> Errors) Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("resourceType", out var type)
            || type.ValueKind != JsonValueKind.String)
        {
            return (null, [new("resourceType", ErrorCodes.Required, "is required: a resource is an object that says its type")]);
        }

        FieldError[] errors = [.. BundleShapeErrors(document.RootElement)];
        if (errors.Length > 0)
        {
            return (null, errors);
        }

        FieldError[] untyped = [.. UntypedResources(document.RootElement)];
        var sound = untyped.Length == 0 ? body : WithoutResources(body, [.. untyped.Select(e => BundleReader.EntryIndexOf(e.Pointer)!.Value)]);
        try
        {
            var reader = new Utf8JsonReader(sound.Span, new JsonReaderOptions { MaxDepth = 64 });
            return s_deserializer.TryDeserializeResource(ref reader, out var resource, out var issues)
                ? (resource, untyped)
                : (resource, [.. untyped, .. OtherReleaseErrors(document.RootElement), .. issues.Where(i => !IsEmptyAnswer(i, document.RootElement))
                    .Select(i => ToError(i, resource)).Distinct()]);
        }
        // The library throws various exceptions for odd member names; their messages may contain the input.
        catch (Exception error) when (error is not (JsonException or OutOfMemoryException))
        {
            return (null, [new("resourceType", FhirErrorCodes.InvalidResource, "could not be read as a resource of R4")]);
        }
    }

    /// <summary>Parses one resource per line as the entries of a collection; a line that is none is an error of its entry.</summary>
    /// <param name="body">The lines; empty ones are passed over.</param>
    /// <param name="limit">Further lines are not read.</param>
    public static (Bundle Bundle, IReadOnlyList<FieldError> Errors) ParseLines(ReadOnlyMemory<byte> body, int limit)
    {
        var bundle = new Bundle { Type = Bundle.BundleType.Collection };
        var errors = new List<FieldError>();
        for (var rest = body; rest.Length > 0 && bundle.Entry.Count < limit;)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (line.Span.Trim(" \t\r"u8).Length > 0)
            {
                var at = $"Bundle.entry[{bundle.Entry.Count}]";
                var (resource, ofLine) = ParseLine(line);
                bundle.Entry.Add(new() { Resource = resource });
                errors.AddRange(ofLine.Select(e => e with
                {
                    Pointer = resource is not null && e.Pointer.StartsWith(resource.TypeName, StringComparison.Ordinal)
                        ? $"{at}.resource{e.Pointer[resource.TypeName.Length..]}" : $"{at}.resource",
                }));
            }
        }

        return (bundle, errors);
    }

    private static (Resource? Resource, IReadOnlyList<FieldError> Errors) ParseLine(ReadOnlyMemory<byte> line)
    {
        try
        {
            return Parse(line);
        }
        catch (JsonException)
        {
            return (null, [new("resourceType", ErrorCodes.NotJson, "is no JSON")]);
        }
    }

    // CamCOPS answers a blank question with {}.
    private static bool IsEmptyAnswer(CodedException issue, JsonElement root)
    {
        if ((issue as ExtendedCodedException)?.InstancePath is not { } path || !EmptyAnswerPattern().IsMatch(path))
        {
            return false;
        }

        foreach (var part in PathPartPattern().Matches(path).Skip(1).Select(m => m.Value))
        {
            if (part.StartsWith('[') ? root.ValueKind != JsonValueKind.Array || int.Parse(part[1..^1], CultureInfo.InvariantCulture) >= root.GetArrayLength()
                : root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(part, out _))
            {
                return false;
            }

            root = part.StartsWith('[') ? root[int.Parse(part[1..^1], CultureInfo.InvariantCulture)] : root.GetProperty(part);
        }

        return root.ValueKind == JsonValueKind.Object && !root.EnumerateObject().Any();
    }

    // Elements that another release has names it.
    private static IEnumerable<FieldError> OtherReleaseErrors(JsonElement root)
    {
        var type = root.GetProperty("resourceType").GetString();
        if (type == nameof(Bundle) && root.TryGetProperty("entry", out var entries) && entries.ValueKind == JsonValueKind.Array)
        {
            return entries.EnumerateArray().Index().Where(e => e.Item.ValueKind == JsonValueKind.Object && e.Item.TryGetProperty("resource", out var r)
                && r.ValueKind == JsonValueKind.Object && r.TryGetProperty("resourceType", out var t) && t.ValueKind == JsonValueKind.String)
                .SelectMany(e => OtherReleaseErrors(e.Item.GetProperty("resource")).Select(error => error with
                {
                    Pointer = $"Bundle.entry[{e.Index}].resource{error.Pointer[error.Pointer.IndexOf('.', StringComparison.Ordinal)..]}",
                }));
        }

        return s_otherReleases.Where(o => o.Type == type && root.TryGetProperty(o.Element, out var element)
            && (o.Kind is null || element.ValueKind == o.Kind)).Take(1)
            .Select(o => new FieldError($"{type}.{o.Element}", FhirErrorCodes.WrongRelease,
                $"is of FHIR {o.Release}: send FHIR R4 (4.0.1), the only release that is read"));
    }

    private static readonly (string Type, string Element, JsonValueKind? Kind, string Release)[] s_otherReleases =
    [
        ("Observation", "triggeredBy", null, "R5"), ("Observation", "bodyStructure", null, "R5"), ("Observation", "instantiatesCanonical", null, "R5"),
        ("Observation", "instantiatesReference", null, "R5"), ("Observation", "valueAttachment", null, "R5"), ("Observation", "valueReference", null, "R5"),
        ("Observation", "context", null, "STU3"), ("Observation", "related", null, "STU3"),
        ("Observation", "comment", null, "STU3"), ("Observation", "comments", null, "DSTU2"), ("QuestionnaireResponse", "context", null, "STU3"),
        ("QuestionnaireResponse", "parent", null, "STU3"), ("QuestionnaireResponse", "group", null, "DSTU2"),
        ("QuestionnaireResponse", "questionnaire", JsonValueKind.Object, "STU3"), ("Encounter", "class", JsonValueKind.Array, "R5"),
        ("Encounter", "actualPeriod", null, "R5"), ("Encounter", "subjectStatus", null, "R5"), ("Encounter", "admission", null, "R5"),
        ("Encounter", "class", JsonValueKind.String, "DSTU2"),
    ];

    [GeneratedRegex(@"\.answer\[\d+\]\z", RegexOptions.None, 1000)]
    private static partial Regex EmptyAnswerPattern();

    [GeneratedRegex(@"\[\d+\]|[^.\[\]]+", RegexOptions.None, 1000)]
    private static partial Regex PathPartPattern();

    // The library keeps values of the wrong kind and throws when they are read.
    private static IEnumerable<FieldError> BundleShapeErrors(JsonElement resource)
    {
        if (!resource.GetProperty("resourceType").ValueEquals(nameof(Bundle)) || !resource.TryGetProperty("entry", out var entries))
        {
            yield break;
        }

        if (entries.ValueKind != JsonValueKind.Array)
        {
            yield return new("Bundle.entry", FhirErrorCodes.InvalidResource, "must be a list of entries");
            yield break;
        }

        foreach (var (index, entry) in entries.EnumerateArray().Index().Where(e => e.Item.ValueKind != JsonValueKind.Object))
        {
            yield return new($"Bundle.entry[{index}]", FhirErrorCodes.InvalidResource, "must be an object");
        }
    }

    // The library reads nothing of a bundle with a resource that does not say its type.
    private static IEnumerable<FieldError> UntypedResources(JsonElement bundle) =>
        !bundle.GetProperty("resourceType").ValueEquals(nameof(Bundle)) || !bundle.TryGetProperty("entry", out var entries) ? []
            : entries.EnumerateArray().Index().Where(e => e.Item.TryGetProperty("resource", out var resource) && (resource.ValueKind != JsonValueKind.Object
                    || !resource.TryGetProperty("resourceType", out var type) || type.ValueKind != JsonValueKind.String))
                .Select(e => new FieldError($"Bundle.entry[{e.Index}].resource.resourceType", ErrorCodes.Required,
                    "is required: a resource is an object that says its type"));

    private static ReadOnlyMemory<byte> WithoutResources(ReadOnlyMemory<byte> bundle, IReadOnlyList<int> entries)
    {
        var copy = JsonNode.Parse(bundle.Span)!;
        foreach (var entry in entries)
        {
            // An entry may not be empty.
            copy["entry"]![entry]!.AsObject().Remove("resource");
            copy["entry"]![entry]!["fullUrl"] ??= "urn:uuid:00000000-0000-0000-0000-000000000000";
        }

        return JsonSerializer.SerializeToUtf8Bytes(copy);
    }

    private static FieldError ToError(CodedException issue, Resource? resource)
    {
        var path = (issue as ExtendedCodedException)?.InstancePath;
        var at = string.IsNullOrEmpty(path) ? "resourceType" : path.Replace("$this", resource?.TypeName ?? "$this", StringComparison.Ordinal);
        return issue.ErrorCode switch
        {
            "PVAL105" => new(at, ErrorCodes.Required, "is required"),
            "PVAL116" => new(at, FhirErrorCodes.InvalidResource, "is no code of its value set"),
            "PVAL123" => new(at, FhirErrorCodes.InvalidResource, "has a value of the wrong type"),
            "PVAL124" => new(at, FhirErrorCodes.InvalidResource, "is not written as its type asks (an instant has its offset: 2026-03-01T10:00:00+01:00)"),
            "PVAL128" => new(at, FhirErrorCodes.InvalidResource, "is no element of R4 here"),
            "PVAL130" => new(at, FhirErrorCodes.InvalidResource, "is no resource type of R4"),
            _ => new(at, FhirErrorCodes.InvalidResource, "is not as R4 has it"),
        };
    }
}
