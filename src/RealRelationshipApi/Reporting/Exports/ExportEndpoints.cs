using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Coding;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>Exports of a result at one revision: citation, archive.</summary>
internal static class ExportEndpoints
{
    private const string Zip = "application/zip";

    private static readonly IReadOnlyList<QueryParameter> s_parameters = [.. AnalysisRequest.FilterAndModel.Refuse(OptionUse.All)];

    private static readonly IReadOnlyList<QueryParameter> s_citationParameters = [.. CitationRequest.Options.Parameters(), .. s_parameters];

    // The archive has the whole report.
    private static readonly EffectSetEndpoint<ArchiveRequest, ArchiveAnalysis> s_archive = new()
    {
        Empty = new(),
        Options = ArchiveRequest.Options,
        Run = ArchiveAnalysis.Run,
        Complete = ArchiveAnalysis.AddAgreementAsync,
        Write = ToArchive,
        Cost = ArchiveAnalysis.Cost,
        Moderators = ArchiveAnalysis.ModeratorsOf,
        Uses = OptionUse.All | OptionUse.Posterior,
    };

    public static IEndpointRouteBuilder MapExports(this IEndpointRouteBuilder app)
    {
        const string citation = "Returns a citation with evidence revision, software version, fingerprint and a permanent URL of the result; with `of=studies` "
            + "the publications of the studies that enter the pool, and of the registered ones beside it. ";
        DescribeExport(
            app.MapGet("/meta/citation", Cite((context, cited) => ToCitation(context, cited, context.NegotiatedMediaTypeOf())).GetAsync), s_citationParameters)
            .WithName("getCitation").WithSummary("Get a citation")
            .WithDescription(citation + "`Accept` selects CSL-JSON, BibTeX or RIS. Needs scope `meta:read`.")
            .WithMediaTypes(MediaTypes.Json, CitationFormats.CslType, CitationFormats.BibTexType, CitationFormats.RisType)
            .Produces<string>(200, MediaTypes.Json, CitationFormats.CslType, CitationFormats.BibTexType, CitationFormats.RisType);
        foreach (var (suffix, name, operation, type) in new[] { ("bib", "BibTeX", "getCitationBibTeX", CitationFormats.BibTexType),
            ("ris", "RIS", "getCitationRis", CitationFormats.RisType), ("json", "CSL-JSON", "getCitationCslJson", CitationFormats.CslType) })
        {
            DescribeExport(
                app.MapGet($"/meta/citation.{suffix}", Cite((context, cited) => ToCitation(context, cited, type)).GetAsync), s_citationParameters)
                .WithName(operation).WithSummary($"Get a citation in {name} format").WithDescription(citation + "Needs scope `meta:read`.")
                .WithMediaTypes(type).Produces<string>(200, type);
        }

        DescribeExport(app.MapGet("/export.zip", s_archive.GetAsync).ShowsCodings(), s_archive.Parameters).WithName("downloadArchive")
            .WithSummary("Download an archive to reproduce a result")
            .WithDescription(
                "Returns a ZIP archive with the effects as CSV, a codebook, citations, the licence, the result, diagnostics, a regression, the posterior, and "
                    + "an R script that reproduces what metafor can compute of it. It costs a report, `/meta/diagnostics` and `/meta/bayes`. "
                    + "Needs scope `meta:read`.")
            .WithMediaTypes(Zip).Produces<byte[]>(200, Zip);
        return app;
    }

    private static RouteHandlerBuilder DescribeExport(RouteHandlerBuilder endpoint, IReadOnlyList<QueryParameter>? parameters = null) => endpoint
        .WithTags("Look").RequireScope(Scopes.MetaRead).WithResponseCaching().ShowsDocuments()
        .WithQueryParameters(parameters ?? s_parameters)
        .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

    private static EffectSetEndpoint<CitationRequest, CitedEvidence> Cite(Func<HttpContext, CitedEvidence, IResult> write) =>
        new() { Empty = new(), Options = CitationRequest.Options, Run = Cite, Write = write, AllowsNoEffects = true };

    // A bibliography needs no effect.
    private static (CitedEvidence? Cited, Problem? Problem) Cite(EffectSet effects, CitationRequest request, ErrorLocation location)
    {
        if (request.Of == CitationSubject.Studies)
        {
            return (new(StudyBibliography.Of(effects), null), null);
        }

        if (effects.Count == 0)
        {
            return (null, Problem.NotComputable("noEffects", effects.EmptyReason));
        }

        var (pool, problem) = PoolAnalysis.Run(effects, new PoolRequest { Filter = request.Filter, Model = request.Model }, location);
        return pool is null ? (null, problem) : (new(null, pool.Data), null);
    }

    private static IResult ToCitation(HttpContext context, CitedEvidence cited, string type) => TypedResults.Text(
        cited.Studies is { } studies ? Bibliography(studies, type) : Citation(EvidenceCitation.Of(context, cited.Data!), type), $"{type}; charset=utf-8");

    private static string Citation(EvidenceCitation snapshot, string type) => type switch
    {
        CitationFormats.BibTexType => CitationFormats.BibTex(snapshot),
        CitationFormats.RisType => CitationFormats.Ris(snapshot),
        _ => CitationFormats.Csl(snapshot),
    };

    private static string Bibliography(IReadOnlyList<BibliographyEntry> studies, string type) => type switch
    {
        CitationFormats.BibTexType => StudyBibliography.BibTex(studies),
        CitationFormats.RisType => StudyBibliography.Ris(studies),
        _ => StudyBibliography.Csl(studies),
    };

    private static IResult ToArchive(HttpContext context, ArchiveAnalysis archive)
    {
        var report = archive.Report;
        var snapshot = EvidenceCitation.Of(context, report.Data);
        return TypedResults.Bytes(ExportArchive.Write(archive, report.SignedCertainty(context), snapshot), Zip,
            $"real-relationship-r{snapshot.Revision}{(snapshot.Hypothetical > 0 ? "-what-if" : "")}.zip");
    }

    private sealed record CitedEvidence(IReadOnlyList<BibliographyEntry>? Studies, DataProvenanceResponse? Data);
}
