using FluentValidation;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationshipApi.Documents;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Certainty;

/// <summary><c>/certainty</c>: the judgements that people signed.</summary>
internal static class CertaintyEndpoints
{
    public static IEndpointRouteBuilder MapCertaintyRecord(this IEndpointRouteBuilder app)
    {
        app.MapGet("/certainty", Get).ReadsDocument("readCertaintyRecord", "Get the signed judgements of certainty",
            "Returns the starting level and the judgements that people signed; `/meta/certainty` has them beside the numbers.");
        app.MapPut("/certainty", Replace).ReplacesDocument<CertaintyRecord>("signCertainty", "Sign judgements of certainty",
            "Replaces the signed judgements of the certainty of all stored evidence with the default filter. A judgement that is sent again unchanged keeps "
                + "the time and evidence revision of its signature.");
        return app;
    }

    public static IServiceCollection AddCertainty(this IServiceCollection services) => services
        .AddSingleton<IValidator<CertaintyRecord>, CertaintyRecordValidator>()
        .AddSingleton<IValidator<SignedStart>, SignedStartValidator>()
        .AddSingleton<IValidator<SignedJudgement>, SignedJudgementValidator>();

    private static Task<Results<Ok<CertaintyRecord>, StatusCodeHttpResult, Problem>> Get(HttpContext context, DocumentStore documents) =>
        documents.GetAsync(CertaintyRecord.Type, context);

    private static Task<Results<Ok<CertaintyRecord>, Problem>> Replace(JsonBody<CertaintyRecord> body, HttpContext context, DocumentStore documents) =>
        documents.ReplaceAsync(CertaintyRecord.Type, body.Value, context);
}
