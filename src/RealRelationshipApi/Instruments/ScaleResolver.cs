using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Instruments;

/// <summary>Merges the scales that a site declares with the published ones, and computes their ranges.</summary>
internal sealed class ScaleResolver(InstrumentRequest request, Instrument? builtIn, ItemRange? items, List<FieldError> errors)
{
    public IReadOnlyList<ScaleDefinition> Resolve()
    {
        var scales = builtIn?.Scales.ToList() ?? [];
        var declared = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < (request.Scales?.Count ?? 0); i++)
        {
            if (request.Scales![i] is not { } scale)
            {
                continue;
            }

            if (!declared.Add(scale.Name))
            {
                errors.Add(new($"#/scales/{i}/name", InstrumentDeclaration.RepeatedCode, $"'{scale.Name}' stands there already"));
            }

            InstrumentDeclaration.CheckItemNumbers(scale.Items, items?.Count, $"#/scales/{i}/items", errors);
            var index = scales.FindIndex(s => s.Name.Equals(scale.Name, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
            {
                scales.Add(CreateScale(scale, $"#/scales/{i}"));
            }
            else if (builtIn is not null)
            {
                scales[index] = MergeScale(scales[index], scale, $"#/scales/{i}");
            }
        }

        if (scales.Count == 0)
        {
            errors.Add(new("#/scales", ErrorCodes.Required, "is required: at least one scale"));
        }

        return [.. scales.Select(WithRange)];
    }

    private ScaleDefinition CreateScale(ScaleRequest scale, string at)
    {
        if (scale.Aggregation is null)
        {
            errors.Add(new($"{at}/aggregation", ErrorCodes.Required, "is required for a scale of your own"));
        }

        if (scale.Items is not null && items is null)
        {
            errors.Add(new($"{at}/items", "notAllowed", "names items, but the instrument declares none"));
        }

        var definition = new ScaleDefinition
        {
            Name = scale.Name,
            Aggregations = [scale.Aggregation ?? default],
            Items = scale.Items is null ? null : [.. scale.Items.Order()],
            Minimum = scale.Minimum,
            Maximum = scale.Maximum,
            Descriptive = scale.Descriptive ?? false,
        };
        if (ComputeRange(definition) is { } computed)
        {
            CheckRange(scale, computed, at);
        }
        else if (scale.Minimum is null || scale.Maximum is null)
        {
            errors.Add(
                new($"{at}/{(scale.Minimum is null ? "minimum" : "maximum")}", ErrorCodes.Required,
                    "is required where the items of the scale are not declared"));
        }

        return definition;
    }

    private ScaleDefinition MergeScale(ScaleDefinition published, ScaleRequest scale, string at)
    {
        if (scale.Aggregation is { } aggregation && !published.Aggregations.Contains(aggregation))
        {
            AddContradiction($"{at}/aggregation", string.Join(" or ", published.Aggregations.Select(EnumNames<ScoreAggregation>.Of)));
        }

        if (scale.Descriptive is { } descriptive && descriptive != published.Descriptive)
        {
            AddContradiction($"{at}/descriptive", published.Descriptive ? "true" : "false");
        }

        var joined = published with
        {
            // After a declaration, scores need not repeat the aggregation.
            Aggregations = scale.Aggregation is { } one && published.Aggregations.Contains(one) ? [one] : published.Aggregations,
            Items = scale.Items is null ? published.Items : [.. scale.Items.Order()],
            Minimum = published.HasDefaultRange ? scale.Minimum ?? published.Minimum : published.Minimum ?? scale.Minimum,
            Maximum = published.HasDefaultRange ? scale.Maximum ?? published.Maximum : published.Maximum ?? scale.Maximum,
            HasDefaultRange = published.HasDefaultRange && scale.Minimum is null && scale.Maximum is null,
        };
        CheckItems(published, joined, scale, at);
        if (ComputeRange(joined) is { } computed)
        {
            CheckRange(scale, computed, at);
        }

        // A published total uses all items anyway.
        return joined.IsTotal ? joined with { Items = published.Items } : joined;
    }

    private void CheckItems(ScaleDefinition published, ScaleDefinition joined, ScaleRequest scale, string at)
    {
        if (scale.Items is null)
        {
            return;
        }

        if (published.Items is not null && !joined.Items!.SequenceEqual(published.Items))
        {
            AddContradiction($"{at}/items", string.Join(", ", published.Items));
        }
        else if (published.IsTotal && items is not null && joined.Items!.Count != items.Count)
        {
            AddContradiction($"{at}/items", "every item");
        }
        else if (published.Count is { } count && joined.Items!.Count != count)
        {
            AddContradiction($"{at}/items", $"{count} items");
        }
    }

    private void CheckRange(ScaleRequest scale, (double Minimum, double Maximum) computed, string at)
    {
        if (scale.Minimum is { } minimum && minimum != computed.Minimum)
        {
            errors.Add(new($"{at}/minimum", "rangeMismatch", $"is {computed.Minimum} by the items; leave it out"));
        }

        if (scale.Maximum is { } maximum && maximum != computed.Maximum)
        {
            errors.Add(new($"{at}/maximum", "rangeMismatch", $"is {computed.Maximum} by the items; leave it out"));
        }
    }

    private ScaleDefinition WithRange(ScaleDefinition scale) => ComputeRange(scale) is { } computed
        ? scale with { Minimum = computed.Minimum, Maximum = computed.Maximum, HasDefaultRange = false } : scale;

    // Range computed from the items; null if they are unknown.
    private (double Minimum, double Maximum)? ComputeRange(ScaleDefinition scale)
    {
        if (items is null)
        {
            return null;
        }

        return scale.Aggregations[0] switch
        {
            ScoreAggregation.Mean => (items.Minimum, items.Maximum),
            ScoreAggregation.MeanTimesTen => (items.Minimum * 10, items.Maximum * 10),
            var sum when (scale.Items?.Count ?? scale.Count ?? (scale.IsTotal ? items.Count : null)) is { } count && sum.SumMultiple() * count is { } times =>
                (items.Minimum * times, items.Maximum * times),
            _ => null,
        };
    }

    private void AddContradiction(string at, string published) =>
        errors.Add(
            new(at, InstrumentDeclaration.ContradictionCode,
                $"of {builtIn!.Code} is published: {published}. Leave it out; a form that differs takes a code of its own"));
}
