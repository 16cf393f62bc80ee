using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Selection;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Coding;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>Reports in APA style as JSON, plain text, Markdown and Word documents.</summary>
internal static class ReportEndpoints
{
    private const string Text = "text/plain";
    private const string Markdown = "text/markdown";

    private const string Description =
        "Writes the results section of a paper in APA style, with what the reporting standards of the APA for meta-analyses and PRISMA 2020 ask of one: "
            + "selection, model, estimate, heterogeneity, prediction, moderators, bias, sensitivity, dependence, certainty and repeated looks; the agreement "
            + "of second codings is that of now, also with `asOf`. `parts` selects "
            + "some of them, and adds `bayes`, no part by default, with the priors of `/meta/bayes`. What cannot be computed is a sentence with the reason. ";

    private static readonly EffectSetEndpoint<ReportRequest, ReportAnalysis> s_report = Report(ToReport);

    public static IEndpointRouteBuilder MapReport(this IEndpointRouteBuilder app)
    {
        Describe(app.MapGet("/meta/report", s_report.GetAsync), [.. s_report.Parameters, MemberSelection.Parameter]).WithName("getReport")
            .WithSummary("Get an APA-style report")
            .WithDescription(Description
                + "Returns JSON with plain text and Markdown, or text, Markdown or a Word document according to `Accept`. Needs scope `meta:read`.")
            .WithMediaTypes(MediaTypes.Json, Text, Markdown, WordReport.MediaType)
            .Produces<ReportResponse>(200, MediaTypes.Json, Text, Markdown, WordReport.MediaType);
        Describe(app.MapGet("/meta/report.txt", Report((context, report) => ToText(context, report, Text)).GetAsync)).WithName("getReportText")
            .WithSummary("Get an APA-style report as plain text").WithDescription(Description + "Needs scope `meta:read`.").WithMediaTypes(Text)
            .Produces<string>(200, Text);
        Describe(app.MapGet("/meta/report.md", Report((context, report) => ToText(context, report, Markdown)).GetAsync)).WithName("getReportMarkdown")
            .WithSummary("Get an APA-style report as Markdown").WithDescription(Description + "Needs scope `meta:read`.").WithMediaTypes(Markdown)
            .Produces<string>(200, Markdown);
        Describe(app.MapGet("/meta/report.docx", Report(ToWord).GetAsync)).WithName("getReportWord")
            .WithSummary("Get an APA-style report as Word document")
            .WithDescription(Description + "Needs scope `meta:read`.").WithMediaTypes(WordReport.MediaType).Produces<byte[]>(200, WordReport.MediaType);
        return app;
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, IReadOnlyList<QueryParameter>? parameters = null) => endpoint
        .WithTags("Look").RequireScope(Scopes.MetaRead).WithResponseCaching().ShowsDocuments().ShowsCodings()
        .WithQueryParameters(parameters ?? s_report.Parameters)
        .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

    private static EffectSetEndpoint<ReportRequest, ReportAnalysis> Report(Func<HttpContext, ReportAnalysis, IResult> write) => new()
    {
        Empty = new(),
        Options = ReportRequest.Options,
        Uses = OptionUse.All | OptionUse.Posterior,
        Run = ReportAnalysis.Run,
        Complete = ReportAnalysis.AddAgreementAsync,
        Write = write,
        Cost = ReportAnalysis.Cost,
        Moderators = ReportAnalysis.ModeratorsOf,
        AllowsNoEffects = true,
    };

    private static IResult ToReport(HttpContext context, ReportAnalysis report) => context.NegotiatedMediaTypeOf() switch
    {
        Text or Markdown => ToText(context, report, context.NegotiatedMediaTypeOf()),
        WordReport.MediaType => ToWord(context, report),
        _ => TypedResults.Ok(ToResponse(context, report)),
    };

    private static IResult ToWord(HttpContext context, ReportAnalysis report)
    {
        var snapshot = EvidenceCitation.Of(context, report.Data);
        return TypedResults.Bytes(WordReport.Write(ApaReport.Of(report, report.SignedCertainty(context), snapshot)), WordReport.MediaType,
            $"real-relationship-r{snapshot.Revision}{(snapshot.Hypothetical > 0 ? "-what-if" : "")}.docx");
    }

    private static ReportResponse ToResponse(HttpContext context, ReportAnalysis report)
    {
        var snapshot = EvidenceCitation.Of(context, report.Data);
        var document = ApaReport.Of(report, report.SignedCertainty(context), snapshot);
        return new(document.ToText(), document.ToMarkdown(), snapshot.Permalink, report.Data);
    }

    private static IResult ToText(HttpContext context, ReportAnalysis report, string type)
    {
        var document = ApaReport.Of(report, report.SignedCertainty(context), EvidenceCitation.Of(context, report.Data));
        return TypedResults.Text((type == Markdown ? document.ToMarkdown() : document.ToText()) + "\n", $"{type}; charset=utf-8");
    }
}
