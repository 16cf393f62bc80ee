using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Studies.Contracts;

/// <summary>Value of a moderator: a finite number (continuous) or a text (categorical).</summary>
[JsonConverter(typeof(ModeratorValueConverter)), OneOf(typeof(double), typeof(string))]
internal readonly record struct ModeratorValue
{
    private ModeratorValue(double? number, string? text) => (Number, Text) = (number, text);

    public double? Number { get; }

    public string? Text { get; }

    public static ModeratorValue Of(double number) => new(number, null);

    public static ModeratorValue Of(string text) => new(null, text);

    /// <summary>A number if the text is one, otherwise the text.</summary>
    public static ModeratorValue Parse(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? Of(number) : Of(text);

    public override string ToString() => Text ?? Number!.Value.ToString("R", CultureInfo.InvariantCulture);

    private sealed class ModeratorValueConverter : JsonConverter<ModeratorValue>
    {
        public override bool HandleNull => true;

        public override ModeratorValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.String => Of(reader.GetString()!),
            JsonTokenType.Number when reader.TryGetDouble(out var number) && double.IsFinite(number) => Of(number),
            JsonTokenType.Number => throw new InvalidJsonValueException("is too large to be a number"),
            _ => throw new InvalidJsonValueException("must be a number (continuous) or a text (categorical)"),
        };

        public override void Write(Utf8JsonWriter writer, ModeratorValue value, JsonSerializerOptions options)
        {
            if (value.Number is { } number)
            {
                writer.WriteNumberValue(number);
            }
            else
            {
                writer.WriteStringValue(value.Text);
            }
        }
    }
}
