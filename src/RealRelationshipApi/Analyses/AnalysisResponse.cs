using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses;

/// <summary>What every analysis says of what it rests on.</summary>
internal abstract record AnalysisResponse
{
    [JsonPropertyOrder(1)]
    public required CountsResponse Counts { get; init; }

    [JsonPropertyOrder(1)]
    public required ModelResponse Model { get; init; }

    /// <summary>How many effects there were before any was left out.</summary>
    [JsonPropertyOrder(1)]
    public required int Given { get; init; }

    /// <summary>How many effects entered; given − used = the sum of what was excluded.</summary>
    [JsonPropertyOrder(1)]
    public required int Used { get; init; }

    [JsonPropertyOrder(1)]
    public required DataProvenanceResponse Data { get; init; }

    [JsonPropertyOrder(1)]
    public required IReadOnlyList<Exclusion> Excluded { get; init; }

    [JsonPropertyOrder(1)]
    public IReadOnlyList<SuppressedCell> Suppressed { get; init; } = [];

    [JsonPropertyOrder(1)]
    public required IReadOnlyList<Warning> Warnings { get; init; }
}
