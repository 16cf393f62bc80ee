using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Selection;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.References;

/// <summary><c>/meta/references</c>: published pooled results for comparison.</summary>
internal static class ReferenceEndpoints
{
    public static IEndpointRouteBuilder MapReferences(this IEndpointRouteBuilder app)
    {
        app.MapGet("/meta/references", GetReferences).WithTags("Look").WithName("listReferences").WithSummary("List published pooled results")
            .WithDescription("Returns pooled results published by others, for comparison. They are never pooled. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithResponseCaching()
            .WithQueryParameters(FilterTable.MinRevision, MemberSelection.Parameter)
            .Produces<ReferencesResponse>(200, MediaTypes.Json, MediaTypes.Csv).WithCsvTable("references")
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        app.MapGet("/meta/references.csv", GetReferences).WithTags("Look").WithName("downloadReferences")
            .WithSummary("Download published pooled results as CSV")
            .WithDescription("Returns one row per result. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithResponseCaching()
            .WithQueryParameters([.. CsvTables.TableParameters(["references"]), FilterTable.MinRevision]).AsCsvTable(["references"])
            .Produces<string>(200, MediaTypes.Csv).ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        return app;
    }

    private static Task<IResult> GetReferences(HttpContext context, AnalysisService analyses) => analyses.ReadAsync(context, evidence =>
        TypedResults.Ok(new ReferencesResponse(
            [.. evidence.References.SelectMany(study => study.Effects.Select(effect => ReferenceResponse.Of(study, effect)))],
            new(evidence.Revision, evidence.RecordedAt, BuildInfo.Version))));
}

/// <param name="References">One item per published result, sorted by key.</param>
/// <param name="Data">Provenance of the list.</param>
internal sealed record ReferencesResponse(IReadOnlyList<ReferenceResponse> References, ReferencesProvenanceResponse Data);

/// <summary>Provenance of the list.</summary>
/// <param name="Revision">Evidence revision.</param>
/// <param name="AsOf">When that revision was recorded; null without evidence.</param>
/// <param name="Version">Software version.</param>
internal sealed record ReferencesProvenanceResponse(long Revision, DateTimeOffset? AsOf, string Version);

/// <summary>A published pooled result or range of results.</summary>
internal sealed record ReferenceResponse
{
    /// <summary>Key of the study that reports it.</summary>
    public required string Key { get; init; }

    /// <summary>The publication.</summary>
    public required Citation Citation { get; init; }

    /// <summary>Remarks on the reference.</summary>
    public required string? Note { get; init; }

    /// <summary>Whether it is invented for illustration.</summary>
    public required bool Synthetic { get; init; }

    /// <summary>Measure of the real relationship.</summary>
    public required string RelationshipMeasure { get; init; }

    /// <summary>Measure of the outcome.</summary>
    public required string OutcomeMeasure { get; init; }

    /// <summary>Type of outcome; null for several together.</summary>
    public required OutcomeType? OutcomeType { get; init; }

    /// <summary>Level of the association.</summary>
    public required EffectLevel Level { get; init; }

    /// <summary>Published pooled correlation; null for a range.</summary>
    public required double? R { get; init; }

    /// <summary>Lower limit of the published interval; null without one.</summary>
    public required double? Lower { get; init; }

    /// <summary>Upper limit of the published interval; null without one.</summary>
    public required double? Upper { get; init; }

    /// <summary>Confidence level of that interval; null without one.</summary>
    public required double? Confidence { get; init; }

    /// <summary>Midpoint of the published interval on Fisher z, as a correlation: within rounding, the value of r before it was rounded.</summary>
    public required double? IntervalMidpoint { get; init; }

    /// <summary>Smallest of a range of published correlations; null for a pooled one.</summary>
    public required double? From { get; init; }

    /// <summary>Largest of a range of published correlations; null for a pooled one.</summary>
    public required double? To { get; init; }

    /// <summary>Number of effects behind it; null if unknown.</summary>
    public required long? K { get; init; }

    /// <summary>Number of participants behind it; null if unknown.</summary>
    public required long? N { get; init; }

    internal static ReferenceResponse Of(StudyRecord study, EffectRecord effect)
    {
        var s = effect.Statistic;
        return new ReferenceResponse
        {
            Key = study.Key, Citation = study.Citation, Note = study.Note, Synthetic = study.Synthetic, RelationshipMeasure = effect.RelationshipMeasure,
            OutcomeMeasure = effect.OutcomeMeasure, OutcomeType = effect.OutcomeType, Level = effect.Level, R = s.R, Lower = s.Lower, Upper = s.Upper,
            Confidence = s.Lower is null ? null : s.Confidence ?? ResolvedModel.DefaultConfidence,
            IntervalMidpoint = s is { Lower: { } lower, Upper: { } upper }
                ? FisherZ.ToCorrelation((FisherZ.FromCorrelation(lower) + FisherZ.FromCorrelation(upper)) / 2)
                : null,
            From = s.From, To = s.To, K = s.K, N = s.N,
        };
    }
}
