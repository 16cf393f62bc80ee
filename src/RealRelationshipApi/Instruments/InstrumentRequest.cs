namespace RealRelationshipApi.Instruments;

/// <summary>What a site declares: an instrument of its own, or what is not publicly known of one that the service ships. Texts of items have no place here:
/// they are licensed.</summary>
/// <remarks>Of a shipped instrument everything but the code may be left out, and nothing that is published may be contradicted.</remarks>
internal sealed record InstrumentRequest
{
    /// <summary>That of a shipped instrument, or a new one: lower-case letters, digits and hyphens, at most 64.</summary>
    public required string Code { get; init; }

    /// <summary>A short name for people; not the wording of anything.</summary>
    public string? Name { get; init; }

    public Construct? Construct { get; init; }

    public IReadOnlyList<ScoreRater>? Raters { get; init; }

    public ScoreDirection? Direction { get; init; }

    /// <summary>Left out where only scores are sent.</summary>
    public ItemRange? Items { get; init; }

    /// <summary>The scoring key: numbers, from 1, of the items to turn round. <c>[]</c> says that none is; left out,
    /// items are not scored unless their key is published.</summary>
    public IReadOnlyList<long>? Reversed { get; init; }

    public IReadOnlyList<ScaleRequest>? Scales { get; init; }

    public MissingItemsRule? Missing { get; init; }

    /// <summary>Codes under which other systems send its scores.</summary>
    public IReadOnlyList<InstrumentCoding>? Codings { get; init; }
}

internal sealed record ScaleRequest
{
    /// <summary><c>total</c>, or the name of a subscale: a letter, and at most 31 more letters or digits.</summary>
    public required string Name { get; init; }

    /// <summary>May be left out where it is published.</summary>
    public ScoreAggregation? Aggregation { get; init; }

    /// <summary>Numbers of its items, from 1. Left out, a <c>total</c> takes every item, and a subscale is only taken as a score.</summary>
    public IReadOnlyList<long>? Items { get; init; }

    /// <summary>The smallest score; found from the items where they are declared.</summary>
    public double? Minimum { get; init; }

    /// <summary>The largest score; found from the items where they are declared.</summary>
    public double? Maximum { get; init; }

    /// <summary>Neither better nor worse: never an outcome.</summary>
    public bool? Descriptive { get; init; }
}
