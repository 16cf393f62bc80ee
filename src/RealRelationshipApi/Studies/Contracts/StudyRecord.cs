using System.Text.Json.Serialization;

using RealRelationship.Statistics;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Studies.Contracts;

/// <summary>A version of a study as it stands in the store.</summary>
internal sealed record StudyRecord : StudyBase
{
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<EffectRecord> Effects { get; init; }

    /// <summary><c>accepted</c>, <c>pending</c> (enters no pool until reviewed) or <c>retracted</c>.</summary>
    [JsonPropertyOrder(2)]
    public StudyStatus Status { get; init; }

    [JsonPropertyOrder(2)]
    public long Version { get; init; }

    /// <summary>The evidence revision at which this version took effect.</summary>
    [JsonPropertyOrder(2)]
    public long Revision { get; init; }

    [JsonPropertyOrder(2)]
    public DateTimeOffset RecordedAt { get; init; }

    /// <summary>What its sender should look at; nothing here kept it from being stored.</summary>
    [JsonPropertyOrder(3)]
    public IReadOnlyList<Warning> Warnings { get; init; } = [];

    /// <summary>Whether it stands for a site's sessions, and was never submitted.</summary>
    [JsonIgnore]
    public bool IsReleased { get; init; }

    [JsonIgnore]
    public string Tenant { get; init; } = "";

    [JsonIgnore]
    public string ContentHash { get; init; } = "";

    /// <summary>Strong entity tag of this version.</summary>
    [JsonIgnore]
    public string ETag => $"\"{Version}-{ContentHash[..16]}\"";
}

internal sealed record EffectRecord : EffectBase
{
    /// <summary>How the effect enters a pool; null for kind <c>reference</c>.</summary>
    [JsonPropertyOrder(1)]
    public StoredEffect? Stored { get; init; }
}

/// <summary>An effect on Fisher z, turned so that positive means stronger relationship, better outcome.</summary>
/// <param name="Yi">Fisher z.</param>
/// <param name="Vi">Sampling variance of z.</param>
/// <param name="R">The correlation, tanh z.</param>
/// <param name="N">Participants; null where the statistic does not carry them.</param>
/// <param name="Converted">Whether it was not reported as a correlation.</param>
/// <param name="Approximate">Whether the variance is an approximation.</param>
/// <param name="SignReversed">Whether the reported sign was turned, because a higher outcome score was worse.</param>
/// <param name="Formula">How z and its variance were found.</param>
internal sealed record StoredEffect(double Yi, double Vi, double R, long? N, bool Converted, bool Approximate,
    [property: JsonPropertyName("turned")] bool SignReversed, string Formula)
{
    /// <summary>The correlation of an effect: as reported where it was reported as r, so that .62 stays .62, else tanh z.</summary>
    internal static double Correlation(Statistic reported, double yi, bool signReversed) => reported switch
    {
        { Type: StatisticType.R, Value: { } r } => signReversed ? -r : r,
        _ => FisherZ.ToCorrelation(yi),
    };
}

internal enum StudyStatus { Accepted, Pending, Retracted }
