using System.Globalization;
using System.Text.Json.Nodes;

using FluentValidation;
using FluentValidation.Validators;

using Microsoft.OpenApi;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>The FluentValidation rules of a member that JSON Schema can express: ranges, lengths, patterns, allowed numbers.</summary>
/// <remarks>Without conditional rules: the schema must accept everything that the service accepts.</remarks>
internal static class SchemaConstraints
{
    private const double MaxLimit = 1e28;
    private const double MinLimit = 1e-28;

    /// <summary>Adds the rules of a member to the schema of that member or of its query parameter.</summary>
    public static void Apply(IServiceProvider services, Type type, string member, OpenApiSchema schema)
    {
        if (services.GetService(typeof(IValidator<>).MakeGenericType(type)) is not IValidator validator)
        {
            return;
        }

        var rules = validator.CreateDescriptor().Rules
            .Where(r => string.Equals(r.PropertyName, member, StringComparison.OrdinalIgnoreCase) && !r.HasCondition && !r.HasAsyncCondition);
        foreach (var rule in rules)
        {
            if ((AppliesToItems(rule) ? schema.Items : schema) is not OpenApiSchema target)
            {
                continue;
            }

            foreach (var component in rule.Components.Where(c => !c.HasCondition && !c.HasAsyncCondition))
            {
                Apply(target, component.Validator);
            }
        }
    }

    private static bool AppliesToItems(IValidationRule rule) =>
        Array.Exists(rule.GetType().GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ICollectionRule<,>));

    private static void Apply(OpenApiSchema schema, IPropertyValidator rule)
    {
        switch (rule)
        {
            case IBetweenValidator between when rule.Name.StartsWith("Inclusive", StringComparison.Ordinal):
                (schema.Minimum, schema.Maximum) = (FormatLimit(between.From), FormatLimit(between.To));
                break;
            case IBetweenValidator between:
                (schema.ExclusiveMinimum, schema.ExclusiveMaximum) = (FormatLimit(between.From), FormatLimit(between.To));
                break;
            case IComparisonValidator { ValueToCompare: not null } comparison:
                Apply(schema, comparison);
                break;
            case ILengthValidator { Max: > 0 } length when HasType(schema, JsonSchemaType.String):
                schema.MaxLength = length.Max;
                break;
            case IRegularExpressionValidator pattern:
                schema.Pattern = pattern.Expression;
                break;
            case INotEmptyValidator:
                SetCount(schema, 1, null);
                break;
            case IDocumentedRule { AllowedNumbers: { } numbers }:
                schema.Enum = [.. numbers.Select(n => (JsonNode)n),
                    .. HasType(schema, JsonSchemaType.Null) ? [JsonNullSentinel.JsonNull] : Array.Empty<JsonNode>()];
                break;
            case IDocumentedRule { IsDistinct: true }:
                schema.UniqueItems = true;
                break;
            case IDocumentedRule count:
                SetCount(schema, count.MinCount, count.MaxCount);
                break;
        }
    }

    private static void SetCount(OpenApiSchema schema, int? min, int? max)
    {
        if (HasType(schema, JsonSchemaType.Array))
        {
            (schema.MinItems, schema.MaxItems) = (min ?? schema.MinItems, max ?? schema.MaxItems);
        }
        else if (HasType(schema, JsonSchemaType.Object))
        {
            (schema.MinProperties, schema.MaxProperties) = (min ?? schema.MinProperties, max ?? schema.MaxProperties);
        }
        else if (HasType(schema, JsonSchemaType.String))
        {
            (schema.MinLength, schema.MaxLength) = (min ?? schema.MinLength, max ?? schema.MaxLength);
        }
    }

    private static bool HasType(OpenApiSchema schema, JsonSchemaType type) => schema.Type?.HasFlag(type) == true;

    private static void Apply(OpenApiSchema schema, IComparisonValidator comparison)
    {
        var limit = FormatLimit(comparison.ValueToCompare);
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

    // Client generators parse limits as decimals: larger limits are omitted, smaller ones are zero.
    private static string? FormatLimit(object limit) => limit switch
    {
        double and (> MaxLimit or < -MaxLimit) => null,
        double and > -MinLimit and < MinLimit => "0",
        _ => System.Convert.ToString(limit, CultureInfo.InvariantCulture),
    };
}
