namespace RealRelationshipApi.Http;

/// <summary>Endpoint metadata: an example value of a path parameter or header that the operation accepts.</summary>
internal sealed record ParameterExample(string Name, string Value);
