using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Reporting.Page;

/// <summary><c>GET /clinic</c>: the page for a clinic's quality manager. It contains no data; its script reads them with the key entered there.</summary>
internal static class ClinicPageEndpoint
{
    /// <summary>Content security policy of the page.</summary>
    public const string ContentSecurityPolicy = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly string s_page = Page().Text;

    public static IEndpointRouteBuilder MapClinicPage(this IEndpointRouteBuilder app)
    {
        app.MapGet("/clinic", Get).WithTags("Look").WithName("getClinicPage").WithSummary("Get the HTML page of a clinic")
            .WithDescription(
                "Returns a page for a clinic's quality manager: its associations beside those of other clinics, therapists, scores by session number, "
                + "completeness and refusals. The page contains no data and needs JavaScript; its script reads them with a key of scope `sessions:read` that "
                + "is entered there, kept in memory only, and dropped after 15 idle minutes. To clients that accept `text/html` errors are pages, "
                + "too. Needs no key.")
            .WithMediaTypes(MediaTypes.Html).Produces<string>(StatusCodes.Status200OK, MediaTypes.Html).ProducesProblems().AllowAnonymous();
        return app;
    }

    private static ContentHttpResult Get(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        return TypedResults.Text(s_page, "text/html; charset=utf-8");
    }

    private static Html Page() => HtmlDocument.Of("Your clinic: the real relationship and outcome", Html.Of($"""
        <meta name="robots" content="noindex">
        <link rel="stylesheet" href="/page.css">
        <link rel="stylesheet" href="/clinic.css">
        <script src="/clinic.js" type="module"></script>
        """), Html.Of($"""
        <body>
          <a class="skip" href="#main">To the content</a>
          <main id="main">
            <h1>Your clinic</h1>
            <p class="lead">How the real relationship goes with outcome in your own sessions, beside what is expected of other clinics; your therapists,
              the course of treatment, and how complete your data are. Only your own site’s key shows this.</p>
            <p id="no-script" class="warning">This page needs JavaScript: it keeps your key in memory only, and asks the service with it.</p>
            <form id="key-form" method="post" autocomplete="off">
              <label for="key">API key with scope <code>sessions:read</code></label>
              <div class="row">
                <input id="key" type="password" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="8192" aria-describedby="key-note">
                <button type="submit">Show</button>
              </div>
              <p id="key-note" class="note">The key stays in this tab’s memory: in no storage, no cookie and no address. It is dropped when you close or
                leave the page, and after 15 idle minutes.</p>
            </form>
            <p id="status" role="status" aria-live="polite"></p>
            <div id="report" hidden></div>
          </main>
          <footer>
            <p>Numbers describe groups of patients, not a single person, and say nothing of causes.
            <a href="/">The evidence of all studies</a> · <a href="/docs/clinics">Manual</a> · <a href="/swagger/index.html#/Analyse">The same as JSON</a></p>
          </footer>
        </body>
        """));
}
