using System.Text.Json.Serialization;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Csv;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions;

/// <summary>Outcomes of the measures of a session.</summary>
/// <param name="Measures">Outcome of each measure, in their order.</param>
internal sealed record SessionResponse(IReadOnlyList<MeasureResponse> Measures)
{
    internal static SessionResponse From(SessionOutcome outcome) => new([.. outcome.Measures.Select(MeasureResponse.From)]);
}

/// <param name="SourceId">Key of the measure as sent.</param>
/// <param name="Status">201 stored, 200 already stored, 400 malformed, 409 conflicts with stored content of the same version, 410 patient was erased,
/// 422 invalid, 424 not stored because others of an atomic batch were rejected, 429 too many other contents of the same version today.</param>
/// <param name="Errors">All errors; pointers are relative to the session.</param>
internal sealed record MeasureResponse(string? SourceId, int Status, IReadOnlyList<FieldError> Errors)
{
    internal static MeasureResponse From(ProcessedMeasure measure) => new(measure.SourceId, measure.Outcome.Status, measure.Outcome.Errors);
}

/// <param name="Results">Outcomes in the order of the sessions.</param>
/// <param name="Accepted">Number of sessions with at least one stored measure.</param>
/// <param name="Rejected">Number of sessions without a stored measure.</param>
internal sealed record SessionBatchResponse(IReadOnlyList<SessionResult> Results, long Accepted, long Rejected)
{
    /// <summary>What a complete CSV file withdrew; only for such a file.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PeriodReplacementResponse? Replacement { get; init; }
}

/// <param name="Index">Index in the batch, from 0.</param>
/// <param name="Status">Status that the session would have had on its own; 207 if it has several measures and some were rejected.</param>
/// <param name="Id">Pseudonym of the session; null if the sender gave no key.</param>
/// <param name="Measures">Outcome of each measure.</param>
/// <param name="Errors">Errors of the session itself; if there are any, none of it is stored.</param>
internal sealed record SessionResult(long Index, int Status, string? Id, IReadOnlyList<MeasureResponse> Measures, IReadOnlyList<FieldError> Errors)
{
    internal static SessionResult From(long index, SessionOutcome outcome) =>
        new(index, outcome.Status, null, [.. outcome.Measures.Select(MeasureResponse.From)], outcome.Errors);

    internal bool IsAccepted => Measures.Any(m => m.Status < 300);
}
