namespace RealRelationshipApi.Instruments;

/// <summary>Declares an instrument of the site's own, or adds unpublished facts to a built-in one. Item texts are licensed and not accepted.</summary>
/// <remarks>For a built-in instrument only the code is required, and published facts cannot be contradicted.</remarks>
internal sealed record InstrumentRequest
{
    /// <summary>Code of a built-in instrument, or a new one: up to 64 lower-case letters, digits and hyphens.</summary>
    public required string Code { get; init; }

    /// <summary>Short display name, without item texts.</summary>
    public string? Name { get; init; }

    /// <summary>What the instrument measures. Required for an instrument of your own.</summary>
    public Construct? Construct { get; init; }

    /// <summary>Who can fill it in. Required for an instrument of your own.</summary>
    public IReadOnlyList<ScoreRater>? Raters { get; init; }

    /// <summary>What a higher score means. Required for an instrument of your own.</summary>
    public ScoreDirection? Direction { get; init; }

    /// <summary>Omit if only scores are sent.</summary>
    public ItemRange? Items { get; init; }

    /// <summary>Scoring key: numbers of the reverse-keyed items, from 1. Send <c>[]</c> if there are none. When omitted, items are scored only if their key
    /// is published.</summary>
    public IReadOnlyList<long>? Reversed { get; init; }

    /// <summary>How your systems send items: <c>printed</c>, the numbers on the form, which are keyed already, or <c>raw</c>, the answers, of which the
    /// reversed items are turned before scoring. Scores that are stored are computed anew from their items.</summary>
    public ItemsAs? ItemsAs { get; init; }

    /// <summary>Its scales with their ranges.</summary>
    public IReadOnlyList<ScaleRequest>? Scales { get; init; }

    /// <summary>How many items may be missing, and how a score is then computed.</summary>
    public MissingItemsRule? Missing { get; init; }

    /// <summary>Codes that other systems use for its scores.</summary>
    public IReadOnlyList<InstrumentCoding>? Codings { get; init; }
}

internal sealed record ScaleRequest
{
    /// <summary><c>total</c> or the name of a subscale: a letter followed by up to 31 letters or digits.</summary>
    public required string Name { get; init; }

    /// <summary>Optional if it is published.</summary>
    public ScoreAggregation? Aggregation { get; init; }

    /// <summary>Numbers of its items, from 1. When omitted, a <c>total</c> uses all items, and a subscale accepts scores only.</summary>
    public IReadOnlyList<long>? Items { get; init; }

    /// <summary>Smallest possible score; computed from the items if they are declared.</summary>
    public double? Minimum { get; init; }

    /// <summary>Largest possible score; computed from the items if they are declared.</summary>
    public double? Maximum { get; init; }

    /// <summary>Whether higher is neither better nor worse; such a scale is never an outcome.</summary>
    public bool? Descriptive { get; init; }
}
