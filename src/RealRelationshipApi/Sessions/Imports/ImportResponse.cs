using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Sessions.Imports;

internal enum ImportState
{
    /// <summary>In progress; the counted sessions are durable.</summary>
    Running,

    /// <summary>All lines have been processed.</summary>
    Done,

    /// <summary>The accepted stream can no longer be read. Send it again; stored sessions remain stored.</summary>
    Failed,
}

/// <summary>Progress of a background import.</summary>
/// <param name="Id">Id of the import.</param>
/// <param name="State">State of the import.</param>
/// <param name="ReceivedAt">When the stream had been received completely.</param>
/// <param name="FinishedAt">When the last line was processed; null while running.</param>
/// <param name="Line">Last processed line, from 1.</param>
/// <param name="Accepted">Number of sessions with at least one stored measure.</param>
/// <param name="Rejected">Number of sessions without a stored measure.</param>
/// <param name="Faults">A page of the lines with errors, in order.</param>
/// <param name="Next">Cursor of the next page; null on the last page.</param>
internal sealed record ImportResponse(string Id, ImportState State, DateTimeOffset ReceivedAt, DateTimeOffset? FinishedAt, long Line, long Accepted,
    long Rejected, IReadOnlyList<ImportError> Faults, string? Next);

/// <param name="Line">Line number in the stream, from 1.</param>
/// <param name="Status">Status that the session would have had on its own; 207 if only some of its measures are stored.</param>
/// <param name="Errors">All errors.</param>
internal sealed record ImportError(long Line, int Status, IReadOnlyList<FieldError> Errors);
