using System.Globalization;

namespace RealRelationshipApi.Reporting;

/// <summary>Formats numbers in APA style (7th edition): two decimals, and no leading zero for quantities that cannot exceed 1.</summary>
internal static class ApaFormat
{
    /// <summary>Placeholder for a number that cannot be estimated.</summary>
    public const string NotEstimable = "–";

    private const string Minus = "−";
    private const double RoundsToOne = 0.995;
    private const double MinP = 0.001;
    private const double MaxUngrouped = 10_000;
    private const double MaxFixed = 1e9;
    private const int MaxDecimals = 6;

    /// <summary>A correlation; values that would round to 1 become <c>&gt; .99</c>.</summary>
    public static string Correlation(double? r) => r switch
    {
        null => NotEstimable,
        >= RoundsToOne and < 1 => "> .99",
        <= -RoundsToOne and > -1 => $"< {Minus}.99",
        { } value => WithoutLeadingZero(Fixed(value, 2)),
    };

    /// <summary>Whether <see cref="Correlation"/> writes a correlation out, rather than as beyond ±.99.</summary>
    public static bool IsWrittenOut(double r) => Math.Abs(r) is < RoundsToOne or 1;

    /// <summary>A number of any size: with the decimals asked for, as many more as show one digit of a small one, and thousands parted.</summary>
    public static string Number(double? value, int decimals = 2) => value switch
    {
        null => NotEstimable,
        { } x when Math.Abs(x) >= MaxFixed => PowerOfTen(x),
        { } x when Math.Abs(x) >= MaxUngrouped => x.ToString("N0", CultureInfo.InvariantCulture).Replace("-", Minus, StringComparison.Ordinal),
        { } x when Math.Abs(x) >= Math.Pow(10, -decimals) / 2 || Math.Abs(x) < Math.Pow(10, -MaxDecimals) / 2 => Fixed(x, decimals),
        { } x => Fixed(x, (int)Math.Ceiling(-Math.Log10(Math.Abs(x)))),
    };

    /// <summary>A p-value with its sign: <c>= .012</c> or <c>&lt; .001</c>.</summary>
    public static string PValue(double? p) => p switch
    {
        null => $"= {NotEstimable}",
        < MinP => "< .001",
        > 1 - MinP => "> .999",
        { } value => $"= {WithoutLeadingZero(Fixed(value, 3))}",
    };

    public static string Percent(double? value, int decimals = 0) => value is { } percent ? $"{Fixed(percent, decimals)}%" : NotEstimable;

    public static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Confidence level of an interval: <c>95%</c>.</summary>
    public static string Confidence(double confidence) => $"{(confidence * 100).ToString("0.###", CultureInfo.InvariantCulture)}%";

    /// <summary><c>1.2 × 10^12</c>.</summary>
    private static string PowerOfTen(double value)
    {
        var parts = value.ToString("0.0e+0", CultureInfo.InvariantCulture).Replace("-", Minus, StringComparison.Ordinal).Split("e+");
        return $"{parts[0]} × 10^{parts[1]}";
    }

    private static string Fixed(double value, int decimals)
    {
        var text = value.ToString("F" + decimals, CultureInfo.InvariantCulture);
        return text.StartsWith('-') ? (text.AsSpan(1).ContainsAnyInRange('1', '9') ? Minus + text[1..] : text[1..]) : text;
    }

    private static string WithoutLeadingZero(string text) => text.Replace("0.", ".", StringComparison.Ordinal);
}
