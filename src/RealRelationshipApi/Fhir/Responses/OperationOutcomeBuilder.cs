using System.Globalization;

using Hl7.Fhir.Model;

using RealRelationshipApi.Fhir.Parsing;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Fhir.Responses;

/// <summary>Builds an OperationOutcome from a problem or from the outcome of an entry.</summary>
internal static class OperationOutcomeBuilder
{
    public static OperationOutcome Build(ProblemDocument problem) => new()
    {
        Issue = problem.Errors.Count > 0
            ? [.. problem.Errors.Select(e => Issue(e, problem.Status))]
            : [new() { Severity = SeverityOf(problem.Status), Code = IssueTypeOf(problem.Status), Details = new() { Text = problem.Title },
                Diagnostics = $"{problem.Detail} (traceId {problem.TraceId})" }],
    };

    public static OperationOutcome Build(EntryOutcome outcome) => new()
    {
        Issue =
        [
            .. outcome.Errors.Count > 0 ? outcome.Errors.Select(f => Issue(f, outcome.Status))
                : [new()
                {
                    Severity = OperationOutcome.IssueSeverity.Information, Code = OperationOutcome.IssueType.Informational, Diagnostics = outcome.Note,
                }],
            .. outcome.Dropped.Select(DroppedIssue),
        ],
    };

    /// <summary>The issues of all entries that were validated.</summary>
    public static OperationOutcome Build(IReadOnlyList<EntryOutcome> outcomes) => new()
    {
        Issue =
        [
            .. outcomes.All(o => !o.IsRejected) ? new[] { ValidIssue() } : [],
            // An entry that only failed with the others has no errors.
            .. outcomes.SelectMany(o => o.Errors.Select(error => Issue(error, o.Status)).Concat(o.Dropped.Select(DroppedIssue))),
        ],
    };

    private static OperationOutcome.IssueComponent ValidIssue() => new()
    {
        Severity = OperationOutcome.IssueSeverity.Information, Code = OperationOutcome.IssueType.Informational,
        Diagnostics = "It would be accepted. Nothing was stored.",
    };

    private static OperationOutcome.IssueComponent DroppedIssue(string place) => new()
    {
        Severity = OperationOutcome.IssueSeverity.Information,
        Code = OperationOutcome.IssueType.Suppressed,
        Details = new() { Coding = [new(FhirConstants.ErrorCodeSystem, FhirErrorCodes.Dropped)], Text = "was dropped unread" },
        Diagnostics = $"{ToFhirPath(place)}: was dropped unread",
        Expression = [ToFhirPath(place)],
    };

    private static OperationOutcome.IssueComponent Issue(FieldError error, int status) => new()
    {
        Severity = SeverityOf(status),
        Code = IssueTypeOf(error.Code, status),
        Details = new() { Coding = [new(FhirConstants.ErrorCodeSystem, error.Code)], Text = error.Detail },
        Diagnostics = $"{ToFhirPath(error.Pointer)}: {error.Detail}",
        Expression = [ToFhirPath(error.Pointer)],
    };

    private static OperationOutcome.IssueSeverity SeverityOf(int status) => status >= 500 ? OperationOutcome.IssueSeverity.Fatal
        : OperationOutcome.IssueSeverity.Error;

    private static OperationOutcome.IssueType IssueTypeOf(string code, int status) => code switch
    {
        ErrorCodes.Required => OperationOutcome.IssueType.Required,
        FhirErrorCodes.InvalidResource or ErrorCodes.NotJson or ErrorCodes.TooDeep or ErrorCodes.DuplicateMember => OperationOutcome.IssueType.Structure,
        FhirErrorCodes.NotSupported or FhirErrorCodes.Contained or FhirErrorCodes.WrongRelease => OperationOutcome.IssueType.NotSupported,
        FhirErrorCodes.Modifier => OperationOutcome.IssueType.Extension,
        FhirErrorCodes.PersonalData or FhirErrorCodes.FreeText => OperationOutcome.IssueType.Suppressed,
        FhirErrorCodes.Unresolved => OperationOutcome.IssueType.NotFound,
        InstrumentErrorCodes.UnknownInstrument or InstrumentErrorCodes.WrongCode or InstrumentErrorCodes.AmbiguousInstrument
            or FhirErrorCodes.UnknownItem => OperationOutcome.IssueType.CodeInvalid,
        InstrumentErrorCodes.TotalDisagrees => OperationOutcome.IssueType.Invariant,
        _ => status is StatusCodes.Status400BadRequest or StatusCodes.Status422UnprocessableEntity ? OperationOutcome.IssueType.Value : IssueTypeOf(status),
    };

    private static OperationOutcome.IssueType IssueTypeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => OperationOutcome.IssueType.Login,
        StatusCodes.Status403Forbidden => OperationOutcome.IssueType.Forbidden,
        StatusCodes.Status404NotFound => OperationOutcome.IssueType.NotFound,
        StatusCodes.Status405MethodNotAllowed or StatusCodes.Status406NotAcceptable
            or StatusCodes.Status415UnsupportedMediaType => OperationOutcome.IssueType.NotSupported,
        StatusCodes.Status408RequestTimeout => OperationOutcome.IssueType.Timeout,
        StatusCodes.Status409Conflict => OperationOutcome.IssueType.Conflict,
        StatusCodes.Status410Gone => OperationOutcome.IssueType.Deleted,
        StatusCodes.Status413PayloadTooLarge => OperationOutcome.IssueType.TooLong,
        StatusCodes.Status429TooManyRequests => OperationOutcome.IssueType.Throttled,
        StatusCodes.Status503ServiceUnavailable => OperationOutcome.IssueType.Transient,
        >= 500 => OperationOutcome.IssueType.Exception,
        _ => OperationOutcome.IssueType.Invalid,
    };

    /// <summary>Converts the location of an error to FHIRPath: a JSON pointer (<c>#/entry/0</c>), query parameter (<c>?name</c>) or header.</summary>
    internal static string ToFhirPath(string place)
    {
        if (place.StartsWith('?'))
        {
            return $"http.{place[1..]}";
        }

        if (!place.StartsWith('#'))
        {
            return place;
        }

        var path = new System.Text.StringBuilder("$this");
        foreach (var part in place.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            _ = int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? path.Append('[').Append(part).Append(']')
                : path.Append('.').Append(part);
        }

        return path.ToString();
    }
}
