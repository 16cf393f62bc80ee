using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses;

/// <summary>Members that all analyses return: counts, model, data and warnings.</summary>
internal abstract record AnalysisResponse
{
    /// <summary>Numbers of effects, samples, studies and participants that were analysed.</summary>
    [JsonPropertyOrder(1)]
    public required CountsResponse Counts { get; init; }

    /// <summary>The fitted model, with all <c>auto</c> options resolved.</summary>
    [JsonPropertyOrder(1)]
    public required ModelResponse Model { get; init; }

    /// <summary>Number of effects before any was excluded.</summary>
    [JsonPropertyOrder(1)]
    public required int Given { get; init; }

    /// <summary>Number of effects analysed; given − used is the sum of the excluded ones.</summary>
    [JsonPropertyOrder(1)]
    public required int Used { get; init; }

    /// <summary>Provenance of the results.</summary>
    [JsonPropertyOrder(1)]
    public required DataProvenanceResponse Data { get; init; }

    /// <summary>Numbers of effects that the filter or the analysis left out, by reason.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<Exclusion> Excluded { get; init; }

    /// <summary>Associations of sites that the filter selects, but that are not released.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<SuppressedCell> Suppressed { get; init; } = [];

    /// <summary>Lists with many rows that are left out (warning <c>rowsOmitted</c>) and empty here; present if there are any.</summary>
    [JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<OmittedRows>? Omitted { get; init; }

    /// <summary>Each once, whatever parts of the answer give it.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<Warning> Warnings { get; init => field = [.. value.Distinct()]; }
}
