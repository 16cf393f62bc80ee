namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Stores a stream in groups, one while the next is read, so that at most two groups are in memory.</summary>
internal static class SessionStreamProcessor
{
    private const int SessionsPerGroup = 128;

    /// <param name="sessions">The parsed lines.</param>
    /// <param name="prepare">Validates and scores a line.</param>
    /// <param name="store">Stores a group; calls do not overlap.</param>
    /// <param name="after">Lines up to this one are skipped.</param>
    /// <param name="cancellationToken">Cancels between two reads.</param>
    /// <param name="groupLength">Number of lines in a group.</param>
    public static async Task RunAsync(IAsyncEnumerable<ParsedSession> sessions, Func<ParsedSession, PreparedSession> prepare,
        Func<IReadOnlyList<PreparedSession>, Task> store, long after, CancellationToken cancellationToken, int groupLength = SessionsPerGroup)
    {
        var group = new List<PreparedSession>(groupLength);
        var pendingStore = Task.CompletedTask;
        await foreach (var session in sessions.WithCancellation(cancellationToken))
        {
            if (session.Line <= after)
            {
                continue;
            }

            group.Add(prepare(session) with { Line = session.Line });
            if (group.Count == groupLength)
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
