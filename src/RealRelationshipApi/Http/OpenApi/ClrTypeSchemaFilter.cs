using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.OpenApi;

using RealRelationshipApi.Http.Json;

using Swashbuckle.AspNetCore.SwaggerGen;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Adds to a schema what Swashbuckle does not derive from a CLR type: nullable references, required constructor parameters, converters,
/// read-only members.</summary>
internal sealed class ClrTypeSchemaFilter : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema own)
        {
            return;
        }

        if (Alternatives(context) is { } alternatives)
        {
            ReplaceByOneOf(own, alternatives);
            return;
        }
        if (own.Properties is null)
        {
            return;
        }

        foreach (var property in context.Type.GetProperties())
        {
            var name = JsonName(property);
            if (own.Properties.TryGetValue(name, out var member))
            {
                own.Properties[name] = Refine(property, member);
            }
        }
        // A positional record's parameters without default are required (RespectRequiredConstructorParameters).
        foreach (var parameter in RecordParameters(context.Type).Where(p => !p.HasDefaultValue))
        {
            (own.Required ??= new HashSet<string>(StringComparer.Ordinal)).Add(JsonName(context.Type.GetProperty(parameter.Name!)!));
        }
    }

    private static string JsonName(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private static List<IOpenApiSchema>? Alternatives(SchemaFilterContext context)
    {
        if (context.Type.GetCustomAttribute<OneOfAttribute>() is { } oneOf)
        {
            return [.. oneOf.Types.Select(type => SchemaOf(type, context))];
        }

        if (!context.Type.IsGenericType || context.Type.GetGenericTypeDefinition() != typeof(OneOrMany<>))
        {
            return null;
        }

        var one = SchemaOf(context.Type.GetGenericArguments()[0], context);
        return [one, new OpenApiSchema { Type = JsonSchemaType.Array, Items = one, MinItems = 1 }];
    }

    private static IOpenApiSchema SchemaOf(Type type, SchemaFilterContext context) => context.SchemaGenerator.GenerateSchema(type, context.SchemaRepository);

    private static void ReplaceByOneOf(OpenApiSchema schema, List<IOpenApiSchema> alternatives)
    {
        schema.Type = null;
        schema.Properties = null;
        schema.Required = null;
        schema.AdditionalPropertiesAllowed = true;
        schema.OneOf = alternatives;
    }

    private static IOpenApiSchema Refine(PropertyInfo property, IOpenApiSchema member)
    {
        var isNullable = IsNullable(property);
        if (member is OpenApiSchemaReference)
        {
            return isNullable ? new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, member], Description = member.Description }
                : member;
        }

        if (member is OpenApiSchema own)
        {
            own.ReadOnly = property.GetCustomAttribute<ReadOnlyAttribute>()?.IsReadOnly == true;
            if (!isNullable && own.Type is { } type)
            {
                own.Type = type & ~JsonSchemaType.Null;
            }
        }
        return member;
    }

    private static bool IsNullable(PropertyInfo property) =>
        Nullable.GetUnderlyingType(property.PropertyType) is not null
        || (!property.PropertyType.IsValueType && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable);

    private static ParameterInfo[] RecordParameters(Type type) =>
        type.GetMethod("Deconstruct") is not null && type.GetConstructors() is [.., var constructor] ? constructor.GetParameters() : [];
}
