using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

using FluentValidation;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Evidence;

/// <summary>A point in the history of the evidence: a revision, or a date and time with UTC offset.</summary>
[JsonConverter(typeof(Converter)), OneOf(typeof(long), typeof(string))]
internal sealed record AsOf(long? Revision, DateTimeOffset? Instant)
{
    public const string ErrorMessage = $"must be {AcceptedForms}";

    public const string AcceptedForms = "an evidence revision, or an instant with its offset such as 2026-11-23T09:00:00Z";

    /// <summary>Before the first study.</summary>
    public static readonly AsOf Start = new(0, null);

    public static AsOf? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            return new(revision, null);
        }

        return UtcTimestampConverter.TryParse(text, out var instant) ? new(null, instant) : null;
    }

    /// <summary>Reads a query parameter; adds an error for an invalid value.</summary>
    internal static AsOf? Read(QueryReader query, string name)
    {
        var text = query.Text(name);
        var asOf = text is null ? null : Parse(text);
        if (text is not null && asOf is null)
        {
            query.AddInvalid(name, ErrorMessage);
        }

        return asOf;
    }

    private sealed class Converter : JsonConverter<AsOf>
    {
        public override AsOf Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.Number when reader.TryGetInt64(out var revision) && revision >= 0 => new AsOf(revision, null),
            JsonTokenType.String when Parse(reader.GetString()!) is { } asOf => asOf,
            _ => throw new InvalidJsonValueException(ErrorMessage),
        };

        public override void Write(Utf8JsonWriter writer, AsOf value, JsonSerializerOptions options)
        {
            if (value.Revision is { } revision)
            {
                writer.WriteNumberValue(revision);
            }
            else
            {
                writer.WriteStringValue(value.Instant!.Value);
            }
        }
    }
}

internal static class AsOfRules
{
    /// <summary>Rejects instants of the first year that cannot be represented in UTC.</summary>
    public static IRuleBuilderOptions<T, AsOf?> IsRepresentableInstant<T>(this IRuleBuilder<T, AsOf?> rule) => rule
        .Must(asOf => asOf?.Instant is null || asOf.Instant.Value.Year > 1).WithErrorCode(ErrorCodes.NotAValue).WithMessage(AsOf.ErrorMessage);
}
