using System.Text;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Reporting.Page;

namespace RealRelationshipApi.Reporting.Manual;

/// <summary><c>/docs</c>: the manual.</summary>
internal static class ManualEndpoints
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    private const int MaxQueryLength = 100;
    private const int MaxResults = 20;

    private static readonly string[] s_names =
    [
        "Analyses", "Uncertainty", "Spreadsheets", "Portals", "Evidence", "Clinics", "FHIR", "Glossary", "Operations", "Settings", "PostgreSQL", "Security",
        "Reliability", "Performance", "Validation", "Decisions",
    ];

    private static readonly Lazy<IReadOnlyList<ManualPage>> s_pages = new(() => [.. s_names.Select(name => new ManualPage(name, ReadMarkdown(name)))]);

    private static readonly QueryParameter s_query = new("q", QueryParameterType.Text,
        "Words that a section must have, all of them, in any case.")
    {
        Example = "prediction interval",
    };

    /// <summary>Names of the pages, in the order of the table of contents.</summary>
    public static IReadOnlyList<string> PageNames => s_names;

    public static IEndpointRouteBuilder MapManual(this IEndpointRouteBuilder app)
    {
        app.MapGet("/docs", GetIndex).WithTags("Look").WithName("getManual").WithSummary("Get the manual's table of contents")
            .WithDescription("Returns a page with the parts of the manual, or with the sections that have all words of `q`. Needs no key.")
            .WithQueryParameters(s_query).WithMediaTypes(MediaTypes.Html).Produces<string>(StatusCodes.Status200OK, MediaTypes.Html)
            .ProducesProblems(ProblemKind.Invalid).AllowAnonymous();
        app.MapGet("/docs/{page:regex(^[a-zA-Z]{{1,20}}$)}", GetPage).WithTags("Look").WithName("getManualPage").WithSummary("Get a page of the manual")
            .WithDescription("Returns a page of the manual; `/docs` lists them. Needs no key.")
            .WithMediaTypes(MediaTypes.Html).Produces<string>(StatusCodes.Status200OK, MediaTypes.Html).ProducesProblems(ProblemKind.NotFound)
            .WithExampleValue("page", "analyses").AllowAnonymous();
        return app;
    }

    private static IResult GetIndex(HttpContext context)
    {
        var query = context.Request.Query["q"].ToString();
        if (query.Length > MaxQueryLength)
        {
            return Problem.Invalid([new FieldError("?q", "tooLong", $"has {query.Length} characters; {MaxQueryLength} are the most: leave out words")]);
        }

        string[] words = [.. query.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Distinct(StringComparer.OrdinalIgnoreCase)];
        return Respond(context, words.Length == 0 ? "Manual" : $"{query} – manual", null, query, words.Length == 0 ? Contents() : Results(query, words));
    }

    private static IResult GetPage(HttpContext context, string page)
    {
        if (s_pages.Value.FirstOrDefault(p => p.Name.Equals(page, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return Respond(context, found.Title, found, "", found.Content);
        }

        var meant = SimilarNames.Nearest(page, s_names);
        var suggestion = meant is null ? "." : $": did you mean /docs/{meant.ToLowerInvariant()}?";
        return new Problem(ProblemKind.NotFound, $"The manual has no page '{page}'{suggestion} /docs lists all.");
    }

    private static Html Contents() => Html.Of($"""
        <h1>Manual</h1>
        <p class="lead">What the service does, with commands that are run before every release.</p>
        <dl class="contents">{s_pages.Value.Select(page => Html.Of($"<dt><a href=\"{page.Address}\">{page.Title}</a></dt><dd>{page.Purpose}</dd>"))}</dl>
        <p>Each operation, with its parameters and examples, is in <a href="/swagger">Swagger UI</a>.</p>
        """);

    private static Html Results(string query, string[] words)
    {
        var found = s_pages.Value.SelectMany(page => page.Sections).Select(section => (Section: section, Score: section.Score(words, query)))
            .Where(result => result.Score > 0).OrderByDescending(result => result.Score).Take(MaxResults).ToList();
        return found.Count == 0
            ? Html.Of($"<h1>Manual</h1><p class=\"nothing\" role=\"status\">No section has all of: {query}. Try fewer words.</p>{Contents()}")
            : Html.Of($"""
                <h1>{query}</h1>
                <dl class="contents">{found.Select(result => Html.Of($"""
                    <dt><a href="{result.Section.Address}">{result.Section.Page.Title}: {result.Section.Heading}</a></dt>
                    <dd>{result.Section.Excerpt(words, query)}</dd>
                    """))}</dl>
                """);
    }

    private static IResult Respond(HttpContext context, string title, ManualPage? page, string query, Html content)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        context.Response.Headers.CacheControl = "max-age=300";
        return TypedResults.Text(HtmlDocument.Of($"{title} – RealRelationshipApi", Html.Of($"""
            <link rel="stylesheet" href="/page.css">
            <link rel="stylesheet" href="/docs.css">
            """), Html.Of($"""
            <body class="manual">
              <a class="skip" href="#main">To the text</a>
              <nav aria-label="Manual">
                <form role="search" action="/docs">
                  <label for="q">Search the manual</label>
                  <input id="q" name="q" type="search" maxlength="{MaxQueryLength}" value="{query}">
                  <button type="submit">Search</button>
                </form>
                <ul>{s_pages.Value.Select(p => Html.Of($"<li>{Entry(p, page)}</li>"))}</ul>
                <p><a href="/">The evidence</a> · <a href="/swagger">Swagger UI</a></p>
              </nav>
              <main id="main">{content}</main>
            </body>
            """)).Text, "text/html; charset=utf-8");
    }

    // The open page has its sections below it.
    private static Html Entry(ManualPage entry, ManualPage? open) => entry != open ? Html.Of($"<a href=\"{entry.Address}\">{entry.Title}</a>") : Html.Of($"""
        <a href="{entry.Address}" aria-current="page">{entry.Title}</a>
        <ul>{entry.Sections.Where(s => s.Anchor.Length > 0).Select(s => Html.Of($"<li><a href=\"#{s.Anchor}\">{s.Heading}</a></li>"))}</ul>
        """);

    private static string ReadMarkdown(string name)
    {
        using var stream = typeof(ManualEndpoints).Assembly.GetManifestResourceStream($"docs/{name}")
            ?? throw new InvalidOperationException($"The manual lacks {name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
