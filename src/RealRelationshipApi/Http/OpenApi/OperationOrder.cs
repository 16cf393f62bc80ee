using Microsoft.AspNetCore.Mvc.ApiExplorer;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Order of operations in the OpenAPI document and in Swagger UI: in each group first what most callers come for.</summary>
internal static class OperationOrder
{
    // All others follow by path.
    private static readonly string[] s_first =
    [
        "meta/pool", "meta/forest.svg", "meta/moderators", "meta/sensitivity", "meta/bias", "meta/regression", "meta/bayes", "meta/multiverse",
        "meta/diagnostics", "meta/changes", "meta/certainty", "meta/plan", "meta/convert", "meta/coverage", "associations",
        "studies", "studies/batch", "studies/{key}", "sessions", "fhir", "fhir/Observation", "fhir/QuestionnaireResponse", "instruments", "sources", "erasures",
        "", "docs", "effects", "effects.csv", "meta/options", "meta/report", "export.zip", "meta/funnel.svg", "meta/bubble.svg", "meta/news",
    ];

    private static readonly string[] s_methods = ["GET", "POST", "PUT", "DELETE"];

    /// <summary>Sorts before the keys of operations that come later.</summary>
    public static string KeyOf(ApiDescription operation)
    {
        var path = (operation.RelativePath ?? "").TrimEnd('/');
        // Without the constraint of a parameter.
        var index = Array.IndexOf(s_first, path.IndexOf(':', StringComparison.Ordinal) is > 0 and var end ? path[..end] + '}' : path);
        return $"{(index < 0 ? s_first.Length : index):000} {path} {Array.IndexOf(s_methods, operation.HttpMethod)}";
    }
}
