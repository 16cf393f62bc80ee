using System.Data;
using System.Data.Common;
using System.Net.Sockets;

using Npgsql;

namespace RealRelationshipApi.Storage.Postgres;

/// <summary>What the server's or the driver's word means for what comes next.</summary>
internal static class PostgresFaults
{
    private const string IdleInTransactionTimeout = "25P03";

    // postgresql.org/docs/current/errcodes-appendix.html
    public static StorageFault Of(Exception error, DbConnection? connection) => error switch
    {
        StorageDamagedException => StorageFault.Damaged,
        PostgresException server => server.SqlState switch
        {
            ['2', '3', ..] => StorageFault.Constraint,
            // A text that the server cannot hold, such as one with U+0000, is refused as a constraint refuses it.
            ['2', '2', ..] => StorageFault.Constraint,
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable => StorageFault.Transient,
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections => StorageFault.Transient,
            IdleInTransactionTimeout or PostgresErrorCodes.IdleSessionTimeout => StorageFault.Transient,
            ['0', '8', ..] => StorageFault.Transient,
            PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InsufficientPrivilege => StorageFault.Unwritable,
            // No room, no such database any more, not let in, a file that cannot be read: until somebody has seen to it.
            ['5', '3', ..] or ['5', '8', ..] or ['2', '8', ..] or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.DatabaseDropped => StorageFault.Unwritable,
            PostgresErrorCodes.QueryCanceled => StorageFault.Interrupted,
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => StorageFault.Damaged,
            _ => StorageFault.Other,
        },
        NpgsqlException { InnerException: TimeoutException } when connection?.State == ConnectionState.Open => StorageFault.Interrupted,
        NpgsqlException => StorageFault.Transient,
        DbException => StorageFault.Other,
        // Dapper's, around what went wrong within a row.
        DataException { InnerException: { } within } => Of(within, connection),
        SocketException => StorageFault.Transient,
        InvalidOperationException when connection is { State: not ConnectionState.Open } => StorageFault.Transient,
        _ => StorageFault.None,
    };
}
