using System.Globalization;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http;

/// <summary>Parses typed values from a query string, culture-invariant, and collects every error.</summary>
internal sealed class QueryReader(IQueryCollection query)
{
    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> Errors => _errors;

    /// <summary>Adds an error for an invalid value.</summary>
    public void AddInvalid(string name, string rule) => _errors.Add(new FieldError($"?{name}", ErrorCodes.NotAValue, rule));

    /// <summary>Adds an error with a code of its own.</summary>
    public void AddError(string name, string code, string rule) => _errors.Add(new FieldError($"?{name}", code, rule));

    /// <summary>Adds an error for a missing parameter.</summary>
    public void AddMissing(string name, string rule) => _errors.Add(new FieldError($"?{name}", ErrorCodes.Required, rule));

    /// <summary>Names of the given parameters with a prefix.</summary>
    public IEnumerable<string> NamesStartingWith(string prefix) => query.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    public string? Text(string name) => query.TryGetValue(name, out var values) ? values[0] ?? "" : null;

    /// <summary>All values of a repeatable text parameter; empty ones are errors.</summary>
    public IReadOnlyList<string> Texts(string name) => Parse(name, (string text, out string value) =>
    {
        value = text;
        return text.Length > 0;
    }, _ => "must not be empty");

    public double? Number(string name) => ParseSingle(name, (string text, out double value) =>
        double.TryParse(text, Decimal, CultureInfo.InvariantCulture, out value) && double.IsFinite(value),
        _ => "must be a number, with a point before decimals");

    public IReadOnlyList<double> Numbers(string name) => Parse(name, (string text, out double value) =>
        double.TryParse(text, Decimal, CultureInfo.InvariantCulture, out value) && double.IsFinite(value),
        _ => "must be a number, with a point before decimals");

    public long? Integer(string name) => ParseSingle(name, (string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value), _ => "must be a whole number");

    public IReadOnlyList<long> Integers(string name) => Parse(name, (string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value), _ => "must be a whole number");

    /// <summary>A number within the parameter's limits.</summary>
    public double? Number(QueryParameter parameter) => CheckRange(parameter, Number(parameter.Name));

    /// <summary>A whole number within the parameter's limits.</summary>
    public long? Integer(QueryParameter parameter)
    {
        var value = Integer(parameter.Name);
        return CheckRange(parameter, value) is null ? null : value;
    }

    public bool? Boolean(string name) => ParseSingle(name, (string text, out bool value) => TryParseBoolean(text, out value), _ => "must be true or false");

    public IReadOnlyList<bool> Booleans(string name) =>
        Parse(name, (string text, out bool value) => TryParseBoolean(text, out value), _ => "must be true or false");

    public T? Choice<T>(string name) where T : struct, Enum =>
        ParseSingle(name, (string text, out T value) => EnumNames<T>.TryParse(text, out value), EnumNames<T>.Describe);

    public IReadOnlyList<T> Choices<T>(string name) where T : struct, Enum =>
        Parse(name, (string text, out T value) => EnumNames<T>.TryParse(text, out value), text => text.Split(',') is [var first, var second, ..] parts
            && parts.All(part => EnumNames<T>.TryParse(part, out _))
                ? $"takes one value at a time: repeat the name, as in ?{name}={first}&{name}={second}" : EnumNames<T>.Describe(text));

    private double? CheckRange(QueryParameter parameter, double? value)
    {
        var isInside = value is not { } number || (parameter.IsExclusive
            ? !(number <= parameter.Minimum) && !(number >= parameter.Maximum)
            : !(number < parameter.Minimum) && !(number > parameter.Maximum));
        if (isInside)
        {
            return value;
        }

        _errors.Add(new($"?{parameter.Name}", "outOfRange", DescribeRange(parameter)));
        return null;
    }

    private static string DescribeRange(QueryParameter parameter) => parameter switch
    {
        { IsExclusive: true } => $"must lie between {Text(parameter.Minimum)} and {Text(parameter.Maximum)}, both excluded",
        { Maximum: null } => $"must be {Text(parameter.Minimum)} or more",
        _ => $"must be from {Text(parameter.Minimum)} to {Text(parameter.Maximum)}",
    };

    private static string Text(double? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static bool TryParseBoolean(string text, out bool value)
    {
        value = text == "true";
        return text is "true" or "false";
    }

    private T? ParseSingle<T>(string name, TryParse<T> parse, Func<string, string> rule) where T : struct
    {
        var values = Parse(name, parse, rule);
        return values.Count == 0 ? null : values[0];
    }

    private IReadOnlyList<T> Parse<T>(string name, TryParse<T> parse, Func<string, string> rule)
    {
        if (!query.TryGetValue(name, out var values))
        {
            return [];
        }

        var parsed = new List<T>();
        foreach (var text in values)
        {
            if (parse(text ?? "", out var value))
            {
                parsed.Add(value);
            }
            else
            {
                AddInvalid(name, rule(text ?? ""));
            }
        }
        return parsed;
    }

    private delegate bool TryParse<T>(string text, out T value);
}
