using System.Globalization;
using System.Net;

using RealRelationshipApi.Access;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary><c>GET /</c>: today's estimate for people who came with a browser.</summary>
public static class PageEndpoints
{
    public static IEndpointRouteBuilder MapPage(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", Show).WithTags("Look").WithName("page").WithSummary("Shows today's estimate as a page")
            .WithDescription("The pooled estimate in words, and where to go from there. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Offers(MediaTypes.Html).Produces<string>(200, MediaTypes.Html)
            .Refuses(ProblemKind.Unauthenticated, ProblemKind.Forbidden);
        return app;
    }

    private static Task<IResult> Show(HttpContext context, StoredQuestions questions) => questions.AnswerAsync(context, evidence =>
    {
        var effects = Selection.Apply(new FilterRequest(), evidence);
        var body = effects.Count == 0
            ? "<p>There is no evidence here yet. Submit the first study with <code>POST /studies</code>.</p>"
            : Estimate(PoolAnalysis.Run(effects, new PoolRequest(), Asked.InQuery).Answer!);
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
        return TypedResults.Text(Page(body), "text/html; charset=utf-8");
    });

    private static string Estimate(PoolAnswer answer)
    {
        var (r, counts) = (answer.Correlation!, answer.Counts);
        var participants = counts.Participants.ToString("N0", CultureInfo.InvariantCulture);
        var prediction = r.PredictionLower is null ? "" : $"""
              <p>In a new setting the true correlation would be expected between <strong>{Text(r.PredictionLower)}</strong> and
              <strong>{Text(r.PredictionUpper)}</strong> (95 % prediction interval); I² = {answer.Heterogeneity.I2?.ToString("0", CultureInfo.InvariantCulture)} %.</p>
            """;
        var warnings = string.Join('\n', answer.Warnings.Select(w => $"<li class=\"{WebUtility.HtmlEncode(w.Code)}\">{WebUtility.HtmlEncode(w.Detail)}</li>"));
        return $"""
              <p class="estimate"><span class="r">r = {Text(r.R)}</span> [{Text(r.Lower)}, {Text(r.Upper)}]</p>
              <p>Pooled over <strong>{counts.Effects}</strong> {(counts.Effects == 1 ? "effect" : "effects")} of <strong>{counts.Studies}</strong>
              {(counts.Studies == 1 ? "study" : "studies")} with <strong>{participants}</strong> participants: how strongly the real relationship between
              patient and therapist goes with the outcome of psychotherapy (d = {answer.CohensD!.D?.ToString("0.00", CultureInfo.InvariantCulture)}).</p>
            {prediction}
              <ul class="warnings">{warnings}</ul>
              <p class="data">Evidence revision {answer.Data.Revision} of {answer.Data.AsOf?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)};
              model: {EnumNames<Estimator>.Of(answer.Model.Estimator)}, {EnumNames<Test>.Of(answer.Model.Test)}, {EnumNames<Dependence>.Of(answer.Model.Dependence)}.</p>
            """;
    }

    // As the field writes correlations: two decimals, no zero in front.
    private static string Text(double? r) => (r?.ToString("0.00", CultureInfo.InvariantCulture) ?? "–").Replace("0.", ".", StringComparison.Ordinal);

    private static string Page(string body) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>The real relationship in psychotherapy: a living meta-analysis</title>
          <style>
            :root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif }
            body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
            .estimate { font-size: 1.6rem; margin: 1.5rem 0 } .r { font-size: 2.6rem; font-weight: 700 }
            .warnings { padding-left: 1.2rem } .synthetic { font-weight: 700 } .data, footer { font-size: .9rem; opacity: .8 }
          </style>
        </head>
        <body>
          <main>
            <h1>The real relationship in psychotherapy</h1>
        {{body}}
          </main>
          <footer>
            <p>A living meta-analysis, in the wake of Gelso, Kivlighan &amp; Markin (2018).
            <a href="/meta/pool">The numbers</a> ·
            <a href="/meta/moderators?by=outcomeType&amp;by=relationshipRater&amp;by=outcomeRater">What they depend on</a> ·
            <a href="/meta/references">Published results</a> · <a href="/effects.csv">The effects</a> · <a href="/swagger">Try every operation</a></p>
          </footer>
        </body>
        </html>
        """;
}
