namespace RealRelationshipApi.Reporting.Plots;

/// <summary>Kind of a row of a <see cref="RowChart"/>.</summary>
internal enum ChartRowKind
{
    /// <summary>A heading above the following rows.</summary>
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

    /// <summary>Text only.</summary>
    Note,

    /// <summary>A line of small text below the row before.</summary>
    Detail,
}

/// <summary>A row of a <see cref="RowChart"/>.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Label">Text of the first column.</param>
internal sealed record ChartRow(ChartRowKind Kind, string Label)
{
    /// <summary>A smaller second line below the label.</summary>
    public string? Sublabel { get; init; }

    /// <summary>Text of the second column: a count.</summary>
    public string CountText { get; init; } = "";

    public double? Point { get; init; }

    public double? Lower { get; init; }

    public double? Upper { get; init; }

    /// <summary>Limits of the confidence sequence, drawn below the interval.</summary>
    public (double Lower, double Upper)? Sequence { get; init; }

    /// <summary>Footnote marks after the estimate; see <see cref="Footnotes"/>.</summary>
    public string Mark { get; init; } = "";

    /// <summary>Whether the square is hollow, for an effect that is no evidence.</summary>
    public bool IsHollow { get; init; }

    /// <summary>Area of the square relative to the largest.</summary>
    public double Size { get; init; } = 0.4;

    /// <summary>Text of the last column: the weight.</summary>
    public string WeightText { get; init; } = "";

    public double Height => Kind switch
    {
        ChartRowKind.Heading => 28,
        ChartRowKind.Detail => 18,
        _ => Sublabel is not null ? 34 : Sequence is not null ? 30 : 22,
    };

    /// <summary>Whether it has a place on the axis.</summary>
    public bool HasMark => Kind is not (ChartRowKind.Heading or ChartRowKind.Note or ChartRowKind.Detail);

    /// <summary>Values that the axis covers. Of confidence sequences only that of the pooled effect is: the first ones are very wide.</summary>
    public IEnumerable<double> Values => new[] { Point, Lower, Upper }.OfType<double>()
        .Concat(Kind == ChartRowKind.Pooled && Sequence is { } sequence ? [sequence.Lower, sequence.Upper] : []);
}
