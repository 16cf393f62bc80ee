using FluentValidation;

using RealRelationshipApi.Access;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta.TakeAway;

/// <summary>What a reader takes along: a paragraph, a citation, an archive. Each is of one question, as of one revision.</summary>
public static class TakeAwayEndpoints
{
    private const string Text = "text/plain";
    private const string Markdown = "text/markdown";
    private const string Zip = "application/zip";

    public static IEndpointRouteBuilder MapTakeAway(this IEndpointRouteBuilder app)
    {
        const string report = "Estimate, intervals, heterogeneity, model, what was left out and every reservation, in the style of the APA; an association, never a cause. ";
        Asks(app.MapGet("/meta/report", ReportAsAgreed)).WithName("report").WithSummary("Reports the pool as a paragraph of a paper")
            .WithDescription(report + "JSON has both forms; `Accept` chooses plain text or Markdown. Needs scope `meta:read`.")
            .Offers(MediaTypes.Json, Text, Markdown).Produces<ReportAnswer>(200, MediaTypes.Json, Text, Markdown);
        Asks(app.MapGet("/meta/report.txt", (HttpContext c, StoredQuestions q, IValidator<PoolRequest> v) => Answer(c, q, v, s => TextOf(c, s, Text)))).WithName("reportText")
            .WithSummary("Reports the pool as plain text").WithDescription(report + "Needs scope `meta:read`.").Offers(Text).Produces<string>(200, Text);
        Asks(app.MapGet("/meta/report.md", (HttpContext c, StoredQuestions q, IValidator<PoolRequest> v) => Answer(c, q, v, s => TextOf(c, s, Markdown)))).WithName("reportMarkdown")
            .WithSummary("Reports the pool as Markdown").WithDescription(report + "Needs scope `meta:read`.").Offers(Markdown).Produces<string>(200, Markdown);

        const string citation = "Names the revision of the evidence, the software and the fingerprint, and gives the address that answers the same for ever. ";
        Asks(app.MapGet("/meta/citation", CitationAsAgreed)).WithName("citation").WithSummary("Cites the evidence as it stands")
            .WithDescription(citation + "CSL-JSON, BibTeX or RIS by `Accept`. Needs scope `meta:read`.")
            .Offers(MediaTypes.Json, CitationFormats.CslType, CitationFormats.BibTexType, CitationFormats.RisType)
            .Produces<string>(200, MediaTypes.Json, CitationFormats.CslType, CitationFormats.BibTexType, CitationFormats.RisType);
        foreach (var (suffix, name, type) in new[] { ("bib", "BibTeX", CitationFormats.BibTexType), ("ris", "RIS", CitationFormats.RisType), ("json", "CSL-JSON", CitationFormats.CslType) })
        {
            Asks(app.MapGet($"/meta/citation.{suffix}", (HttpContext c, StoredQuestions q, IValidator<PoolRequest> v) => Answer(c, q, v, s => CitationOf(c, s, type))))
                .WithName($"citation{name.Replace("-", "", StringComparison.Ordinal)}").WithSummary($"Cites the evidence as it stands in {name}").WithDescription(citation + "Needs scope `meta:read`.")
                .Offers(type).Produces<string>(200, type);
        }

        Asks(app.MapGet("/export.zip", Archive)).WithName("exportArchive").WithSummary("Gives everything that an answer rests on as an archive")
            .WithDescription("The effects that entered as CSV, a codebook, how to cite, the answer, and a script that computes it again in R with metafor and compares. Needs scope `meta:read`.")
            .Offers(Zip).Produces<byte[]>(200, Zip);
        return app;
    }

    private static RouteHandlerBuilder Asks(RouteHandlerBuilder endpoint) => endpoint.WithTags("Look").NeedsScope(Scopes.MetaRead).KeepsAnswers().Takes(QuestionParameters.Question)
        .Refuses(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

    private static Task<IResult> ReportAsAgreed(HttpContext context, StoredQuestions questions, IValidator<PoolRequest> validator) =>
        Answer(context, questions, validator, taken => context.Representation() is Text or Markdown
            ? TextOf(context, taken, context.Representation())
            : TypedResults.Ok(Report.Of(taken.Pool, taken.Request.Filter, Snapshot.Of(context, taken.Pool.Data))));

    private static IResult TextOf(HttpContext context, Taken taken, string type)
    {
        var report = Report.Of(taken.Pool, taken.Request.Filter, Snapshot.Of(context, taken.Pool.Data));
        return TypedResults.Text((type == Markdown ? report.Markdown : report.Text) + "\n", $"{type}; charset=utf-8");
    }

    private static Task<IResult> CitationAsAgreed(HttpContext context, StoredQuestions questions, IValidator<PoolRequest> validator) =>
        Answer(context, questions, validator, taken => CitationOf(context, taken, context.Representation()));

    private static IResult CitationOf(HttpContext context, Taken taken, string type)
    {
        var snapshot = Snapshot.Of(context, taken.Pool.Data);
        return TypedResults.Text(type switch
        {
            CitationFormats.BibTexType => CitationFormats.BibTex(snapshot),
            CitationFormats.RisType => CitationFormats.Ris(snapshot),
            _ => CitationFormats.Csl(snapshot),
        }, $"{type}; charset=utf-8");
    }

    private static Task<IResult> Archive(HttpContext context, StoredQuestions questions, IValidator<PoolRequest> validator) => Answer(context, questions, validator, taken =>
    {
        var snapshot = Snapshot.Of(context, taken.Pool.Data);
        return TypedResults.Bytes(ExportArchive.Write(taken.Effects, taken.Request, taken.Pool, snapshot), Zip, $"real-relationship-r{snapshot.Revision}.zip");
    });

    private static Task<IResult> Answer(HttpContext context, StoredQuestions questions, IValidator<PoolRequest> validator, Func<Taken, IResult> answer) => MetaEndpoints.OfQuery(context, validator,
        query => new PoolRequest { Filter = QuestionParameters.ReadFilter(query), Model = QuestionParameters.ReadModel(query) },
        request => questions.AnswerAsync(context, request.Filter!, effects =>
        {
            var (pool, problem) = PoolAnalysis.Run(effects, request, Asked.InQuery);
            return pool is null ? problem! : answer(new(effects, request, pool));
        }));

    private sealed record Taken(EffectSet Effects, PoolRequest Request, PoolAnswer Pool);
}
