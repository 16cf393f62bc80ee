using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
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
            .RequireScope(Scopes.MetaRead).WithResponseCaching().WithQueryParameters(FilterTable.MinRevision)
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

internal sealed record ReferencesResponse(IReadOnlyList<ReferenceResponse> References, ReferencesProvenanceResponse Data);

/// <summary>Provenance of the list.</summary>
internal sealed record ReferencesProvenanceResponse(long Revision, DateTimeOffset? AsOf, string Version);

/// <summary>A published pooled result or range of results.</summary>
internal sealed record ReferenceResponse
{
    public required string Key { get; init; }

    public required Citation Citation { get; init; }

    public required string? Note { get; init; }

    public required bool Synthetic { get; init; }

    public required string RelationshipMeasure { get; init; }

    public required string OutcomeMeasure { get; init; }

    public required OutcomeType? OutcomeType { get; init; }

    public required EffectLevel Level { get; init; }

    /// <summary>Published pooled correlation; null for a range.</summary>
    public required double? R { get; init; }

    public required double? Lower { get; init; }

    public required double? Upper { get; init; }

    public required double? Confidence { get; init; }

    /// <summary>Midpoint of the published interval on Fisher z, as a correlation: within rounding, the value of r before it was rounded.</summary>
    public required double? IntervalMidpoint { get; init; }

    public required double? From { get; init; }

    public required double? To { get; init; }

    public required long? K { get; init; }

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
