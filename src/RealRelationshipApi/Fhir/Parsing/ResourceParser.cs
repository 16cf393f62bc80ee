using System.Text.Json;

using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Utility;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Parses a resource strictly by R4. Errors name elements, never values, which may be patient data.</summary>
internal static class ResourceParser
{
    private static readonly FhirJsonDeserializer s_deserializer = new();

    /// <returns>The resource as far as it could be parsed, and all errors by FHIRPath.</returns>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static (Resource? Resource, IReadOnlyList<FieldError> Errors) Parse(ReadOnlyMemory<byte> body)
    {
        using (var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false }))
        {
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
        }

        try
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 64 });
            return s_deserializer.TryDeserializeResource(ref reader, out var resource, out var issues)
                ? (resource, [])
                : (resource, [.. issues.Select(i => ToError(i, resource)).Distinct()]);
        }
        // The library throws various exceptions for odd member names; their messages may contain the input.
        catch (Exception error) when (error is not (JsonException or OutOfMemoryException))
        {
            return (null, [new("resourceType", FhirErrorCodes.InvalidResource, "could not be read as a resource of R4")]);
        }
    }

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
