namespace RealRelationshipApi.Http.Problems;

/// <summary>A caveat about a successful response.</summary>
/// <param name="Code">Stable camelCase warning code.</param>
/// <param name="Detail">Explanation in English.</param>
internal sealed record Warning(string Code, string Detail);
