using FluentValidation;

using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Analyses.Plan;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Reporting.Practice;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Reporting.Page;

/// <summary><c>GET /</c>: the HTML page with the current estimate.</summary>
internal static class PageEndpoints
{
    /// <summary>Content security policy of the page.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; img-src 'self' blob:; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'";

    private static readonly EffectSetEndpoint<ModeratorsRequest, PageContext> s_page = new()
    {
        Empty = new() { By = FilterForm.DefaultModerators },
        Options = [.. ModeratorsRequest.Options.Where(option => option.Parameter.Name == "by")
            .Select(by => by with { Parameter = by.Parameter with { Required = false, Example = null } })],
        Run = Pool,
        Complete = AddCountsAndNewsAsync,
        Write = Render,
        AllowsNoEffects = true,
        Cost = (size, _) => AnalysisCost.Moderators(size) + AnalysisCost.Certainty(size) + AnalysisCost.Bayes(size, new()) + PlanSection.Cost(size),
        Moderators = request => request.By,
    };

    public static IEndpointRouteBuilder MapPage(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", GetPage).WithTags("Look").WithName("getPage").WithSummary("Get the HTML page")
            .WithDescription(
                "Returns a page with the pooled estimate, forest plot, moderators, certainty, posterior and coverage, statements for practice, and how to "
                + "cite and contribute. "
                + "It accepts the parameters of `/meta/pool`, and `by`. Of more than 500 effects its script asks for the news afterwards. "
                + "To clients that accept `text/html` errors are pages, too. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithResponseCaching().ShowsDocuments()
            .WithQueryParameters([.. s_page.Parameters, .. WhatIfSection.Parameters]).WithMediaTypes(MediaTypes.Html)
            .Produces<string>(200, MediaTypes.Html)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        return app;
    }

    /// <summary>Serves style sheet and script of the page from embedded resources.</summary>
    public static IApplicationBuilder UsePageFiles(this IApplicationBuilder app) => app.UseStaticFiles(new StaticFileOptions
    {
        FileProvider = new EmbeddedFileProvider(typeof(PageEndpoints).Assembly, "RealRelationshipApi.wwwroot"),
        OnPrepareResponse = file => file.Context.Response.Headers.CacheControl = "no-cache",
    });

    private static async Task<IResult> GetPage(HttpContext context, AnalysisService analyses, IValidator<ModeratorsRequest> validator)
    {
        // Without script, the form submits empty fields, too, which are ignored.
        if (context.Request.Query.Any(p => p.Value.Contains("")))
        {
            return TypedResults.LocalRedirect(
                "/" + new QueryBuilder(
                    context.Request.Query.SelectMany(p => p.Value.Where(v => v != "").Select(v => KeyValuePair.Create(p.Key, v ?? "")))).ToQueryString());
        }

        return context.Request.Query.Keys.Any(name => name is WhatIfSection.Correlation or WhatIfSection.Participants)
            ? TypedResults.LocalRedirect("/" + WhatIfSection.ToQuery(context.Request.Query))
            : await s_page.GetAsync(context, analyses, validator);
    }

    // The page also shows that nothing can be pooled.
    private static (PageContext? Page, Problem? Problem) Pool(EffectSet effects, ModeratorsRequest request, ErrorLocation location)
    {
        if (effects.Count == 0)
        {
            return (new(effects, request, null, effects.Given == 0
                ? "There is no evidence here yet. Submit the first study with POST /studies." : effects.EmptyReason), null);
        }

        try
        {
            var (pool, problem) = PoolAnalysis.Run(effects, new PoolRequest { Model = request.Model }, location);
            return pool is null ? (null, problem) : (new(effects, request, pool, "")
            {
                Certainty = CertaintyAnalysis.Of(effects, request.Model, pool, request.Add is null && CertaintyRequest.HasDefaults(request.Filter)),
                Bayes = BayesSection.Fit(effects, request.Model),
                Plan = PlanSection.Plan(effects, request.Model, pool),
                Moderators = ModeratorsAnalysis.RunComputable(effects, request.By, request.Model),
            }, null);
        }
        catch (StatisticsException error)
        {
            return (new(effects, request, null, error.Message), null);
        }
    }

    private static async Task<(PageContext? Page, Problem? Problem)> AddCountsAndNewsAsync(PageContext page, ModeratorsRequest request,
        EvidenceSnapshot evidence, AnalysisService analyses, AnalysisRun run)
    {
        page = page with { Counts = EvidenceCounts.Of(page.Effects.WithoutHypothetical ?? page.Effects, request.ResolvedFilter, evidence) };
        if (page.Pool is null || !NewsReader.Fits(page.Effects, request.Model, NewsSection.Revisions, run))
        {
            return (page, null);
        }

        if (NewsSection.IsDeferred(page.Effects))
        {
            return (page with { IsNewsDeferred = true }, null);
        }

        var question = new NewsRequest { Filter = request.ResolvedFilter, Model = request.Model, Limit = NewsSection.Revisions };
        // The moderators of the page are those of the last state.
        var verdicts = request.Add is null && request.By.SequenceEqual(Conclusions.Moderators) ? page.Moderators.Response?.Moderators
            .ToDictionary(moderator => moderator.Name, moderator => moderator.Verdict, StringComparer.Ordinal) : null;
        var (news, problem) = await NewsReader.ReadAsync(question, evidence, analyses, run, verdicts);
        return news is null ? (null, problem) : (page with { News = news.Items }, null);
    }

    private static IResult Render(HttpContext context, PageContext page)
    {
        var snapshot = EvidenceCitation.Of(context, ResponseMapper.Data(page.Effects));
        var query = QueryWithoutBy(context.Request.Query);
        var plain = QueryOf(context.Request.Query.Where(p => p.Key != "by" && !UnusedOptions.IsOfSequence(p.Key)));
        var filter = QueryOf(context.Request.Query.Where(p => AnalysisRequest.FilterOnly.Any(parameter => parameter.Matches(p.Key))));
        var content = page.Pool is null
            ? Html.Of($"<p class=\"nothing\">{page.EmptyReason}</p>{EffectTable.LeftOut(context.Request.Query)}{WhatIfSection.Form(context.Request.Query)}")
            : Html.Of($"""
                {WhatIfSection.Answer(page.Pool, WhatIfSection.WithoutAdded(context.Request.Query))}
                {EstimateSection.Of(page.Pool, page.Effects, snapshot, context.Request.Query, query, plain)}
                {WhatIfSection.Form(context.Request.Query)}
                {ModeratorSection.Of(page.Request.By, page.Moderators.Response, page.Moderators.Reasons, page.Pool, plain)}
                {(page.Certainty is { } certainty
                    ? CertaintySection.Of(SignedCertainty.AddTo(certainty, context.Document(CertaintyRecord.Type)), filter) : Html.Empty)}
                {BayesSection.Of(page.Bayes, plain)}{PlanSection.Of(page.Plan, page.Pool.Model.Confidence, plain)}
                {CoverageSection.Of(filter)}{NewsSection.Of(page.News, page.IsNewsDeferred, snapshot)}
                """);
        var practice = PracticeSection.Of(context.Document(PracticeStatements.Type));
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        return TypedResults.Text(Page(context.Request.Query, page, content, practice, snapshot).Text, "text/html; charset=utf-8");
    }

    // The query without the parameter that only the page accepts.
    private static string QueryWithoutBy(IQueryCollection query) => QueryOf(query.Where(p => p.Key != "by"));

    private static string QueryOf(IEnumerable<KeyValuePair<string, StringValues>> parameters) =>
        new QueryBuilder(parameters).ToString();

    private static Html Page(IQueryCollection query, PageContext page, Html content, Html practice, EvidenceCitation snapshot) => HtmlDocument.Of(
        snapshot.Title, Html.Of($"""
        <meta name="description" content="How strongly the real relationship goes with the outcome of psychotherapy, pooled anew whenever a study comes in.">
        <link rel="stylesheet" href="/page.css">
        <script src="/page.js" defer></script>
        <script src="/effects.js" defer></script>
        <script src="/paste.js" defer></script>
        {NewsSection.FeedLink(snapshot)}
        {(snapshot.Hypothetical > 0 ? WhatIfSection.NotIndexed : CitationSection.SchemaOrgDataset(snapshot, page.Pool))}
        """), Html.Of($"""
        <body>
          <a class="skip" href="#main">To the estimate</a>
          <main id="main">
            <h1>{(snapshot.About.Title == About.DefaultTitle ? "The real relationship in psychotherapy" : snapshot.Title)}</h1>
            <p id="progress" role="status" aria-live="polite"></p>
            <div id="answer">
              {content}
            </div>
            {FilterForm.Of(query, page.Counts)}
            {PasteSection.Box}
            {practice}
            {CitationSection.Of(snapshot)}
            {CitationSection.SubmissionHelp(snapshot)}
            {AboutSection.Of(snapshot.About)}
          </main>
          <footer>
            <p>A living meta-analysis, after Gelso, Kivlighan &amp; Markin (2018). It pools correlations. It makes no predictions for
            individuals and no causal claims.
            <a href="/meta/references">Published results</a> · <a href="/effects.csv">Effects as CSV</a> ·
            <a href="/docs">Manual</a> · <a href="/swagger">Try every operation</a></p>
          </footer>
        </body>
        """));

    /// <summary>Content of a page.</summary>
    /// <param name="Effects">The selected effects.</param>
    /// <param name="Request">The request.</param>
    /// <param name="Pool">Null if nothing can be pooled.</param>
    /// <param name="EmptyReason">Why nothing can be pooled.</param>
    private sealed record PageContext(EffectSet Effects, ModeratorsRequest Request, PoolResponse? Pool, string EmptyReason)
    {
        /// <summary>The moderators that can be computed, and why others cannot be; default if nothing can be pooled.</summary>
        public (ModeratorsResponse? Response, IReadOnlyDictionary<string, string> Reasons) Moderators { get; init; }

        /// <summary>Null if nothing can be pooled.</summary>
        public CertaintyResponse? Certainty { get; init; }

        /// <summary>Null if nothing can be pooled, or the posterior cannot be computed.</summary>
        public (BayesResponse Response, FittedBayes Fitted)? Bayes { get; init; }

        /// <summary>Numbers of effects beside the choices of the form; null if there are too many effects to count.</summary>
        public EvidenceCounts? Counts { get; init; }

        /// <summary>News of the last revisions; null if they are deferred, or would cost too much.</summary>
        public IReadOnlyList<NewsItem>? News { get; init; }

        /// <summary>Whether the news are loaded after the page.</summary>
        public bool IsNewsDeferred { get; init; }

        /// <summary>Null if there is no plan.</summary>
        public (PlanResponse One, PlanResponse? Several)? Plan { get; init; }
    }
}
