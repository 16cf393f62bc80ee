using RealRelationship.Storage.Ledger;

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

/// <summary>A transaction with a lost COMMIT response: the engine's identifier, the log head that it wrote, and its changes.</summary>
internal sealed record UnconfirmedCommit(TransactionId Transaction, ChangeLogHead? Head, IReadOnlyList<ChangeKind> Changes)
{
    /// <summary>What a server last said about it; null before one was asked.</summary>
    public CommitOutcome? Outcome { get; set; }

    /// <summary>What the callers of a failed commit are told.</summary>
    public static string Describe(UnconfirmedCommit? unconfirmed, StorageErrorKind kind) => unconfirmed switch
    {
        null => $"The write could not be made durable: {kind.Describe()}.",
        { Outcome: CommitOutcome.InProgress } => "The commit waits for a synchronous standby, and whether it succeeded is not known yet: "
            + "read the data later, or send the same request again.",
        _ => "The connection was lost during the commit, and whether it succeeded is not known: read the data, or send the same request again.",
    };
}
