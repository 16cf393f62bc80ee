using System.Globalization;

namespace RealRelationship.Statistics;

/// <summary>A moderator with its power in a term.</summary>
/// <param name="Moderator">Name of the moderator.</param>
/// <param name="Power">1 for the moderator itself; higher for a number only.</param>
public sealed record TermFactor(string Moderator, int Power = 1);

/// <summary>A term of a regression: a moderator, a power of one (<c>a^2</c>), or a product of these (<c>a:b</c>).</summary>
public sealed record RegressionTerm
{
    /// <summary>The highest power.</summary>
    public const int MaxPower = 6;

    /// <summary>The most moderators of a product.</summary>
    public const int MaxFactors = 4;

    /// <summary>Makes a term.</summary>
    /// <param name="name">Name of its columns.</param>
    /// <param name="factors">Its moderators; one named several times has the sum of its powers.</param>
    /// <exception cref="ArgumentException">No factor, more than <see cref="MaxFactors"/>, or a power outside 1 to <see cref="MaxPower"/>.</exception>
    public RegressionTerm(string name, IReadOnlyList<TermFactor> factors)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(factors);
        Factors = [.. factors.GroupBy(f => f.Moderator, StringComparer.Ordinal).Select(g => new TermFactor(g.Key, g.Sum(f => f.Power)))];
        if (Factors.Count is < 1 or > MaxFactors || factors.Any(f => f.Power < 1) || Factors.Any(f => f.Power > MaxPower))
        {
            throw new ArgumentException($"A term has 1 to {MaxFactors} moderators with powers of 1 to {MaxPower}.", nameof(factors));
        }
        Name = name;
    }

    /// <summary>Name of its columns.</summary>
    public string Name { get; }

    /// <summary>Its moderators, each once, in the order given.</summary>
    public IReadOnlyList<TermFactor> Factors { get; }

    /// <summary>True for a moderator alone.</summary>
    public bool IsModerator => Factors is [{ Power: 1 }];

    /// <summary>Reads <c>a</c>, <c>a^2</c>, <c>a:b</c> or <c>a^2:b</c>. Names of moderators may contain colons and carets: the longest known one
    /// counts.</summary>
    /// <param name="text">The term.</param>
    /// <param name="isKnown">Whether a name is that of a moderator.</param>
    /// <returns>Null if it names something unknown, or if its powers or factors are too many.</returns>
    public static RegressionTerm? Parse(string text, Func<string, bool> isKnown)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentNullException.ThrowIfNull(isKnown);
        return Factorise(text, isKnown, MaxFactors * MaxPower) is { } factors
            && factors.GroupBy(f => f.Moderator, StringComparer.Ordinal).All(g => g.Sum(f => f.Power) <= MaxPower)
            && factors.DistinctBy(f => f.Moderator, StringComparer.Ordinal).Count() <= MaxFactors
            ? new RegressionTerm(text, factors)
            : null;
    }

    /// <summary>Whether both are the same product, whatever their names and order.</summary>
    public bool IsSameProduct(RegressionTerm other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Factors.Count == other.Factors.Count && Factors.All(other.Factors.Contains);
    }

    /// <summary>Whether another term is a product of this one and something else.</summary>
    public bool IsPartOf(RegressionTerm other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return !IsSameProduct(other) && Factors.All(f => other.Factors.Any(o => o.Moderator == f.Moderator && o.Power >= f.Power));
    }

    private static List<TermFactor>? Factorise(string text, Func<string, bool> isKnown, int most)
    {
        if (Atom(text, isKnown) is { } atom)
        {
            return [atom];
        }
        for (var at = text.LastIndexOf(':'); at > 0 && most > 1; at = text.LastIndexOf(':', at - 1))
        {
            if (Atom(text[..at], isKnown) is { } first && at < text.Length - 1 && Factorise(text[(at + 1)..], isKnown, most - 1) is { } rest)
            {
                return [first, .. rest];
            }
        }
        return null;
    }

    private static TermFactor? Atom(string text, Func<string, bool> isKnown)
    {
        if (isKnown(text))
        {
            return new TermFactor(text);
        }
        var caret = text.LastIndexOf('^');
        return caret > 0 && isKnown(text[..caret]) && int.TryParse(text.AsSpan(caret + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var power)
            && power is >= 1 and <= MaxPower
            ? new TermFactor(text[..caret], power)
            : null;
    }
}
