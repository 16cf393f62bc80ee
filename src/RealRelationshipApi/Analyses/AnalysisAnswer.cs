using System.Text.Json.Serialization;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>What every analysis says of what it rests on.</summary>
public abstract record AnalysisAnswer
{
    [JsonPropertyOrder(1)]
    public required CountsAnswer Counts { get; init; }

    [JsonPropertyOrder(1)]
    public required ModelAnswer Model { get; init; }

    /// <summary>How many effects there were before any was left out.</summary>
    [JsonPropertyOrder(1)]
    public required int Given { get; init; }

    /// <summary>How many effects entered; given − used = the sum of what was excluded.</summary>
    [JsonPropertyOrder(1)]
    public required int Used { get; init; }

    [JsonPropertyOrder(1)]
    public required DataAnswer Data { get; init; }

    [JsonPropertyOrder(1)]
    public required IReadOnlyList<Exclusion> Excluded { get; init; }

    [JsonPropertyOrder(1)]
    public IReadOnlyList<SuppressedCell> Suppressed { get; init; } = [];

    [JsonPropertyOrder(1)]
    public required IReadOnlyList<Warning> Warnings { get; init; }
}
