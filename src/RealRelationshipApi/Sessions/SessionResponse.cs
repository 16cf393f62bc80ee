using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions;

/// <summary>What came of the measures of a session.</summary>
internal sealed record SessionResponse(IReadOnlyList<MeasureResponse> Measures)
{
    internal static SessionResponse From(SessionOutcome outcome) => new([.. outcome.Measures.Select(MeasureResponse.From)]);
}

/// <param name="SourceId">As it was sent.</param>
/// <param name="Status">201 stored, 200 stored already, 409 another content has this version, 410 the patient was erased, 422 it breaks a rule.</param>
/// <param name="Errors">Every fault; pointers start at the session.</param>
internal sealed record MeasureResponse(string? SourceId, int Status, IReadOnlyList<FieldError> Errors)
{
    internal static MeasureResponse From(ProcessedMeasure measure) => new(measure.SourceId, measure.Outcome.Status, measure.Outcome.Errors);
}

/// <param name="Results">In the order of the sessions.</param>
/// <param name="Accepted">Sessions of which something is stored.</param>
/// <param name="Rejected">Sessions of which nothing is.</param>
internal sealed record SessionBatchResponse(IReadOnlyList<SessionResult> Results, long Accepted, long Rejected);

/// <param name="Index">Its place in the batch, from 0.</param>
/// <param name="Status">The status that it would have had alone; 207 where its measures differ.</param>
/// <param name="Id">The session's pseudonym, where its sender gave it a key.</param>
/// <param name="Measures">What came of each measure.</param>
/// <param name="Errors">Faults of the session itself, for which none of it was stored.</param>
internal sealed record SessionResult(long Index, int Status, string? Id, IReadOnlyList<MeasureResponse> Measures, IReadOnlyList<FieldError> Errors)
{
    internal static SessionResult From(long index, SessionOutcome outcome) =>
        new(index, outcome.Status, null, [.. outcome.Measures.Select(MeasureResponse.From)], outcome.Errors);

    internal bool IsAccepted => Status < 300;
}
