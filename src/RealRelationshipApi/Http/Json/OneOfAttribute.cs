namespace RealRelationshipApi.Http.Json;

/// <summary>The JSON types of a type with a custom converter, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
internal sealed class OneOfAttribute(params Type[] types) : Attribute
{
    public IReadOnlyList<Type> Types => types;
}
