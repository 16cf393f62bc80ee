namespace RealRelationship.Storage.Writing;

/// <summary>State of a transaction whose COMMIT got no response, as the server reports it.</summary>
internal enum CommitOutcome
{
    /// <summary>It was rolled back, or never reached this server.</summary>
    NotCommitted,

    Committed,

    /// <summary>It is not visible yet, for example because it waits for a synchronous standby.</summary>
    InProgress,

    /// <summary>The server was restarted or replaced since: its transaction of this id may be another one.</summary>
    Unknown,
}

/// <summary>A write transaction on a server.</summary>
/// <param name="Id">Transaction id.</param>
/// <param name="Server">Identifies the server since its last start and promotion. Afterwards it may assign the same id again.</param>
internal sealed record TransactionId(string Id, string Server);
