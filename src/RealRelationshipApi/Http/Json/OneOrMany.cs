using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealRelationshipApi.Http.Json;

/// <summary>One value or an array of values; effects that match any of them are selected.</summary>
[JsonConverter(typeof(OneOrManyConverterFactory))]
internal sealed record OneOrMany<T>(IReadOnlyList<T> Values)
{
    /// <summary>Null if there is no value, since such a filter selects everything.</summary>
    public static OneOrMany<T>? FromValues(IReadOnlyList<T> values) => values is { Count: > 0 } ? new(values) : null;
}

internal sealed class OneOrManyConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(OneOrMany<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(OneOrManyConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class OneOrManyConverter<T> : JsonConverter<OneOrMany<T>>
    {
        public override OneOrMany<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                return new([ReadOne(ref reader, options)]);
            }

            var values = new List<T>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                values.Add(ReadOne(ref reader, options));
            }

            return values.Count > 0 ? new(values) : throw new InvalidJsonValueException("must hold at least one value");
        }

        public override void Write(Utf8JsonWriter writer, OneOrMany<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Values, options);

        private static T ReadOne(ref Utf8JsonReader reader, JsonSerializerOptions options)
        {
            if (reader.TokenType is JsonTokenType.Null or JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                throw new InvalidJsonValueException("must be a value or an array of values");
            }

            try
            {
                return ((JsonConverter<T>)options.GetConverter(typeof(T))).Read(ref reader, typeof(T), options)!;
            }
            catch (InvalidOperationException error)
            {
                throw new InvalidJsonValueException($"must be {TypeDescription}, or an array of such", error);
            }
        }

        private static string TypeDescription => typeof(T) == typeof(bool) ? "true or false" : typeof(T) == typeof(string) ? "a text" : "a value of its kind";
    }
}
