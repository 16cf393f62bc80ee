namespace RealRelationshipApi.Http;

/// <summary>Endpoint metadata: a body with which the operation answers.</summary>
internal sealed record RequestBodyExample(string MediaType, string Text);

/// <summary>Endpoint metadata: a value of a path parameter with which the operation answers.</summary>
internal sealed record ParameterExample(string Name, string Value);
