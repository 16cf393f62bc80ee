using System.Text.Json.Serialization;

namespace RealRelationshipApi.Http.Problems;

/// <summary>A caveat about a successful response.</summary>
/// <param name="Code">Stable camelCase warning code.</param>
/// <param name="Detail">Explanation in English.</param>
internal sealed record Warning(string Code, string Detail)
{
    /// <summary>The detail without advice, as pages and plots say it.</summary>
    [JsonIgnore]
    public string Finding { get; init; } = Detail;

    /// <summary>Creates a warning with advice.</summary>
    /// <param name="code">Stable camelCase warning code.</param>
    /// <param name="finding">What is the case, without names of parameters.</param>
    /// <param name="advice">A sentence with the parameter by which another response is had; null if there is none.</param>
    public static Warning WithAdvice(string code, string finding, string? advice) =>
        new(code, advice is null ? finding : $"{finding} {advice}") { Finding = finding };
}
