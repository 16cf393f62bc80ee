using System.IO.Pipelines;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Reads a stream in groups, one made durable while the next is read: that is all of it that is ever held.</summary>
internal static class SessionStreamProcessor
{
    private const int SessionsPerGroup = 128;

    /// <param name="body">Lines of JSON.</param>
    /// <param name="prepare">Checks and scores a line.</param>
    /// <param name="store">Stores a group; called for one after the other, each when the one before is done.</param>
    /// <param name="after">Lines up to this one are passed over.</param>
    /// <param name="cancellationToken">Ends between two reads.</param>
    public static async Task RunAsync(PipeReader body, Func<ParsedSession, PreparedSession> prepare, Func<IReadOnlyList<PreparedSession>, Task> store,
        long after, CancellationToken cancellationToken)
    {
        var group = new List<PreparedSession>(SessionsPerGroup);
        var pendingStore = Task.CompletedTask;
        await foreach (var session in SessionBodyReader.ReadLinesAsync(body, cancellationToken))
        {
            if (session.Line <= after)
            {
                continue;
            }

            group.Add(prepare(session) with { Line = session.Line });
            if (group.Count == SessionsPerGroup)
            {
                await pendingStore;
                pendingStore = store([.. group]);
                group.Clear();
            }
        }

        await pendingStore;
        if (group.Count > 0)
        {
            await store(group);
        }
    }
}
