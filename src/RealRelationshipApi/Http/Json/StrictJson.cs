using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Json;

/// <summary>Strict JSON: unknown, duplicate, missing and mistyped members are errors, with a pointer.</summary>
internal static partial class StrictJson
{
    /// <summary>What is said of a value that does not fit, where nothing more is known.</summary>
    public const string WrongType = "has a value of the wrong type";

    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.MaxDepth = 32;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new StrictEnumConverterFactory());
        options.Converters.Add(new FiniteDoubleConverter());
        options.Converters.Add(new WholeNumberConverter());
        options.Converters.Add(new UtcTimestampConverter());
        return options;
    }

    /// <summary>Converts a parsing error to 400 with a JSON pointer.</summary>
    public static Problem ToProblem(JsonException error) => Problem.Malformed(ToErrors(error));

    public static FieldError[] ToErrors(JsonException error)
    {
        var at = JsonPointer.FromJsonPath(error.Path);
        if (MissingMembersMessage().Match(error.Message) is { Success: true } missing)
        {
            return [.. QuotedName().Matches(missing.Groups["names"].Value)
                .Select(name => MissingMember(at, name.Groups["name"].Value))];
        }

        if (UnknownMemberMessage().Match(error.Message) is { Success: true } unknown)
        {
            var escaped = JsonPointer.Escape(unknown.Groups["name"].Value);
            return [UnknownMember(at.EndsWith('/' + escaped, StringComparison.Ordinal) ? at : $"{at}/{escaped}")];
        }
        if (error.Message.StartsWith("Duplicate", StringComparison.Ordinal))
        {
            // For a dictionary only the path contains the name.
            var name = QuotedName().Match(error.Message) is { Success: true } quoted ? '/' + JsonPointer.Escape(quoted.Groups["name"].Value) : "";
            return [DuplicateMember(at.EndsWith(name, StringComparison.Ordinal) ? at : at + name)];
        }
        return error switch
        {
            InvalidJsonValueException invalid => [new FieldError(at, ErrorCodes.NotAValue, invalid.Message)],
            { InnerException: InvalidJsonValueException invalid } => [new FieldError(at, ErrorCodes.NotAValue, invalid.Message)],
            { InnerException: InvalidOperationException inner } when inner.Message.Contains("UTF-",
                StringComparison.Ordinal) => [
                    new FieldError(at, ErrorCodes.NotUnicode, "holds text that is not Unicode: a lone surrogate, or bytes that are not UTF-8")],
            { InnerException: InvalidOperationException inner } when inner.Message.Contains("'Null'",
                StringComparison.Ordinal) => [NullMember(at)],
            // The name of a type in the message may contain Nullable.
            _ when error.Message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal)
                => [new FieldError(at, ErrorCodes.NotAValue, WrongType)],
            // The text n names the literal null that it is not.
            _ when error.Message.Contains("null", StringComparison.OrdinalIgnoreCase)
                && !error.Message.Contains("invalid JSON literal", StringComparison.Ordinal) => [NullMember(at)],
            _ when error.Message.Contains("maximum configured depth", StringComparison.Ordinal)
                => [new FieldError(at, ErrorCodes.TooDeep, "is nested too deeply")],
            _ => [new FieldError(at, ErrorCodes.NotJson,
                $"is not valid JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}){HintOf(error.Message)}")],
        };
    }

    // What the usual slips of other notations are.
    private static string HintOf(string message) => message switch
    {
        _ when message.Contains("trailing comma", StringComparison.Ordinal) => ": no comma before a closing bracket",
        _ when message.Contains("'\'' is an invalid start", StringComparison.Ordinal) => ": names and texts stand in double quotes",
        _ when message.Contains("is an invalid start of a property name", StringComparison.Ordinal) => ": names of members stand in double quotes",
        _ when message.Contains("'N' is an invalid start", StringComparison.Ordinal) || message.Contains("'I' is an invalid start", StringComparison.Ordinal)
            => ": NaN, NA and Infinity are no numbers; leave the member out",
        _ when message.Contains("'.' is an invalid start", StringComparison.Ordinal) => ": a number starts with a digit, as 0.38",
        _ when message.Contains("'/' is ", StringComparison.Ordinal) => ": there are no comments",
        _ when message.Contains("'T' is an invalid start", StringComparison.Ordinal) || message.Contains("'F' is an invalid start", StringComparison.Ordinal)
            => ": true and false are lower case",
        _ => "",
    };

    internal static FieldError MissingMember(string at, string name) => new($"{at}/{JsonPointer.Escape(name)}", ErrorCodes.Required, "is required");

    internal static FieldError NullMember(string at) => new(at, ErrorCodes.Null, "may not be null");

    internal static FieldError UnknownMember(string at) => new(at, ErrorCodes.UnknownMember, "is not a member that is understood here");

    /// <summary>The same with the name that may have been meant, or else all that are known.</summary>
    internal static FieldError UnknownMember(string at, string name, JsonTypeInfo info) => new(at, ErrorCodes.UnknownMember,
        "is not a member that is understood here"
            + SimilarNames.Suggest(name, info.Properties.Select(p => p.Name), $"; members are {JsonExpectation.MembersOf(info)}"));

    internal static FieldError DuplicateMember(string at) => new(at, ErrorCodes.DuplicateMember, "stands more than once in its object");

    [GeneratedRegex(@"was missing required properties including: (?<names>.+)$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex MissingMembersMessage();

    [GeneratedRegex(@"^The JSON property '(?<name>.*)' could not be mapped to any \.NET member", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex UnknownMemberMessage();

    [GeneratedRegex(@"'(?<name>[^']*)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QuotedName();
}

/// <summary>A token of the right type with a value that is not allowed; the message is the detail of the field error.</summary>
internal sealed class InvalidJsonValueException(string message, Exception? inner = null) : JsonException(message, inner)
{
    public InvalidJsonValueException() : this("has a value that is not allowed") { }

    public InvalidJsonValueException(string message) : this(message, null) { }
}

/// <summary>Finite numbers only: <c>1e400</c> is an error, and NaN and infinity are never written.</summary>
internal sealed class FiniteDoubleConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType != JsonTokenType.Number ? throw new InvalidJsonValueException("must be a number, without quotes, such as 0.38")
        : reader.TryGetDouble(out var value) && double.IsFinite(value) ? value
        : throw new InvalidJsonValueException("is too large to be a number");

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value == 0 ? 0 : value);
        }
        else
        {
            throw new InvalidOperationException("A number that is not finite was about to leave the service.");
        }
    }
}

/// <summary>Whole numbers in any notation: <c>100000</c>, <c>1e5</c> (R) and <c>100000.0</c> (Python) are equal.</summary>
internal sealed class WholeNumberConverter : JsonConverter<long>
{
    private const double MaxExactInteger = 9007199254740992;

    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType != JsonTokenType.Number ? throw new InvalidJsonValueException("must be a whole number, without quotes, such as 100")
        : reader.TryGetInt64(out var whole) ? whole
        : reader.TryGetDouble(out var value) && Math.Abs(value) <= MaxExactInteger && Math.Truncate(value) == value ? (long)value
        : throw new InvalidJsonValueException("must be a whole number");

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

internal sealed class StrictEnumConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(StrictEnumConverter<>).MakeGenericType(typeToConvert))!;

    /// <summary>Enum values as camelCase names, case-sensitive; the error lists them.</summary>
    private sealed class StrictEnumConverter<T> : JsonConverter<T> where T : struct, Enum
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && EnumNames<T>.TryParse(reader.GetString()!, out var value) ? value
            : throw new InvalidJsonValueException(EnumNames<T>.Describe(reader.TokenType == JsonTokenType.String ? reader.GetString()! : ""));

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(EnumNames<T>.Of(value));
    }
}
