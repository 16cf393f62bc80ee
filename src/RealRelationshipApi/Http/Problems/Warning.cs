namespace RealRelationshipApi.Http.Problems;

/// <summary>Something the reader of an answer should know; it did not keep the answer from being given.</summary>
/// <param name="Code">Stable camelCase code.</param>
/// <param name="Detail">For people.</param>
internal sealed record Warning(string Code, string Detail);
