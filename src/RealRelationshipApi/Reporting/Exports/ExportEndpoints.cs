using FluentValidation;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>What a reader takes along: a paragraph, a citation, an archive. Each is of one question, as of one revision.</summary>
public static class ExportEndpoints
{
    private const string Text = "text/plain";
    private const string Markdown = "text/markdown";
    private const string Zip = "application/zip";

    public static IEndpointRouteBuilder MapExports(this IEndpointRouteBuilder app)
    {
        const string report =
            "Estimate, intervals, heterogeneity, model, what was left out and every reservation, in the style of the APA; an association, never a cause. ";
        DescribeExport(app.MapGet("/meta/report", GetReport)).WithName("getReport").WithSummary("Reports the pool as a paragraph of a paper")
            .WithDescription(report + "JSON has both forms; `Accept` chooses plain text or Markdown. Needs scope `meta:read`.")
            .WithMediaTypes(MediaTypes.Json, Text, Markdown).Produces<ReportResponse>(200, MediaTypes.Json, Text, Markdown);
        DescribeExport(
            app.MapGet("/meta/report.txt", (HttpContext c, AnalysisService q, IValidator<PoolRequest> v) => Handle(c, q, v, s => ToText(c, s, Text))))
            .WithName("getReportText")
            .WithSummary("Reports the pool as plain text").WithDescription(report + "Needs scope `meta:read`.").WithMediaTypes(Text)
            .Produces<string>(200, Text);
        DescribeExport(
            app.MapGet("/meta/report.md", (HttpContext c, AnalysisService q, IValidator<PoolRequest> v) => Handle(c, q, v, s => ToText(c, s, Markdown))))
            .WithName("getReportMarkdown")
            .WithSummary("Reports the pool as Markdown").WithDescription(report + "Needs scope `meta:read`.").WithMediaTypes(Markdown)
            .Produces<string>(200, Markdown);

        const string citation = "Names the revision of the evidence, the software and the fingerprint, and gives the address that answers the same for ever. ";
        DescribeExport(app.MapGet("/meta/citation", GetCitation)).WithName("getCitation").WithSummary("Cites the evidence as it stands")
            .WithDescription(citation + "CSL-JSON, BibTeX or RIS by `Accept`. Needs scope `meta:read`.")
            .WithMediaTypes(MediaTypes.Json, CitationFormats.CslType, CitationFormats.BibTexType, CitationFormats.RisType)
            .Produces<string>(200, MediaTypes.Json, CitationFormats.CslType, CitationFormats.BibTexType, CitationFormats.RisType);
        foreach (var (suffix, name, operation, type) in new[] { ("bib", "BibTeX", "getCitationBibTeX", CitationFormats.BibTexType),
            ("ris", "RIS", "getCitationRis", CitationFormats.RisType), ("json", "CSL-JSON", "getCitationCslJson", CitationFormats.CslType) })
        {
            DescribeExport(
                app.MapGet($"/meta/citation.{suffix}",
                    (HttpContext c, AnalysisService q, IValidator<PoolRequest> v) => Handle(c, q, v, s => ToCitation(c, s, type))))
                .WithName(operation).WithSummary($"Cites the evidence as it stands in {name}").WithDescription(citation + "Needs scope `meta:read`.")
                .WithMediaTypes(type).Produces<string>(200, type);
        }

        DescribeExport(app.MapGet("/export.zip", GetArchive)).WithName("downloadArchive").WithSummary("Gives everything that an answer rests on as an archive")
            .WithDescription(
                "The effects that entered as CSV, a codebook, how to cite, the answer, and a script that computes it again in R with metafor and compares. "
                    + "Needs scope `meta:read`.")
            .WithMediaTypes(Zip).Produces<byte[]>(200, Zip);
        return app;
    }

    private static RouteHandlerBuilder DescribeExport(RouteHandlerBuilder endpoint) => endpoint.WithTags("Look").RequireScope(Scopes.MetaRead)
        .WithResponseCaching().WithQueryParameters(AnalysisQueryParameters.FilterAndModel)
        .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

    private static Task<IResult> GetReport(HttpContext context, AnalysisService analyses, IValidator<PoolRequest> validator) =>
        Handle(context, analyses, validator, export => context.NegotiatedMediaTypeOf() is Text or Markdown
            ? ToText(context, export, context.NegotiatedMediaTypeOf())
            : TypedResults.Ok(ApaReport.Of(export.Pool, export.Request.Filter, EvidenceCitation.Of(context, export.Pool.Data))));

    private static IResult ToText(HttpContext context, ExportContext export, string type)
    {
        var report = ApaReport.Of(export.Pool, export.Request.Filter, EvidenceCitation.Of(context, export.Pool.Data));
        return TypedResults.Text((type == Markdown ? report.Markdown : report.Text) + "\n", $"{type}; charset=utf-8");
    }

    private static Task<IResult> GetCitation(HttpContext context, AnalysisService analyses, IValidator<PoolRequest> validator) =>
        Handle(context, analyses, validator, export => ToCitation(context, export, context.NegotiatedMediaTypeOf()));

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

    private static Task<IResult> GetArchive(HttpContext context, AnalysisService analyses, IValidator<PoolRequest> validator) =>
        Handle(context, analyses, validator, export =>
    {
        var snapshot = EvidenceCitation.Of(context, export.Pool.Data);
        return TypedResults.Bytes(ExportArchive.Write(export.Effects, export.Request, export.Pool, snapshot), Zip,
            $"real-relationship-r{snapshot.Revision}.zip");
    });

    private static Task<IResult> Handle(HttpContext context, AnalysisService analyses, IValidator<PoolRequest> validator,
        Func<ExportContext, IResult> toResult) => AnalysisEndpoints.BindQuery(context, validator,
        query => new PoolRequest { Filter = AnalysisQueryParameters.ReadFilter(query), Model = AnalysisQueryParameters.ReadModel(query) },
        request => analyses.ExecuteAsync(context, request.Filter!, effects =>
        {
            var (pool, problem) = PoolAnalysis.Run(effects, request, ErrorLocation.InQuery);
            return pool is null ? problem! : toResult(new(effects, request, pool));
        }));

    private sealed record ExportContext(EffectSet Effects, PoolRequest Request, PoolResponse Pool);
}
