using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses;

/// <summary>Where a question was asked, so that a fault is named as its caller named the member.</summary>
internal sealed class ErrorLocation
{
    public static readonly ErrorLocation InQuery = new(true);
    public static readonly ErrorLocation InBody = new(false);

    private readonly bool _inQuery;

    private ErrorLocation(bool inQuery) => _inQuery = inQuery;

    /// <summary>Renames the pointer of a member of the body to the query parameter that it came from.</summary>
    public static FieldError ToQueryPointer(FieldError error) => error with
    {
        Pointer = "?" + (error.Pointer.Split('/') is ["#", "filter" or "model", var option, ..] ? option : error.Pointer.Split('/')[1]),
    };

    /// <summary>A member of the question itself: <c>?by</c> or <c>#/by</c>.</summary>
    public string Member(string name) => _inQuery ? $"?{name}" : $"#/{name}";

    /// <summary>One of several values: <c>?by</c> or <c>#/by/2</c>.</summary>
    public string Item(string name, int index) => _inQuery ? $"?{name}" : $"#/{name}/{index}";

    /// <summary>An option of the model: <c>?estimator</c> or <c>#/model/estimator</c>.</summary>
    public string Option(string name) => _inQuery ? $"?{name}" : $"#/model/{name}";

    /// <summary>A part of the filter: <c>?asOf</c> or <c>#/filter/asOf</c>.</summary>
    public string Filter(string name) => _inQuery ? $"?{name}" : $"#/filter/{name}";
}
