using System.Globalization;
using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>A value of a moderator: a number or a level.</summary>
/// <param name="Number">The number; null for a level.</param>
/// <param name="Level">The level; null for a number.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ModeratorPoint(double? Number, string? Level)
{
    /// <summary>A number.</summary>
    public static implicit operator ModeratorPoint(double number) => new(number, null);

    /// <summary>A level.</summary>
    public static implicit operator ModeratorPoint(string level) => new(null, level);
}

/// <summary>Values of a moderator, one per effect: numbers, or levels of a factor.</summary>
public sealed class Moderator
{
    private readonly double[] _numbers = [];
    private readonly int[] _codes = [];

    private Moderator(string name, double[] numbers) => (Name, _numbers, Levels) = (name, numbers, []);

    private Moderator(string name, IReadOnlyList<string> values, string[] levels)
    {
        (Name, Levels) = (name, levels);
        var codes = levels.Index().ToDictionary(level => level.Item, level => level.Index, StringComparer.Ordinal);
        _codes = [.. values.Select(value => codes[value])];
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Levels of a factor, the reference level first; none of a number.</summary>
    public IReadOnlyList<string> Levels { get; }

    /// <summary>True for numbers.</summary>
    public bool IsContinuous => Levels.Count == 0;

    /// <summary>Number of effects.</summary>
    public int Count => IsContinuous ? _numbers.Length : _codes.Length;

    /// <summary>Numbers, one per effect; none of a factor.</summary>
    public ReadOnlySpan<double> Numbers => _numbers;

    internal ReadOnlySpan<int> Codes => _codes;

    /// <summary>A number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">One finite value per effect, at least one.</param>
    /// <exception cref="ArgumentException">No value, or one that is not finite.</exception>
    public static Moderator Continuous(string name, IReadOnlyList<double> values)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(values);
        double[] numbers = [.. values];
        return numbers.Length > 0 && numbers.AsSpan().AllFinite() ? new Moderator(name, numbers)
            : throw new ArgumentException($"'{name}' has finite values, at least one.", nameof(values));
    }

    /// <summary>A factor with levels in ordinal order, of which the first is the reference level.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">One level per effect, at least one.</param>
    /// <exception cref="ArgumentException">No value.</exception>
    public static Moderator Categorical(string name, IReadOnlyList<string> values)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(values);
        return values.Count > 0 ? new Moderator(name, values, [.. values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)])
            : throw new ArgumentException($"'{name}' has at least one value.", nameof(values));
    }

    /// <summary>A factor with numeric codes as levels in numeric order, of which the lowest is the reference level.</summary>
    /// <inheritdoc cref="Continuous" path="/param"/>
    /// <inheritdoc cref="Continuous" path="/exception"/>
    public static Moderator FromCodes(string name, IReadOnlyList<double> values)
    {
        var numbers = Continuous(name, values)._numbers;
        return new Moderator(name, [.. numbers.Select(LevelOf)], [.. numbers.Select(x => x + 0.0).Distinct().Order().Select(LevelOf)]);
    }

    /// <summary>The level that a numeric code is.</summary>
    public static string LevelOf(double code) => (code + 0.0).ToString("R", CultureInfo.InvariantCulture);
}
