using System.Globalization;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http;

/// <summary>Reads typed values from a query string by the invariant culture, gathering every fault instead of stopping at the first.</summary>
public sealed class QueryReader(IQueryCollection query)
{
    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private readonly List<FieldError> _faults = [];

    public IReadOnlyList<FieldError> Faults => _faults;

    /// <summary>Notes a value that its reader could not take.</summary>
    public void Refuse(string name, string rule) => _faults.Add(new FieldError($"?{name}", FaultCodes.NotAValue, rule));

    /// <summary>Notes a parameter that must be there and is not.</summary>
    public void Require(string name, string rule) => _faults.Add(new FieldError($"?{name}", FaultCodes.Required, rule));

    public string? Text(string name) => query.TryGetValue(name, out var values) ? values[0] ?? "" : null;

    /// <summary>Every value of a repeatable text parameter; empty ones are refused.</summary>
    public IReadOnlyList<string> Texts(string name) => Parse(name, (string text, out string value) =>
    {
        value = text;
        return text.Length > 0;
    }, () => "must not be empty");

    public double? Number(string name) => Single(name, (string text, out double value) =>
        double.TryParse(text, Decimal, CultureInfo.InvariantCulture, out value) && double.IsFinite(value), () => "must be a number, with a point before decimals");

    public IReadOnlyList<double> Numbers(string name) => Parse(name, (string text, out double value) =>
        double.TryParse(text, Decimal, CultureInfo.InvariantCulture, out value) && double.IsFinite(value), () => "must be a number, with a point before decimals");

    public long? Whole(string name) => Single(name, (string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value), () => "must be a whole number");

    /// <summary>A number inside the limits that its parameter declares.</summary>
    public double? Number(QueryParameter parameter) => Inside(parameter, Number(parameter.Name));

    /// <summary>A whole number inside the limits that its parameter declares.</summary>
    public long? Whole(QueryParameter parameter)
    {
        var value = Whole(parameter.Name);
        return Inside(parameter, value) is null ? null : value;
    }

    public bool? Flag(string name) => Single(name, (string text, out bool value) => TryFlag(text, out value), () => "must be true or false");

    public IReadOnlyList<bool> Flags(string name) => Parse(name, (string text, out bool value) => TryFlag(text, out value), () => "must be true or false");

    public T? Choice<T>(string name) where T : struct, Enum => Single(name, (string text, out T value) => EnumNames<T>.TryParse(text, out value), OneOf<T>);

    public IReadOnlyList<T> Choices<T>(string name) where T : struct, Enum =>
        Parse(name, (string text, out T value) => EnumNames<T>.TryParse(text, out value), OneOf<T>);

    private double? Inside(QueryParameter parameter, double? value)
    {
        var isInside = value is not { } number || (parameter.IsOpen
            ? !(number <= parameter.Least) && !(number >= parameter.Most)
            : !(number < parameter.Least) && !(number > parameter.Most));
        if (isInside)
        {
            return value;
        }

        _faults.Add(new($"?{parameter.Name}", "outOfRange", Range(parameter)));
        return null;
    }

    private static string Range(QueryParameter parameter) => parameter switch
    {
        { IsOpen: true } => $"must lie between {Text(parameter.Least)} and {Text(parameter.Most)}, both excluded",
        { Most: null } => $"must be {Text(parameter.Least)} or more",
        _ => $"must be from {Text(parameter.Least)} to {Text(parameter.Most)}",
    };

    private static string Text(double? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string OneOf<T>() where T : struct, Enum => $"must be one of {string.Join(", ", EnumNames<T>.All)}";

    private static bool TryFlag(string text, out bool value)
    {
        value = text == "true";
        return text is "true" or "false";
    }

    private T? Single<T>(string name, TryParse<T> parse, Func<string> rule) where T : struct
    {
        var values = Parse(name, parse, rule);
        return values.Count == 0 ? null : values[0];
    }

    private IReadOnlyList<T> Parse<T>(string name, TryParse<T> parse, Func<string> rule)
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
                Refuse(name, rule());
            }
        }
        return parsed;
    }

    private delegate bool TryParse<T>(string text, out T value);
}
