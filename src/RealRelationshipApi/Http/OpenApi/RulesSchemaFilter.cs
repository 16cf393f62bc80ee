using System.Globalization;
using System.Text.Json;

using FluentValidation;
using FluentValidation.Validators;

using Microsoft.OpenApi;

using Swashbuckle.AspNetCore.SwaggerGen;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Writes the FluentValidation rules of a type into its schema, as far as JSON Schema can say them: ranges, lengths, patterns.</summary>
/// <remarks>Rules that hold only under a condition stay out: the document must never refuse what the service takes.</remarks>
internal sealed class RulesSchemaFilter(IServiceProvider services) : ISchemaFilter
{
    private const double LargestLimit = 1e28;
    private const double SmallestLimit = 1e-28;

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema { Properties: { } properties }
            || services.GetService(typeof(IValidator<>).MakeGenericType(context.Type)) is not IValidator validator)
        {
            return;
        }

        foreach (var rule in validator.CreateDescriptor().Rules.Where(r => r.PropertyName is not null && !r.HasCondition && !r.HasAsyncCondition))
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(rule.PropertyName);
            if (properties.TryGetValue(name, out var property) && property is OpenApiSchema own)
            {
                foreach (var component in rule.Components.Where(c => !c.HasCondition && !c.HasAsyncCondition))
                {
                    Write(own, component.Validator);
                }
            }
        }
    }

    private static void Write(OpenApiSchema schema, IPropertyValidator rule)
    {
        switch (rule)
        {
            case IBetweenValidator between when rule.Name.StartsWith("Inclusive", StringComparison.Ordinal):
                (schema.Minimum, schema.Maximum) = (Number(between.From), Number(between.To));
                break;
            case IBetweenValidator between:
                (schema.ExclusiveMinimum, schema.ExclusiveMaximum) = (Number(between.From), Number(between.To));
                break;
            case IComparisonValidator { ValueToCompare: not null } comparison:
                Write(schema, comparison);
                break;
            case ILengthValidator { Max: > 0 } length when schema.Type?.HasFlag(JsonSchemaType.String) == true:
                schema.MaxLength = length.Max;
                break;
            case IRegularExpressionValidator pattern:
                schema.Pattern = pattern.Expression;
                break;
            case INotEmptyValidator when schema.Type?.HasFlag(JsonSchemaType.Array) == true:
                schema.MinItems = 1;
                break;
            case INotEmptyValidator when schema.Type?.HasFlag(JsonSchemaType.String) == true:
                schema.MinLength = 1;
                break;
        }
    }

    private static void Write(OpenApiSchema schema, IComparisonValidator comparison)
    {
        var limit = Number(comparison.ValueToCompare);
        switch (comparison.Comparison)
        {
            case Comparison.GreaterThan:
                schema.ExclusiveMinimum = limit;
                break;
            case Comparison.GreaterThanOrEqual:
                schema.Minimum = limit;
                break;
            case Comparison.LessThan:
                schema.ExclusiveMaximum = limit;
                break;
            case Comparison.LessThanOrEqual:
                schema.Maximum = limit;
                break;
        }
    }

    // Generators of clients read limits as decimals: one beyond those says no more than "finite", one below them no more than zero.
    private static string? Number(object limit) => limit switch
    {
        double and (> LargestLimit or < -LargestLimit) => null,
        double and > -SmallestLimit and < SmallestLimit => "0",
        _ => System.Convert.ToString(limit, CultureInfo.InvariantCulture),
    };
}
