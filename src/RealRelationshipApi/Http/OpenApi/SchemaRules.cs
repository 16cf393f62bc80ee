using System.Globalization;
using System.Text.Json.Nodes;

using FluentValidation;
using FluentValidation.Validators;

using Microsoft.OpenApi;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>The FluentValidation rules of a member, as far as JSON Schema can say them: ranges, lengths, patterns, allowed numbers.</summary>
/// <remarks>Rules that hold only under a condition stay out: the document must never refuse what the service takes.</remarks>
internal static class SchemaRules
{
    private const double LargestLimit = 1e28;
    private const double SmallestLimit = 1e-28;

    /// <summary>Writes the rules of a type's member into the schema of whatever becomes that member.</summary>
    public static void Write(IServiceProvider services, Type type, string member, OpenApiSchema schema)
    {
        if (services.GetService(typeof(IValidator<>).MakeGenericType(type)) is not IValidator validator)
        {
            return;
        }

        var rules = validator.CreateDescriptor().Rules.Where(r => string.Equals(r.PropertyName, member, StringComparison.OrdinalIgnoreCase) && !r.HasCondition && !r.HasAsyncCondition);
        foreach (var rule in rules)
        {
            if ((IsOfItems(rule) ? schema.Items : schema) is not OpenApiSchema target)
            {
                continue;
            }

            foreach (var component in rule.Components.Where(c => !c.HasCondition && !c.HasAsyncCondition))
            {
                Write(target, component.Validator);
            }
        }
    }

    private static bool IsOfItems(IValidationRule rule) =>
        Array.Exists(rule.GetType().GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ICollectionRule<,>));

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
            case ILengthValidator { Max: > 0 } length when Is(schema, JsonSchemaType.String):
                schema.MaxLength = length.Max;
                break;
            case IRegularExpressionValidator pattern:
                schema.Pattern = pattern.Expression;
                break;
            case INotEmptyValidator:
                Count(schema, 1, null);
                break;
            case IDeclaredRule { Numbers: { } numbers }:
                schema.Enum = [.. numbers.Select(n => (JsonNode)n), .. Is(schema, JsonSchemaType.Null) ? [JsonNullSentinel.JsonNull] : Array.Empty<JsonNode>()];
                break;
            case IDeclaredRule { IsDistinct: true }:
                schema.UniqueItems = true;
                break;
            case IDeclaredRule count:
                Count(schema, count.Least, count.Most);
                break;
        }
    }

    private static void Count(OpenApiSchema schema, int? least, int? most)
    {
        if (Is(schema, JsonSchemaType.Array))
        {
            (schema.MinItems, schema.MaxItems) = (least ?? schema.MinItems, most ?? schema.MaxItems);
        }
        else if (Is(schema, JsonSchemaType.Object))
        {
            (schema.MinProperties, schema.MaxProperties) = (least ?? schema.MinProperties, most ?? schema.MaxProperties);
        }
        else if (Is(schema, JsonSchemaType.String))
        {
            (schema.MinLength, schema.MaxLength) = (least ?? schema.MinLength, most ?? schema.MaxLength);
        }
    }

    private static bool Is(OpenApiSchema schema, JsonSchemaType type) => schema.Type?.HasFlag(type) == true;

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
