using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Sessions.Imports;

internal enum ImportState
{
    /// <summary>It is being stored; what the counts say is durable.</summary>
    Running,

    /// <summary>Every line has been answered.</summary>
    Done,

    /// <summary>What was taken over cannot be read any more: send it again, what is stored stays stored.</summary>
    Failed,
}

/// <summary>How far a stream has come that is stored in the background.</summary>
/// <param name="Id">Its name.</param>
/// <param name="State">Whether it is finished.</param>
/// <param name="ReceivedAt">When all of it had been taken over.</param>
/// <param name="FinishedAt">When the last line was answered; null before.</param>
/// <param name="Line">The last line that has been answered, from 1.</param>
/// <param name="Accepted">Sessions of which something is stored.</param>
/// <param name="Rejected">Sessions of which nothing is.</param>
/// <param name="Faults">Lines of which something was refused, in order, a page of them.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
internal sealed record ImportResponse(string Id, ImportState State, DateTimeOffset ReceivedAt, DateTimeOffset? FinishedAt, long Line, long Accepted,
    long Rejected, IReadOnlyList<ImportError> Faults, string? Next);

/// <param name="Line">Its place in the stream, from 1.</param>
/// <param name="Status">What the session would have been answered with alone; 207 where some of its measures are stored.</param>
/// <param name="Errors">Every fault.</param>
internal sealed record ImportError(long Line, int Status, IReadOnlyList<FieldError> Errors);
