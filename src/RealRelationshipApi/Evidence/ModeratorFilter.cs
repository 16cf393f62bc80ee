using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>Values of a moderator that pass: some values, or a range of numbers with both ends included. In JSON a value, an array of values, or an object
/// with <c>from</c> and <c>to</c>.</summary>
[JsonConverter(typeof(ModeratorFilterConverter)), OneOf(typeof(OneOrMany<ModeratorValue>), typeof(ModeratorRange))]
internal sealed record ModeratorFilter
{
    public OneOrMany<ModeratorValue>? Values { get; init; }

    public ModeratorRange? Range { get; init; }

    public bool IsEmptyRange => Range is { From: { } from, To: { } to } && from > to;

    public bool Passes(ModeratorValue? value) => value is { } known
        && (Values is null || Values.Values.Any(allowed => allowed.ToString() == known.ToString()))
        && (Range is null || (known.Number is { } number && !(number < Range.From) && !(number > Range.To)));

    /// <summary>Reads <c>moderators.NAME</c>, <c>moderators.NAME.from</c> and <c>moderators.NAME.to</c> of a query.</summary>
    public static IReadOnlyDictionary<string, ModeratorFilter>? Read(QueryReader query)
    {
        var filters = new SortedDictionary<string, ModeratorFilter>(StringComparer.Ordinal);
        foreach (var parameter in query.NamesStartingWith(EvidenceSnapshot.FreeModeratorPrefix))
        {
            var path = parameter[EvidenceSnapshot.FreeModeratorPrefix.Length..];
            var (name, end) = path.EndsWith(".from", StringComparison.Ordinal) ? (path[..^5], "from")
                : path.EndsWith(".to", StringComparison.Ordinal) ? (path[..^3], "to") : (path, "");
            var known = filters.GetValueOrDefault(name) ?? new();
            filters[name] = end switch
            {
                "from" => known with { Range = (known.Range ?? new()) with { From = query.Number(parameter) } },
                "to" => known with { Range = (known.Range ?? new()) with { To = query.Number(parameter) } },
                _ => known with { Values = OneOrMany<ModeratorValue>.FromValues([.. query.Texts(parameter).Select(ModeratorValue.Parse)]) },
            };
        }

        return filters.Count == 0 ? null : filters;
    }

    private sealed class ModeratorFilterConverter : JsonConverter<ModeratorFilter>
    {
        public override ModeratorFilter Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.StartObject
                ? new() { Range = JsonSerializer.Deserialize<ModeratorRange>(ref reader, options) }
                : new() { Values = JsonSerializer.Deserialize<OneOrMany<ModeratorValue>>(ref reader, options) };

        public override void Write(Utf8JsonWriter writer, ModeratorFilter value, JsonSerializerOptions options)
        {
            if (value.Range is { } range)
            {
                JsonSerializer.Serialize(writer, range, options);
            }
            else
            {
                JsonSerializer.Serialize(writer, value.Values, options);
            }
        }
    }
}

/// <summary>A range of numbers, both ends included; an absent end is open.</summary>
internal sealed record ModeratorRange
{
    public double? From { get; init; }

    public double? To { get; init; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From} to {To}");
}
