using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace RealRelationshipApi.Http.Json;

/// <summary>Writes timestamps in UTC with Z, and reads them only with an offset, since a local time is ambiguous.</summary>
internal sealed partial class UtcTimestampConverter : JsonConverter<DateTimeOffset>
{
    private const string WriteFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";
    private static readonly string[] s_readFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    public const string ErrorMessage = "must be an instant with its offset, such as 2026-11-23T09:00:00Z";

    /// <summary>Whether the text is an ISO 8601 instant with an offset.</summary>
    public static bool TryParse(string text, out DateTimeOffset instant)
    {
        instant = default;
        var hasOffset = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-');
        return hasOffset && (TryParseExact(text, out instant) || TryParseExact(TruncateFraction(text), out instant));
    }

    private static bool TryParseExact(string text, out DateTimeOffset instant) =>
        DateTimeOffset.TryParseExact(text, s_readFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out instant);

    /// <summary>The text with at most seven decimals of a second: what is smaller than 100 ns is cut off.</summary>
    public static string TruncateFraction(string text) => LongFraction().Replace(text, "${kept}");

    [GeneratedRegex(@"(?<=:[0-9]{2})(?<kept>\.[0-9]{7})[0-9]{1,5}(?![0-9])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LongFraction();

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TryParse(reader.GetString()!, out var instant) ? instant
            : throw new InvalidJsonValueException(ErrorMessage);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(WriteFormat, CultureInfo.InvariantCulture));
}
