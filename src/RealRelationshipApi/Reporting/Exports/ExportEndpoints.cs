using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>Exports of a result at one revision: report, citation, archive.</summary>
internal static class ExportEndpoints
{
    private const string Text = "text/plain";
    private const string Markdown = "text/markdown";
    private const string Zip = "application/zip";

    public static IEndpointRouteBuilder MapExports(this IEndpointRouteBuilder app)
    {
        const string report =
            "Reports estimate, intervals, heterogeneity, model, exclusions and caveats in APA style. ";
        DescribeExport(app.MapGet("/meta/report", Export(ToReport).GetAsync)).WithName("getReport").WithSummary("Get an APA-style report")
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

        const string citation = "Returns a citation with evidence revision, software version, fingerprint and a permanent URL of the result. ";
        DescribeExport(
            app.MapGet("/meta/citation", Export((context, export) => ToCitation(context, export, context.NegotiatedMediaTypeOf())).GetAsync))
            .WithName("getCitation").WithSummary("Get a citation")
            .WithDescription(citation + "`Accept` selects CSL-JSON, BibTeX or RIS. Needs scope `meta:read`.")
            .WithMediaTypes(MediaTypes.Json, CitationFormats.CslType, CitationFormats.BibTexType, CitationFormats.RisType)
            .Produces<string>(200, MediaTypes.Json, CitationFormats.CslType, CitationFormats.BibTexType, CitationFormats.RisType);
        foreach (var (suffix, name, operation, type) in new[] { ("bib", "BibTeX", "getCitationBibTeX", CitationFormats.BibTexType),
            ("ris", "RIS", "getCitationRis", CitationFormats.RisType), ("json", "CSL-JSON", "getCitationCslJson", CitationFormats.CslType) })
        {
            DescribeExport(
                app.MapGet($"/meta/citation.{suffix}", Export((context, export) => ToCitation(context, export, type)).GetAsync))
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

    private static RouteHandlerBuilder DescribeExport(RouteHandlerBuilder endpoint) => endpoint.WithTags("Look").RequireScope(Scopes.MetaRead)
        .WithResponseCaching().ShowsDocuments().WithQueryParameters(AnalysisRequest.FilterAndModel)
        .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

    private static EffectSetEndpoint<PoolRequest, ExportContext> Export(Func<HttpContext, ExportContext, IResult> write) =>
        new() { Empty = new(), Run = Pool, Write = write };

    private static (ExportContext? Export, Problem? Problem) Pool(EffectSet effects, PoolRequest request, ErrorLocation location)
    {
        var (pool, problem) = PoolAnalysis.Run(effects, request, location);
        return pool is null ? (null, problem) : (new(effects, request, pool), null);
    }

    private static IResult ToReport(HttpContext context, ExportContext export) => context.NegotiatedMediaTypeOf() is Text or Markdown
        ? ToText(context, export, context.NegotiatedMediaTypeOf())
        : TypedResults.Ok(ApaReport.Of(export.Pool, export.Effects, export.Request.Filter, EvidenceCitation.Of(context, export.Pool.Data)));

    private static IResult ToText(HttpContext context, ExportContext export, string type)
    {
        var report = ApaReport.Of(export.Pool, export.Effects, export.Request.Filter, EvidenceCitation.Of(context, export.Pool.Data));
        return TypedResults.Text((type == Markdown ? report.Markdown : report.Text) + "\n", $"{type}; charset=utf-8");
    }

    private static IResult ToCitation(HttpContext context, ExportContext export, string type)
    {
        var snapshot = EvidenceCitation.Of(context, export.Pool.Data);
        return TypedResults.Text(type switch
        {
            CitationFormats.BibTexType => CitationFormats.BibTex(snapshot),
            CitationFormats.RisType => CitationFormats.Ris(snapshot),
            _ => CitationFormats.Csl(snapshot),
        }, $"{type}; charset=utf-8");
    }

    private static IResult ToArchive(HttpContext context, ExportContext export)
    {
        var snapshot = EvidenceCitation.Of(context, export.Pool.Data);
        return TypedResults.Bytes(ExportArchive.Write(export.Effects, export.Request, export.Pool, snapshot), Zip,
            $"real-relationship-r{snapshot.Revision}.zip");
    }

    private sealed record ExportContext(EffectSet Effects, PoolRequest Request, PoolResponse Pool);
}
