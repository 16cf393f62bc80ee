using System.Text.Json.Serialization;

using RealRelationship.Statistics;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Studies.Contracts;

/// <summary>A stored version of a study.</summary>
internal sealed record StudyRecord : StudyBase
{
    /// <summary>The effects, with their converted values.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<EffectRecord> Effects { get; init; }

    /// <summary><c>accepted</c>, <c>pending</c> (not analysed until reviewed), <c>rejected</c> or <c>returned</c> for changes by a review, or <c>retracted</c>.
    /// Pending, rejected and returned versions are visible to their tenant and to reviewers only.</summary>
    [JsonPropertyOrder(2)]
    public StudyStatus Status { get; init; }

    /// <summary>From 1; each replacement makes the next one.</summary>
    [JsonPropertyOrder(2)]
    public long Version { get; init; }

    /// <summary>Evidence revision at which this version took effect.</summary>
    [JsonPropertyOrder(2)]
    public long Revision { get; init; }

    /// <summary>When this version was recorded.</summary>
    [JsonPropertyOrder(2)]
    public DateTimeOffset RecordedAt { get; init; }

    /// <summary>Warnings about the study, which was stored nevertheless.</summary>
    [JsonPropertyOrder(3)]
    public IReadOnlyList<Warning> Warnings { get; init; } = [];

    /// <summary>Who made this version; in <c>/versions</c> only, for the tenant of the study and for reviewers.</summary>
    [JsonPropertyOrder(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StudyAuthor? ChangedBy { get; init; }

    /// <summary>Reason that the review gave; visible as <c>changedBy</c>.</summary>
    [JsonPropertyOrder(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>Whether it represents a site's sessions rather than a submitted study.</summary>
    [JsonIgnore]
    public bool IsReleased { get; init; }

    [JsonIgnore]
    public string Tenant { get; init; } = "";

    [JsonIgnore]
    public string ContentHash { get; init; } = "";

    /// <summary>Strong ETag of this version.</summary>
    [JsonIgnore]
    public string ETag => $"\"{Version}-{ContentHash[..16]}\"";

    /// <summary>Adds who made the version, which rows of release 0.1 do not say.</summary>
    internal StudyRecord WithAuthor(StudyVersionRow row) => row.ChangedBy is null ? this
        : this with { ChangedBy = new(row.ChangedBy, string.IsNullOrEmpty(row.Actor) ? null : row.Actor), Reason = row.Reason };
}

/// <summary>Who made a version of a study.</summary>
/// <param name="Tenant">Tenant of the caller.</param>
/// <param name="Key">Id of the API key, or issuer and subject of the token; null without one.</param>
internal sealed record StudyAuthor(string Tenant, string? Key);

internal sealed record EffectRecord : EffectBase
{
    /// <summary>The effect as it is analysed; null for kind <c>reference</c>.</summary>
    [JsonPropertyOrder(1)]
    public StoredEffect? Stored { get; init; }

    /// <summary>Whether it was released from a site's sessions and withdrawn since: it has no numbers.</summary>
    [JsonIgnore]
    public bool IsWithdrawn { get; init; }
}

/// <summary>An effect as Fisher z, oriented so that positive means that a stronger relationship goes with better outcome.</summary>
/// <param name="Yi">Fisher z.</param>
/// <param name="Vi">Sampling variance of <c>yi</c>.</param>
/// <param name="R">The correlation, tanh z.</param>
/// <param name="N">Number of participants; null if the statistic does not include it.</param>
/// <param name="Converted">Whether the effect was converted from another statistic than a correlation.</param>
/// <param name="Approximate">Whether the variance is an approximation.</param>
/// <param name="SignReversed">Whether the reported sign was reversed, because a higher outcome score was worse.</param>
/// <param name="Formula">Formulas of z and its variance.</param>
internal sealed record StoredEffect(double Yi, double Vi, double R, long? N, bool Converted, bool Approximate,
    [property: JsonPropertyName("turned")] bool SignReversed, string Formula)
{
    /// <summary>Codes of assumptions and doubts about the conversion: <c>assumesEqualGroups</c>, <c>designUnknown</c>, <c>asymmetricInterval</c>,
    /// <c>varianceLowerBound</c>, <c>sessionsUnknown</c>, <c>upperBound</c>, <c>varianceContradictsN</c>, <c>emptyCell</c>, <c>supersededFormula</c>
    /// (stored with an earlier formula, and kept).</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Stands for an effect that has no numbers, or whose numbers are not shown.</summary>
    internal static StoredEffect NoNumbers { get; } = new(0, 0, 0, null, false, false, false, "");

    /// <summary>Correlation of an effect: the reported r, so that .62 stays .62, otherwise tanh z.</summary>
    internal static double Correlation(Statistic reported, double yi, bool signReversed) => reported switch
    {
        { Type: StatisticType.R, Value: { } r } => signReversed ? -r : r,
        _ => FisherZ.ToCorrelation(yi),
    };
}

internal enum StudyStatus { Accepted, Pending, Retracted, Rejected, Returned }
