namespace RealRelationshipApi.Http;

/// <summary>The value of a result, for filters that represent it in another format.</summary>
internal static class ResultValue
{
    /// <summary>Null for a result without value, such as a problem.</summary>
    public static object? Of(object? result) => result switch
    {
        INestedHttpResult nested => Of(nested.Result),
        IValueHttpResult { Value: { } value } => value,
        _ => null,
    };
}
