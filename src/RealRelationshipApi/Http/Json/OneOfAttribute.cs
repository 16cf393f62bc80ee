namespace RealRelationshipApi.Http.Json;

/// <summary>Says which JSON types a type with a converter of its own is written as.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class OneOfAttribute(params Type[] types) : Attribute
{
    public IReadOnlyList<Type> Types => types;
}
