using Microsoft.AspNetCore.Mvc.ApiExplorer;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Order of operations in the OpenAPI document and in Swagger UI: in each group first what most callers come for, and what changes the store after
/// what only reads it, so that a program that goes through all of them finds the evidence as it was.</summary>
internal static class OperationOrder
{
    private static readonly string[] s_first =
    [
        "meta/pool", "meta/forest.svg", "meta/moderators", "meta/sensitivity", "meta/bias", "meta/regression", "meta/bayes", "meta/multiverse",
        "meta/diagnostics", "meta/changes", "meta/certainty", "meta/plan", "meta/convert", "meta/coverage", "associations",
        "", "docs", "effects", "effects.csv", "meta/options", "meta/report", "export.zip", "meta/funnel.svg", "meta/bubble.svg", "meta/news",
    ];

    // First segments of paths.
    private static readonly string[] s_last = ["studies", "sessions", "fhir", "instruments", "sources", "erasures", "about", "certainty", "practice"];

    private static readonly string[] s_methods = ["GET", "POST", "PUT", "DELETE"];

    /// <summary>Sorts before the keys of operations that come later.</summary>
    public static string KeyOf(ApiDescription operation)
    {
        var path = (operation.RelativePath ?? "").TrimEnd('/');
        var (first, last) = (Array.IndexOf(s_first, path), Array.IndexOf(s_last, path.Split('/')[0]));
        var rank = first >= 0 ? first : s_first.Length + last + 1;
        return $"{rank:000} {path} {Array.IndexOf(s_methods, operation.HttpMethod)}";
    }
}
