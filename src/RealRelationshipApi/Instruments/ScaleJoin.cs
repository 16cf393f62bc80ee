using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Instruments;

/// <summary>The scales that a site declares, joined with those that are published, each with its range.</summary>
internal sealed class ScaleJoin(InstrumentRequest request, Instrument? shipped, ItemRange? items, List<FieldError> faults)
{
    public IReadOnlyList<ScaleDefinition> Join()
    {
        var scales = shipped?.Scales.ToList() ?? [];
        var declared = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < (request.Scales?.Count ?? 0); i++)
        {
            if (request.Scales![i] is not { } scale)
            {
                continue;
            }

            if (!declared.Add(scale.Name))
            {
                faults.Add(new($"#/scales/{i}/name", Declaration.Repeated, $"'{scale.Name}' stands there already"));
            }

            Declaration.CheckNumbers(scale.Items, items?.Count, $"#/scales/{i}/items", faults);
            var place = scales.FindIndex(s => s.Name.Equals(scale.Name, StringComparison.OrdinalIgnoreCase));
            if (place < 0)
            {
                scales.Add(New(scale, $"#/scales/{i}"));
            }
            else if (shipped is not null)
            {
                scales[place] = Joined(scales[place], scale, $"#/scales/{i}");
            }
        }

        if (scales.Count == 0)
        {
            faults.Add(new("#/scales", FaultCodes.Required, "is required: at least one scale"));
        }

        return [.. scales.Select(WithRange)];
    }

    private ScaleDefinition New(ScaleRequest scale, string at)
    {
        if (scale.Aggregation is null)
        {
            faults.Add(new($"{at}/aggregation", FaultCodes.Required, "is required for a scale of your own"));
        }

        if (scale.Items is not null && items is null)
        {
            faults.Add(new($"{at}/items", "notAllowed", "names items, but the instrument declares none"));
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
        if (Found(definition) is { } found)
        {
            CheckRange(scale, found, at);
        }
        else if (scale.Minimum is null || scale.Maximum is null)
        {
            faults.Add(new($"{at}/{(scale.Minimum is null ? "minimum" : "maximum")}", FaultCodes.Required, "is required where the items of the scale are not declared"));
        }

        return definition;
    }

    private ScaleDefinition Joined(ScaleDefinition published, ScaleRequest scale, string at)
    {
        if (scale.Aggregation is { } aggregation && !published.Aggregations.Contains(aggregation))
        {
            Contradict($"{at}/aggregation", string.Join(" or ", published.Aggregations.Select(EnumNames<ScoreAggregation>.Of)));
        }

        if (scale.Descriptive is { } descriptive && descriptive != published.Descriptive)
        {
            Contradict($"{at}/descriptive", published.Descriptive ? "true" : "false");
        }

        var joined = published with
        {
            // A site that says how it forms a score need not say so again with each.
            Aggregations = scale.Aggregation is { } one && published.Aggregations.Contains(one) ? [one] : published.Aggregations,
            Items = scale.Items is null ? published.Items : [.. scale.Items.Order()],
            Minimum = published.Minimum ?? scale.Minimum,
            Maximum = published.Maximum ?? scale.Maximum,
        };
        CheckItems(published, joined, scale, at);
        if (Found(joined) is { } found)
        {
            CheckRange(scale, found, at);
        }

        // A published total takes every item; saying so changes nothing.
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
            Contradict($"{at}/items", string.Join(", ", published.Items));
        }
        else if (published.IsTotal && items is not null && joined.Items!.Count != items.Count)
        {
            Contradict($"{at}/items", "every item");
        }
        else if (published.Count is { } count && joined.Items!.Count != count)
        {
            Contradict($"{at}/items", $"{count} items");
        }
    }

    private void CheckRange(ScaleRequest scale, (double Minimum, double Maximum) found, string at)
    {
        if (scale.Minimum is { } minimum && minimum != found.Minimum)
        {
            faults.Add(new($"{at}/minimum", "rangeMismatch", $"is {found.Minimum} by the items; leave it out"));
        }

        if (scale.Maximum is { } maximum && maximum != found.Maximum)
        {
            faults.Add(new($"{at}/maximum", "rangeMismatch", $"is {found.Maximum} by the items; leave it out"));
        }
    }

    private ScaleDefinition WithRange(ScaleDefinition scale) => Found(scale) is { } found ? scale with { Minimum = found.Minimum, Maximum = found.Maximum } : scale;

    // What the items make of it; null where they are not known well enough.
    private (double Minimum, double Maximum)? Found(ScaleDefinition scale)
    {
        if (items is null)
        {
            return null;
        }

        return scale.Aggregations[0] switch
        {
            ScoreAggregation.Mean => (items.Minimum, items.Maximum),
            ScoreAggregation.MeanTimesTen => (items.Minimum * 10, items.Maximum * 10),
            _ when (scale.Items?.Count ?? scale.Count ?? (scale.IsTotal ? items.Count : null)) is { } count => (items.Minimum * count, items.Maximum * count),
            _ => null,
        };
    }

    private void Contradict(string at, string published) =>
        faults.Add(new(at, Declaration.Contradiction, $"of {shipped!.Code} is published: {published}. Leave it out; a form that differs takes a code of its own"));
}
