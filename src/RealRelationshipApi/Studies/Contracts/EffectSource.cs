namespace RealRelationshipApi.Studies.Contracts;

/// <summary>Where a statistic stands. Texts have at most 300 characters.</summary>
internal sealed record EffectSource
{
    /// <summary>Page, as printed.</summary>
    public string? Page { get; init; }

    /// <summary>Number of the table.</summary>
    public string? Table { get; init; }

    /// <summary>Number of the figure.</summary>
    public string? Figure { get; init; }

    /// <summary>The words of the publication.</summary>
    public string? Quote { get; init; }

    /// <summary>Address, http or https.</summary>
    public string? Url { get; init; }

    /// <summary>How the statistic was derived from what is printed.</summary>
    public string? Derivation { get; init; }
}

/// <summary>Who coded an effect, when, and how certain it is.</summary>
internal sealed record EffectCoding
{
    /// <summary>Name or initials of the coder.</summary>
    public string? Coder { get; init; }

    /// <summary>When it was coded.</summary>
    public DateOnly? Date { get; init; }

    /// <summary><c>exact</c> (printed), <c>derived</c> (computed from what is printed) or <c>upperBound</c> (as “p &lt; .05”: not pooled unless
    /// <c>bounds=include</c>).</summary>
    public CodingCertainty? Certainty { get; init; }
}

internal enum CodingCertainty { Exact, Derived, UpperBound }
