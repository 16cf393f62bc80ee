using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Reporting.Embedding;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>Shows errors as pages: those of pages to clients that accept HTML, all others to browsers that open the address. Clients that accept problem
/// documents, and those that say nothing, get these.</summary>
internal static class ProblemPages
{
    private static readonly Dictionary<string, CustomProblemWriter> s_writers = new(StringComparer.Ordinal)
    {
        ["/"] = new((context, problem) => WriteAsync(context, PageEndpoints.ContentSecurityPolicy, Page(problem, Forms(problem, context.Request.Query)))),
        ["/clinic"] = new((context, problem) => WriteAsync(context, ClinicPageEndpoint.ContentSecurityPolicy, Page(problem, Html.Empty))),
        ["/embed"] = new((context, problem) => WriteAsync(context, EmbedEndpoints.ContentSecurityPolicyOf(context), EmbedPage.RenderProblem(Faults(problem)))),
    };

    private static readonly CustomProblemWriter s_other =
        new((context, problem) => WriteAsync(context, PageEndpoints.ContentSecurityPolicy, Page(problem, Html.Empty)));

    /// <summary>Sets the format of errors; to be called before anything that writes them.</summary>
    public static IApplicationBuilder UseProblemPages(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var writer = s_writers.GetValueOrDefault(context.Request.Path.Value ?? "") ?? (IsNavigation(context) ? s_other : null);
        if (writer is not null && Accepts(context, MediaTypes.Html) && !Accepts(context, Problem.ContentType)
            && context.Features.Get<CustomProblemWriter>() is null)
        {
            context.Features.Set(writer);
        }

        return next(context);
    });

    // Browsers accept XHTML where a person opens an address.
    private static bool IsNavigation(HttpContext context) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) && Accepts(context, "application/xhtml+xml");

    private static bool Accepts(HttpContext context, string mediaType) => MediaTypeHeaderValue.TryParseList(context.Request.Headers.Accept, out var accepted)
        && accepted.Any(range => range.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase));

    private static Task WriteAsync(HttpContext context, string policy, Html page)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = policy;
        headers.Vary = HeaderNames.Accept;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(page.Text, context.RequestAborted);
    }

    private static Html Page(ProblemDocument problem, Html forms) => HtmlDocument.Of(problem.Title, Html.Of($"""
        <meta name="robots" content="noindex">
        <link rel="stylesheet" href="/page.css">
        """), Html.Of($"""
        <body>
          <main id="main">
            <h1>{problem.Title}</h1>
            {Faults(problem)}
            {forms}
            <p><a href="/">The estimate</a> · <a href="/docs">Manual</a> · <a href="/swagger">All operations</a></p>
          </main>
        </body>
        """));

    private static Html Faults(ProblemDocument problem) => problem.Errors.Count == 0 ? Html.Of($"<p class=\"nothing\" role=\"alert\">{problem.Detail}</p>")
        : Html.Of($"<ul class=\"nothing\" role=\"alert\">{problem.Errors.Select(error => Html.Of($"<li>{NameOf(error)} {error.Detail}.</li>"))}</ul>");

    private static Html NameOf(FieldError error) => error.Pointer == $"?{AddedEffects.Parameter.Name}" ? Html.Of($"Your study:")
        : error.Pointer.StartsWith('?') ? Html.Of($"<code>{error.Pointer[1..]}</code>") : Html.Empty;

    // With what was asked, except what is wrong; the fields of one's own study are shown as sent.
    private static Html Forms(ProblemDocument problem, IQueryCollection query)
    {
        var wrong = problem.Errors.Select(error => error.Pointer.TrimStart('?')).ToHashSet(StringComparer.Ordinal);
        var right = new QueryCollection(query.Where(p => !wrong.Contains(p.Key) && !WhatIfSection.IsOwn(p.Key))
            .ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal));
        var (r, n) = (query[WhatIfSection.Correlation], query[WhatIfSection.Participants]);
        var withStudy = new Dictionary<string, StringValues>(right, StringComparer.Ordinal)
        {
            [AddedEffects.Parameter.Name] = r.Count + n.Count > 0 ? $"{r}:{n}" : query[AddedEffects.Parameter.Name],
        };
        return Html.Of($"{WhatIfSection.Form(new QueryCollection(withStudy))}{FilterForm.Of(right)}");
    }
}
