using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses;

/// <summary>Names members in errors as the caller did, in the query or in the body.</summary>
internal sealed class ErrorLocation
{
    public static readonly ErrorLocation InQuery = new(true);
    public static readonly ErrorLocation InBody = new(false);

    /// <summary>In the query beside a spreadsheet of effects.</summary>
    public static readonly ErrorLocation BesideSheet = new(true);

    private readonly bool _inQuery;

    private ErrorLocation(bool inQuery) => _inQuery = inQuery;

    /// <summary>Converts the JSON pointer of an error to the query parameter that the member was read from.</summary>
    public static FieldError ToQueryPointer(FieldError error) => error with
    {
        Pointer = "?" + (error.Pointer.Split('/') switch
        {
            ["#", "filter" or "model", var option, ..] => option,
            ["#", "kind", ..] => RegressionOptions.KindParameter,
            var parts => parts[1],
        }),
    };

    /// <summary>A member of the request: <c>?by</c> or <c>#/by</c>.</summary>
    public string Member(string name) => _inQuery ? $"?{name}" : $"#/{name}";

    /// <summary>A member whose query parameter has another name.</summary>
    public string Member(string name, string parameter) => _inQuery ? $"?{parameter}" : $"#/{name}";

    /// <summary>One of several values: <c>?by</c> or <c>#/by/2</c>.</summary>
    public string Item(string name, int index) => _inQuery ? $"?{name}" : $"#/{name}/{index}";

    /// <summary>An option of the model: <c>?estimator</c> or <c>#/model/estimator</c>.</summary>
    public string Option(string name) => _inQuery ? $"?{name}" : $"#/model/{name}";

    /// <summary>A member of the filter: <c>?asOf</c> or <c>#/filter/asOf</c>.</summary>
    public string Filter(string name) => _inQuery ? $"?{name}" : $"#/filter/{name}";
}
