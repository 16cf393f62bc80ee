using System.Text.Json;

using Microsoft.OpenApi;

using Swashbuckle.AspNetCore.SwaggerGen;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Writes the FluentValidation rules of a type into its schema.</summary>
internal sealed class ValidationSchemaFilter(IServiceProvider services) : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema { Properties: { } properties })
        {
            return;
        }

        foreach (var property in context.Type.GetProperties())
        {
            if (properties.TryGetValue(JsonNamingPolicy.CamelCase.ConvertName(property.Name), out var member) && member is OpenApiSchema own)
            {
                SchemaConstraints.Apply(services, context.Type, property.Name, own);
            }
        }
    }
}
