using FluentValidation;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationshipApi.Documents;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Practice;

/// <summary><c>/practice</c>: statements for practice, signed by a curator.</summary>
internal static class PracticeEndpoints
{
    public static IEndpointRouteBuilder MapPractice(this IEndpointRouteBuilder app)
    {
        app.MapGet("/practice", Get).ReadsDocument("readPractice", "Get statements for practice",
            "Returns statements with source, basis, the question behind each, for whom the evidence was gathered, and what is not known. Those that come with "
                + "the software are of the abstract of Gelso, Kivlighan and Markin (2018), and not signed.");
        app.MapPut("/practice", Replace).ReplacesDocument<PracticeStatements>("replacePractice", "Replace the statements for practice",
            "Replaces all statements. A curator signs each; a statement that is sent again unchanged keeps the time of its signature. A statement is of people "
                + "in general: never give a number for one patient.");
        return app;
    }

    public static IServiceCollection AddPractice(this IServiceCollection services) => services
        .AddSingleton<PracticeQuery>()
        .AddSingleton<IValidator<PracticeStatements>, PracticeValidator>()
        .AddSingleton<IValidator<PracticeStatement>, PracticeStatementValidator>();

    private static Task<Results<Ok<PracticeStatements>, StatusCodeHttpResult, Problem>> Get(HttpContext context, DocumentStore documents) =>
        documents.GetAsync(PracticeStatements.Type, context);

    private static Task<Results<Ok<PracticeStatements>, Problem>> Replace(JsonBody<PracticeStatements> body, HttpContext context, DocumentStore documents) =>
        documents.ReplaceAsync(PracticeStatements.Type, body.Value, context);
}
