using Hl7.Fhir.Model;

namespace RealRelationshipApi.Fhir.Responses;

/// <summary>Builds the CapabilityStatement from the registered routes.</summary>
internal static class CapabilityStatementBuilder
{
    // Date of the last change of this statement.
    private const string LastChanged = "2026-11-29";

    /// <param name="endpoints">The routes of the service.</param>
    /// <param name="hasCors">Whether responses carry CORS headers for some origin.</param>
    public static CapabilityStatement Build(IEnumerable<RouteEndpoint> endpoints, bool hasCors)
    {
        var routes =
            endpoints.Select(e => (Path: $"/{e.RoutePattern.RawText?.Trim('/')}", Methods: e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []))
            .Where(r => r.Path == FhirConstants.BasePath || r.Path.StartsWith(FhirConstants.BasePath + "/", StringComparison.Ordinal)).ToList();
        return new()
        {
            Status = PublicationStatus.Active,
            Date = LastChanged,
            Kind = CapabilityStatementKind.Instance,
            Software = new() { Name = "RealRelationshipApi", Version = typeof(CapabilityStatementBuilder).Assembly.GetName().Version!.ToString(3) },
            Implementation = new() { Description = "Session measurements of psychotherapy for a living meta-analysis of the real relationship" },
            FhirVersion = FHIRVersion.N4_0_1,
            Format = ["json", FhirConstants.JsonMediaType],
            Rest =
            [
                new()
                {
                    Mode = CapabilityStatement.RestfulCapabilityMode.Server,
                    Documentation =
                        "Scores are taken in and never given out: there is no read, no search, and no location of what was created. A new version is posted "
                            + "with a higher meta.versionId.",
                    Security = new() { Cors = hasCors, Description = "An API key with scope sessions:write, as the header X-API-Key." },
                    Resource =
                        [.. routes.Where(r => ResourceTypeOf(r.Path) is not null).GroupBy(r => ResourceTypeOf(r.Path)!)
                            .OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Resource(g.Key, [.. g.Select(r => r.Path)]))],
                    Interaction = routes.Exists(r => r.Path == FhirConstants.BasePath && r.Methods.Contains(HttpMethods.Post))
                        ? [Interaction(CapabilityStatement.SystemRestfulInteraction.Transaction),
                            Interaction(CapabilityStatement.SystemRestfulInteraction.Batch)]
                        : [],
                },
            ],
        };
    }

    // Observation for /fhir/Observation and /fhir/Observation/$validate; null for /fhir/metadata.
    private static string? ResourceTypeOf(string path) =>
        path[FhirConstants.BasePath.Length..].Trim('/') is [>= 'A' and <= 'Z', ..] type ? type.Split('/')[0] : null;

    private static CapabilityStatement.ResourceComponent Resource(string type, IReadOnlyList<string> paths)
    {
        var isCreated = paths.Contains($"{FhirConstants.BasePath}/{type}");
        return new()
        {
            TypeElement = new() { JsonValue = type },
            Interaction = isCreated ? [new() { Code = CapabilityStatement.TypeRestfulInteraction.Create }] : [],
            ConditionalCreate = isCreated,
            Versioning = CapabilityStatement.ResourceVersionPolicy.Versioned,
            ReadHistory = false,
            UpdateCreate = false,
            ReferencePolicy = [CapabilityStatement.ReferenceHandlingPolicy.Literal, CapabilityStatement.ReferenceHandlingPolicy.Logical],
            SearchParam = [],
            Operation = paths.Contains($"{FhirConstants.BasePath}/{type}/$validate")
                ? [new() { Name = "validate", Definition = "http://hl7.org/fhir/OperationDefinition/Resource-validate" }] : [],
        };
    }

    private static CapabilityStatement.SystemInteractionComponent Interaction(CapabilityStatement.SystemRestfulInteraction code) => new() { Code = code };
}
