using FluentValidation;

using RealRelationshipApi.Access;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta.Pictures;

/// <summary><c>/meta/forest.svg</c>, <c>/meta/funnel.svg</c> and <c>/meta/cumulative.svg</c>: the question of <c>/meta/pool</c>, answered as a picture.</summary>
public static class PictureEndpoints
{
    private const string Habits = " Text is text, there is a description for who cannot see, it is light or dark as the reader has it, and holds no script. ";

    public static IEndpointRouteBuilder MapPictures(this IEndpointRouteBuilder app)
    {
        var pictures = app.MapGroup("/meta").WithTags("Look");

        Draws(pictures.MapGet("/forest.svg", Forest)).WithName("forest").WithSummary("Draws the stored evidence as a forest plot")
            .WithDescription("Every effect with its weight and interval, subgroups with `by`, the pooled diamond, the prediction interval, and published results as open diamonds."
                + Habits + "Needs scope `meta:read`.")
            .Takes([.. PictureParameters.Forest, .. QuestionParameters.Question]);
        DrawsBody<ForestRequest>(pictures.MapPost("/forest.svg", ForestOf)).WithName("forestOf").WithSummary("Draws effects of the body, or a filter of the stored ones, as a forest plot")
            .WithDescription("Nothing is stored. Needs scope `meta:read`.").WithExample(MetaExamples.Forest);

        Draws(pictures.MapGet("/funnel.svg", Funnel)).WithName("funnel").WithSummary("Draws the stored evidence as a funnel plot")
            .WithDescription("Contours of significance, the effects that trim and fill adds, and Egger's line." + Habits + "Needs scope `meta:read`.")
            .Takes([.. PictureParameters.Funnel, .. QuestionParameters.Question]);
        DrawsBody<FunnelRequest>(pictures.MapPost("/funnel.svg", FunnelOf)).WithName("funnelOf").WithSummary("Draws effects of the body, or a filter of the stored ones, as a funnel plot")
            .WithDescription("Nothing is stored. Needs scope `meta:read`.").WithExample(MetaExamples.Bias);

        Draws(pictures.MapGet("/cumulative.svg", Cumulative)).WithName("cumulative").WithSummary("Draws how the pooled effect came to be what it is, year by year")
            .WithDescription("Each row pools what was published up to that year." + Habits + "Needs scope `meta:read`.")
            .Takes([.. PictureParameters.Cumulative, .. QuestionParameters.Question]);
        DrawsBody<CumulativeRequest>(pictures.MapPost("/cumulative.svg", CumulativeOf)).WithName("cumulativeOf").WithSummary("Draws how the pooled effect of effects of the body comes to be what it is")
            .WithDescription("Effects of the body are taken one by one in the given order, a filter of the stored ones year by year. Nothing is stored. Needs scope `meta:read`.").WithExample(MetaExamples.Bias);
        return app;
    }

    private static RouteHandlerBuilder Draws(RouteHandlerBuilder endpoint) => endpoint.NeedsScope(Scopes.MetaRead).KeepsAnswers().Offers(MediaTypes.Svg)
        .Produces<string>(200, MediaTypes.Svg).Refuses(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

    private static RouteHandlerBuilder DrawsBody<TRequest>(RouteHandlerBuilder endpoint) where TRequest : QuestionRequest =>
        Draws(endpoint).Validates<TRequest>().Refuses(ProblemKind.TooLarge, ProblemKind.UnsupportedMediaType);

    private static Task<IResult> Forest(HttpContext context, StoredQuestions questions, IValidator<ForestRequest> validator) => MetaEndpoints.OfQuery(context, validator,
        query => new ForestRequest
        {
            By = query.Text("by"),
            Sort = query.Choice<ForestOrder>("sort"),
            References = query.Flag("references"),
            Rows = query.Whole("rows"),
            Page = query.Whole("page"),
            Filter = QuestionParameters.ReadFilter(query),
            Model = QuestionParameters.ReadModel(query),
        },
        request => questions.AnswerAsync(context, request.Filter!, effects => Drawn(context, ForestPlot.Run(effects, request, Asked.InQuery))));

    private static Task<IResult> ForestOf(ForestRequest request, HttpContext context, StoredQuestions questions) =>
        questions.AnswerAsync(context, request, effects => Drawn(context, ForestPlot.Run(effects, request, Asked.InBody)));

    private static Task<IResult> Funnel(HttpContext context, StoredQuestions questions, IValidator<FunnelRequest> validator) => MetaEndpoints.OfQuery(context, validator,
        query => new FunnelRequest
        {
            TrimAndFill = query.Choice<TrimAndFillChoice>("trimAndFill"),
            Side = query.Choice<Side>("side"),
            Filter = QuestionParameters.ReadFilter(query),
            Model = QuestionParameters.ReadModel(query),
        },
        request => questions.AnswerAsync(context, request.Filter!, effects => Drawn(context, FunnelPlot.Run(effects, request, Asked.InQuery))));

    private static Task<IResult> FunnelOf(FunnelRequest request, HttpContext context, StoredQuestions questions) =>
        questions.AnswerAsync(context, request, effects => Drawn(context, FunnelPlot.Run(effects, request, Asked.InBody)));

    private static Task<IResult> Cumulative(HttpContext context, StoredQuestions questions, IValidator<CumulativeRequest> validator) => MetaEndpoints.OfQuery(context, validator,
        query => new CumulativeRequest
        {
            Rows = query.Whole("rows"),
            Page = query.Whole("page"),
            Filter = QuestionParameters.ReadFilter(query),
            Model = QuestionParameters.ReadModel(query),
        },
        request => questions.AnswerAsync(context, request.Filter!, effects => Drawn(context, CumulativePlot.Run(effects, request, Asked.InQuery))));

    private static Task<IResult> CumulativeOf(CumulativeRequest request, HttpContext context, StoredQuestions questions) =>
        questions.AnswerAsync(context, request, effects => Drawn(context, CumulativePlot.Run(effects, request, Asked.InBody)));

    private static IResult Drawn(HttpContext context, (string? Picture, Problem? Problem) result)
    {
        if (result.Problem is { } problem)
        {
            return problem;
        }

        context.Response.Headers.ContentSecurityPolicy = Svg.ContentSecurityPolicy;
        return TypedResults.Text(result.Picture, $"{MediaTypes.Svg}; charset=utf-8");
    }
}
