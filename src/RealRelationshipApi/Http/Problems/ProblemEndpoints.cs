using Microsoft.AspNetCore.Http.HttpResults;

namespace RealRelationshipApi.Http.Problems;

/// <summary><c>/problems</c>: explains the <c>type</c> of problems.</summary>
internal static class ProblemEndpoints
{
    public static IEndpointRouteBuilder MapProblems(this IEndpointRouteBuilder app)
    {
        app.MapGet("/problems/{slug}", GetExplanation)
            .WithName("explainProblem").WithTags("Operate").WithSummary("Explains a kind of problem")
            .WithDescription("What the `type` of a problem document points to. Open to everyone.")
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

/// <summary>A kind of problem in words.</summary>
internal sealed record ProblemExplanationResponse(string Slug, int Status, string Title, string Explanation);
