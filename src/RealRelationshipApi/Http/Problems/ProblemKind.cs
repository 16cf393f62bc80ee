using System.Collections.Frozen;

namespace RealRelationshipApi.Http.Problems;

/// <summary>A type of problem; <c>/problems/{slug}</c> explains it.</summary>
internal sealed record ProblemKind(string Slug, int Status, string Title, string Explanation)
{
    public static readonly ProblemKind Malformed = new("malformed", 400, "The request is malformed",
        "The request has the wrong shape: broken JSON, an unknown, missing, doubled or mistyped member, or an unknown query parameter. Nothing was stored.");
    public static readonly ProblemKind Unauthenticated = new("unauthenticated", 401, "A key is needed",
        "Send an API key as `X-API-Key: rr_…` – an operator makes one with the command `keys create` – or a token of the operator's issuer as `Authorization: "
            + "Bearer …`, and only one of the two.");
    public static readonly ProblemKind Forbidden = new("forbidden", 403, "This key may not do that",
        "The key is valid, but it lacks the scope for this operation, or the study belongs to another tenant.");
    public static readonly ProblemKind NotFound = new("not-found", 404, "There is nothing here", "No such path, or no resource of that key.");
    public static readonly ProblemKind MethodNotAllowed = new("method-not-allowed", 405, "This path does not take that method",
        "The `Allow` header lists the methods that it takes.");
    public static readonly ProblemKind NotAcceptable = new("not-acceptable", 406, "No representation fits the Accept header",
        "The operation's documentation lists the media types that it offers.");
    public static readonly ProblemKind RequestTimeout = new("timeout", 408, "The request came too slowly",
        "The body did not arrive in time. Nothing was stored.");
    public static readonly ProblemKind Conflict = new("conflict", 409, "This contradicts what is stored",
        "Another study, version or request already holds that place. Nothing was stored.");
    public static readonly ProblemKind Gone = new("gone", 410, "This was taken back",
        "The study was retracted. Its history stays under `/studies/{key}/versions`.");
    public static readonly ProblemKind PreconditionFailed = new("stale", 412, "The resource has changed since you read it",
        "Read it again and send its current ETag as `If-Match`.");
    public static readonly ProblemKind ContentTooLarge = new("too-large", 413, "The body is too large",
        "Send fewer items at a time, or ask the operator for a higher limit.");
    public static readonly ProblemKind UnsupportedMediaType = new("unsupported-media-type", 415, "This media type is not understood here",
        "Name the body's type, as in `-H 'Content-Type: application/json'` of curl: "
            + "`application/json` in UTF-8 (batches also take `application/x-ndjson`, effects and studies also a spreadsheet as `text/csv` or "
            + "XLSX, sessions `text/csv`, FHIR `application/fhir+json`), plain or with `Content-Encoding: gzip`, `br` or `deflate`.");
    public static readonly ProblemKind Invalid = new("invalid", 422, "The request breaks a rule",
        "The request is well formed, but what it says cannot be accepted. `errors` lists every fault.");
    public static readonly ProblemKind NotComputable = new("not-computable", 422, "The analysis cannot be computed",
        "What was asked cannot be estimated from these effects.");
    public static readonly ProblemKind PreconditionRequired = new("precondition-required", 428, "Say which version you mean",
        "Send the ETag of the version that you read as `If-Match` (`*` means whatever is current).");
    public static readonly ProblemKind TooManyRequests = new("too-many-requests", 429, "Too many requests",
        "Wait as long as `Retry-After` says.")
    { RetryAfterSeconds = 1 };
    public static readonly ProblemKind HeadersTooLarge = new("headers-too-large", 431, "The headers are too large", "Send fewer or shorter headers.");
    public static readonly ProblemKind Internal = new("internal", 500, "The service failed",
        "The fault is ours. The log names it under this `traceId`; nothing was stored unless you were told so.");
    public static readonly ProblemKind Unavailable = new("unavailable", 503, "The service cannot take this now",
        "Writes are queued up or storage is not reachable. The request can be sent again unchanged.")
    { RetryAfterSeconds = 1 };

    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        Malformed, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, NotAcceptable, RequestTimeout, Conflict, Gone, PreconditionFailed, ContentTooLarge,
        UnsupportedMediaType, Invalid, NotComputable, PreconditionRequired, TooManyRequests, HeadersTooLarge, Internal, Unavailable,
    ];

    // Of two kinds with the same status (422), a bare status maps to the first.
    private static readonly FrozenDictionary<int, ProblemKind> s_byStatus =
        All.DistinctBy(k => k.Status).ToFrozenDictionary(k => k.Status);

    public int? RetryAfterSeconds { get; init; }

    public static ProblemKind FromStatus(int status) => s_byStatus.TryGetValue(status, out var kind) ? kind : status < 500 ? Malformed : Internal;

    public string TypeUri(HttpRequest request) => $"{PublicAddress.PrefixFor(request)}/problems/{Slug}";
}
