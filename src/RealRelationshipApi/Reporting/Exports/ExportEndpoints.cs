using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Selection;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>Exports of a result at one revision: report, citation, archive.</summary>
internal static class ExportEndpoints
{
    private const string Text = "text/plain";
    private const string Markdown = "text/markdown";
    private const string Zip = "application/zip";

    private static readonly IReadOnlyList<QueryParameter> s_citationParameters = [.. CitationRequest.Options.Parameters(), .. AnalysisRequest.FilterAndModel];

    public static IEndpointRouteBuilder MapExports(this IEndpointRouteBuilder app)
    {
        const string report =
            "Reports estimate, intervals, heterogeneity, model, exclusions, certainty and caveats in APA style. ";
        DescribeExport(app.MapGet("/meta/report", Export(ToReport).GetAsync), [.. AnalysisRequest.FilterAndModel, MemberSelection.Parameter])
            .WithName("getReport").WithSummary("Get an APA-style report")
            .WithDescription(report + "Returns JSON with plain text and Markdown, or one of them according to `Accept`. Needs scope `meta:read`.")
            .WithMediaTypes(MediaTypes.Json, Text, Markdown).Produces<ReportResponse>(200, MediaTypes.Json, Text, Markdown);
        DescribeExport(
            app.MapGet("/meta/report.txt", Export((context, export) => ToText(context, export, Text)).GetAsync))
            .WithName("getReportText")
            .WithSummary("Get an APA-style report as plain text").WithDescription(report + "Needs scope `meta:read`.").WithMediaTypes(Text)
            .Produces<string>(200, Text);
        DescribeExport(
            app.MapGet("/meta/report.md", Export((context, export) => ToText(context, export, Markdown)).GetAsync))
            .WithName("getReportMarkdown")
            .WithSummary("Get an APA-style report as Markdown").WithDescription(report + "Needs scope `meta:read`.").WithMediaTypes(Markdown)
            .Produces<string>(200, Markdown);

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

        DescribeExport(app.MapGet("/export.zip", Export(ToArchive).GetAsync)).WithName("downloadArchive")
            .WithSummary("Download an archive to reproduce a result")
            .WithDescription(
                "Returns a ZIP archive with the effects as CSV, a codebook, citations, the licence, the result, and an R script that reproduces it with "
                    + "metafor. "
                    + "Needs scope `meta:read`.")
            .WithMediaTypes(Zip).Produces<byte[]>(200, Zip);
        return app;
    }

    private static RouteHandlerBuilder DescribeExport(RouteHandlerBuilder endpoint, IReadOnlyList<QueryParameter>? parameters = null) => endpoint
        .WithTags("Look").RequireScope(Scopes.MetaRead).WithResponseCaching().ShowsDocuments()
        .WithQueryParameters(parameters ?? AnalysisRequest.FilterAndModel)
        .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

    private static EffectSetEndpoint<PoolRequest, ExportContext> Export(Func<HttpContext, ExportContext, IResult> write) =>
        new() { Empty = new(), Run = Pool, Write = write, Cost = (size, _) => AnalysisCost.Pool(size) + AnalysisCost.Certainty(size) };

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

    private static (ExportContext? Export, Problem? Problem) Pool(EffectSet effects, PoolRequest request, ErrorLocation location)
    {
        var (pool, problem) = PoolAnalysis.Run(effects, request, location);
        return pool is null ? (null, problem)
            : (new(effects, request, pool,
                CertaintyAnalysis.Of(effects, request.Model, pool, request.Add is null && CertaintyRequest.HasDefaults(request.Filter))), null);
    }

    private static IResult ToReport(HttpContext context, ExportContext export) => context.NegotiatedMediaTypeOf() is Text or Markdown
        ? ToText(context, export, context.NegotiatedMediaTypeOf())
        : TypedResults.Ok(Report(context, export));

    private static ReportResponse Report(HttpContext context, ExportContext export) => ApaReport.Of(export.Pool, export.Effects, export.Signed(context),
        export.Request.Filter, EvidenceCitation.Of(context, export.Pool.Data));

    private static IResult ToText(HttpContext context, ExportContext export, string type)
    {
        var report = Report(context, export);
        return TypedResults.Text((type == Markdown ? report.Markdown : report.Text) + "\n", $"{type}; charset=utf-8");
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

    private static IResult ToArchive(HttpContext context, ExportContext export)
    {
        var snapshot = EvidenceCitation.Of(context, export.Pool.Data);
        return TypedResults.Bytes(ExportArchive.Write(export.Effects, export.Request, export.Pool, export.Signed(context), snapshot), Zip,
            $"real-relationship-r{snapshot.Revision}{(snapshot.Hypothetical > 0 ? "-what-if" : "")}.zip");
    }

    private sealed record ExportContext(EffectSet Effects, PoolRequest Request, PoolResponse Pool, CertaintyResponse Certainty)
    {
        /// <summary>The certainty with what people signed.</summary>
        public CertaintyResponse Signed(HttpContext context) => SignedCertainty.AddTo(Certainty, context.Document(CertaintyRecord.Type));
    }

    private sealed record CitedEvidence(IReadOnlyList<BibliographyEntry>? Studies, DataProvenanceResponse? Data);
}
