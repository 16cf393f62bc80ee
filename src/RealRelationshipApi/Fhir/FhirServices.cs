using Hl7.Fhir.Model;

using Microsoft.OpenApi;

using Swashbuckle.AspNetCore.SwaggerGen;

namespace RealRelationshipApi.Fhir;

internal static class FhirServices
{
    /// <summary>Registers FHIR, and documents each resource as an object whose members HL7 defines.</summary>
    public static IServiceCollection AddFhir(this IServiceCollection services)
    {
        services.ConfigureSwaggerGen(swagger =>
        {
            MapSchema<Bundle>(swagger);
            MapSchema<Observation>(swagger);
            MapSchema<QuestionnaireResponse>(swagger);
            MapSchema<OperationOutcome>(swagger);
            MapSchema<CapabilityStatement>(swagger);
        });
        return services;
    }

    private static void MapSchema<T>(SwaggerGenOptions swagger) where T : Resource
    {
        var type = typeof(T).Name;
        swagger.MapType<T>(() => new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = $"A FHIR R4 {type}: https://hl7.org/fhir/R4/{type.ToLowerInvariant()}.html",
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["resourceType"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [type], Description = "Type of the resource." },
            },
            // FHIR defines the other members; see the address above.
            AdditionalProperties = new OpenApiSchema(),
            Required = new HashSet<string> { "resourceType" },
        });
    }
}
