using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Telemetry;

namespace RealRelationshipApi.Http.Problems;

/// <summary>An error in a request.</summary>
/// <param name="Pointer">JSON Pointer of the member as a URI fragment (<c>#/effects/3/n</c>), or <c>?name</c> for a query parameter.</param>
/// <param name="Code">Stable camelCase error code.</param>
/// <param name="Detail">What is wrong and what is allowed, in English.</param>
internal sealed record FieldError(string Pointer, string Code, string Detail);

/// <summary>An RFC 9457 problem document.</summary>
/// <param name="Type">Absolute URL of a page that explains this type of problem.</param>
/// <param name="Title">Short name of the type of problem.</param>
/// <param name="Status">HTTP status code.</param>
/// <param name="Detail">Explanation of this occurrence.</param>
/// <param name="TraceId">Identifies the request in the service's log.</param>
/// <param name="Errors">All errors found.</param>
internal sealed record ProblemDocument(string Type, string Title, int Status, string? Detail, string TraceId, IReadOnlyList<FieldError> Errors);

/// <summary>Request feature: writes problems in another format.</summary>
/// <param name="Write">Writes the body, after status and headers.</param>
internal sealed record CustomProblemWriter(Func<HttpContext, ProblemDocument, Task> Write);

/// <summary>An error response, written as <c>application/problem+json</c>.</summary>
internal sealed class Problem(ProblemKind kind, string? detail = null, IReadOnlyList<FieldError>? errors = null) : IResult
{
    public const string ContentType = "application/problem+json";

    public ProblemKind Kind => kind;

    public IReadOnlyList<FieldError> Errors => errors ?? [];

    /// <summary>Value of the <c>Retry-After</c> header.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The current ETag; null if it would not help the caller.</summary>
    public string? ETag { get; init; }

    public string? Detail => detail;

    public static Problem Invalid(IReadOnlyList<FieldError> errors)
    {
        var structural = errors.Any(e => ErrorCodes.IsStructural(e.Code));
        return new(structural ? ProblemKind.Malformed : ProblemKind.Invalid, Summarize(errors), errors);
    }

    public static Problem Malformed(params FieldError[] errors) => new(ProblemKind.Malformed, Summarize(errors), errors);

    /// <summary>422: the analysis cannot be estimated from these effects.</summary>
    public static Problem NotComputable(string code, string detail) => new(ProblemKind.NotComputable, detail, [new FieldError("#", code, detail)]);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = kind.Status;
        response.Headers.CacheControl = "no-store";
        response.Headers.RetryAfter = (RetryAfterSeconds ?? kind.RetryAfterSeconds)?.ToString();
        response.Headers.ETag = ETag;
        var document = new ProblemDocument(kind.TypeUri(httpContext.Request), kind.Title, kind.Status, detail ?? kind.Explanation,
            TraceContext.CurrentTraceId ?? httpContext.TraceIdentifier, Errors);
        CountRejection();
        return httpContext.Features.Get<CustomProblemWriter>() is { } other
            ? other.Write(httpContext, document)
            : response.WriteAsJsonAsync(document, StrictJson.Options, ContentType);
    }

    private void CountRejection()
    {
        if (kind == ProblemKind.ContentTooLarge)
        {
            RejectionMetrics.Count(ServiceLimit.BodyBytes);
        }
        else if (kind == ProblemKind.TooManyRequests)
        {
            RejectionMetrics.Count(ServiceLimit.Quota);
        }
    }

    private static string? Summarize(IReadOnlyList<FieldError> errors) => errors switch
    {
        [] => null,
        [var only] => $"{only.Pointer}: {only.Detail}",
        [var first, ..] => $"{errors.Count} faults; the first: {first.Pointer}: {first.Detail}",
    };
}

/// <summary>Error codes that several parsers use.</summary>
internal static class ErrorCodes
{
    public const string Required = "required";
    public const string Null = "null";
    public const string UnknownParameter = "unknownParameter";
    public const string Repeated = "repeated";
    public const string NotAValue = "notAValue";
    public const string NotJson = "notJson";
    public const string NotUnicode = "notUnicode";
    public const string TooDeep = "tooDeep";
    public const string UnknownMember = "unknownMember";
    public const string DuplicateMember = "duplicateMember";
    public const string NotCsv = "notCsv";
    public const string BadRow = "badRow";

    /// <summary>Whether the request is malformed (400) rather than invalid (422).</summary>
    public static bool IsStructural(string code) => code is Required or Null or UnknownParameter or Repeated or NotAValue
        or NotJson or NotUnicode or TooDeep or UnknownMember or DuplicateMember or NotCsv or BadRow;
}
