namespace RealRelationshipApi.Reporting.Plots;

/// <summary>What a row of a <see cref="RowChart"/> shows.</summary>
internal enum ChartRowKind
{
    /// <summary>Words over the rows that follow.</summary>
    Heading,

    /// <summary>An estimate as a square, with its interval.</summary>
    Estimate,

    /// <summary>The pooled effect of a level as a diamond.</summary>
    Level,

    /// <summary>The pooled effect as a diamond.</summary>
    Pooled,

    /// <summary>A prediction interval as a bar.</summary>
    Prediction,

    /// <summary>A published pooled result as an open diamond.</summary>
    Reference,

    /// <summary>A published range of results as a line.</summary>
    Range,

    /// <summary>Words alone.</summary>
    Note,
}

/// <summary>A row of a <see cref="RowChart"/>.</summary>
/// <param name="Kind">What it shows.</param>
/// <param name="Label">In front.</param>
internal sealed record ChartRow(ChartRowKind Kind, string Label)
{
    /// <summary>A second, smaller line below the label.</summary>
    public string? Sublabel { get; init; }

    /// <summary>In the second column: how many.</summary>
    public string CountText { get; init; } = "";

    public double? Point { get; init; }

    public double? Lower { get; init; }

    public double? Upper { get; init; }

    /// <summary>The area of the square, 1 for the largest.</summary>
    public double Size { get; init; } = 0.4;

    /// <summary>In the last column: the weight.</summary>
    public string WeightText { get; init; } = "";

    public double Height => Kind == ChartRowKind.Heading ? 28 : Sublabel is null ? 22 : 34;

    public IEnumerable<double> Values => new[] { Point, Lower, Upper }.OfType<double>();
}
