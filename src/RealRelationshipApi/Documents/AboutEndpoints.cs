using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Documents;

/// <summary><c>/about</c>: who is responsible for the evidence, and how it is collected.</summary>
internal static class AboutEndpoints
{
    public static IEndpointRouteBuilder MapAbout(this IEndpointRouteBuilder app)
    {
        app.MapGet("/about", Get).ReadsDocument("readAbout", "Get who curates the evidence, and how",
            "Returns title, curators, licence, DOI, protocol, search and conflicts of interest; null is not declared.");
        app.MapPut("/about", Replace).ReplacesDocument<About>("replaceAbout", "Declare who curates the evidence, and how",
            "Replaces what the service says of its evidence, which citations, page, JSON-LD and archive show.");
        return app;
    }

    private static Task<Results<Ok<About>, StatusCodeHttpResult, Problem>> Get(HttpContext context, DocumentStore documents) =>
        documents.GetAsync(About.Type, context);

    private static Task<Results<Ok<About>, Problem>> Replace(JsonBody<About> body, HttpContext context, DocumentStore documents) =>
        documents.ReplaceAsync(About.Type, body.Value, context);
}
