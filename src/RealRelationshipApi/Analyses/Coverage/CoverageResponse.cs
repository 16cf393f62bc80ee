using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Coverage;

/// <summary>Response of <c>/meta/coverage</c>: which raters, types of outcome, levels and countries have how much evidence.</summary>
internal sealed record CoverageResponse
{
    /// <summary>Every combination of raters, type of outcome and level that the filter admits, in each country that occurs, also those without evidence.
    /// Beyond the 20 countries with the most effects, only cells with evidence.</summary>
    public required IReadOnlyList<CoverageCell> Cells { get; init; }

    /// <summary>Numbers of effects, samples, studies and participants in the cells.</summary>
    public required CountsResponse Counts { get; init; }

    /// <summary>Number of effects before any was excluded.</summary>
    public required int Given { get; init; }

    /// <summary>Number of effects counted in the cells.</summary>
    public required int Used { get; init; }

    /// <summary>Provenance of the results.</summary>
    public required DataProvenanceResponse Data { get; init; }

    /// <summary>Numbers of effects that the filter left out, by reason.</summary>
    public required IReadOnlyList<Exclusion> Excluded { get; init; }

    /// <summary>Associations of sites that the filter selects, but that are not released.</summary>
    public IReadOnlyList<SuppressedCell> Suppressed { get; init; } = [];

    /// <summary>Caveats.</summary>
    public required IReadOnlyList<Warning> Warnings { get; init; }
}

/// <param name="RelationshipRater">Who rated the real relationship; null if not reported.</param>
/// <param name="OutcomeRater">Who rated the outcome; null if not reported.</param>
/// <param name="OutcomeType">Type of outcome; null if not reported.</param>
/// <param name="Level">Level of the association; null if not reported.</param>
/// <param name="Country">ISO 3166-1 alpha-2 code; null if not reported.</param>
/// <param name="Effects">Number of effects.</param>
/// <param name="Samples">Number of their samples; a sample with effects in several cells counts in each.</param>
/// <param name="Participants">Sum over samples of the largest known number of participants.</param>
/// <param name="Registered">Number of eligible studies without a usable coefficient. They have no raters, outcome or level, so that they are in cells
/// where these are null.</param>
internal sealed record CoverageCell(Rater? RelationshipRater, Rater? OutcomeRater, OutcomeType? OutcomeType, EffectLevel? Level, string? Country, int Effects,
    int Samples, double Participants, int Registered);
