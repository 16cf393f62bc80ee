using Microsoft.AspNetCore.Http.HttpResults;

namespace RealRelationshipApi.Http.Problems;

/// <summary><c>/problems</c>: explains the <c>type</c> of problems.</summary>
internal static class ProblemEndpoints
{
    public static IEndpointRouteBuilder MapProblems(this IEndpointRouteBuilder app)
    {
        app.MapGet("/problems/{slug}", GetExplanation)
            .WithName("explainProblem").WithTags("Operate").WithSummary("Explain a problem type")
            .WithDescription("Target of the `type` URL of problem documents. Needs no key.")
            .ProducesProblems(ProblemKind.NotFound)
            .WithExampleValue("slug", ProblemKind.Invalid.Slug)
            .AllowAnonymous();
        return app;
    }

    private static Results<Ok<ProblemExplanationResponse>, Problem> GetExplanation(string slug) =>
        ProblemKind.All.FirstOrDefault(k => k.Slug == slug) is { } kind
            ? TypedResults.Ok(new ProblemExplanationResponse(kind.Slug, kind.Status, kind.Title, kind.Explanation))
            : new Problem(ProblemKind.NotFound, "There is no problem of that name.");
}

/// <summary>Explanation of a type of problem.</summary>
/// <param name="Slug">Last part of the URL of the type.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">Short description.</param>
/// <param name="Explanation">What it means and what to do.</param>
internal sealed record ProblemExplanationResponse(string Slug, int Status, string Title, string Explanation);
