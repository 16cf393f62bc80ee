using System.Data;
using System.Data.Common;
using System.Net.Sockets;

using Npgsql;

namespace RealRelationship.Storage.Postgres;

/// <summary>Classifies errors of the server and the driver.</summary>
internal static class PostgresErrors
{
    private const string IdleInTransactionTimeout = "25P03";

    // postgresql.org/docs/current/errcodes-appendix.html
    public static StorageErrorKind Classify(Exception error, DbConnection? connection) => error switch
    {
        StorageCorruptionException => StorageErrorKind.Corrupted,
        PostgresException server => server.SqlState switch
        {
            ['2', '3', ..] => StorageErrorKind.Constraint,
            // A text that PostgreSQL cannot store, such as one with U+0000, counts as a constraint violation.
            ['2', '2', ..] => StorageErrorKind.Constraint,
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable => StorageErrorKind.Transient,
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
                or PostgresErrorCodes.TooManyConnections => StorageErrorKind.Transient,
            IdleInTransactionTimeout or PostgresErrorCodes.IdleSessionTimeout => StorageErrorKind.Transient,
            ['0', '8', ..] => StorageErrorKind.Transient,
            PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InsufficientPrivilege => StorageErrorKind.NotWritable,
            // Insufficient resources and system errors: no room, or a file that cannot be written.
            ['5', '3', ..] or ['5', '8', ..] => StorageErrorKind.NotWritable,
            // Invalid authorization, no such database, or one that was dropped.
            ['2', '8', ..] or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.DatabaseDropped => StorageErrorKind.AccessRefused,
            PostgresErrorCodes.QueryCanceled => StorageErrorKind.Interrupted,
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => StorageErrorKind.Corrupted,
            _ => StorageErrorKind.Other,
        },
        NpgsqlException { InnerException: TimeoutException } when connection?.State == ConnectionState.Open => StorageErrorKind.Interrupted,
        NpgsqlException => StorageErrorKind.Transient,
        DbException => StorageErrorKind.Other,
        // Dapper's wrapper around an error while reading a row.
        DataException { InnerException: { } within } => Classify(within, connection),
        SocketException => StorageErrorKind.Transient,
        InvalidOperationException when connection is { State: not ConnectionState.Open } => StorageErrorKind.Transient,
        _ => StorageErrorKind.None,
    };
}
