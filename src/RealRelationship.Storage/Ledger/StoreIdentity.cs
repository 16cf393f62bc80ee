using System.Data;
using System.Security.Cryptography;

using Dapper;

using RealRelationship.Storage.Encryption;

namespace RealRelationship.Storage.Ledger;

/// <summary>Identity of a store: random, kept by copies and backups, and reset by a restore. Files beside the store name it in their lines.</summary>
public static class StoreIdentity
{
    /// <summary>The identity of a store; null if no service of this version has opened it yet.</summary>
    /// <exception cref="StorageCorruptionException">It was edited.</exception>
    public static string? Read(IDbConnection connection, ChangeLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var row = connection.QuerySingle<Row>("SELECT identity, identity_mac AS Mac FROM store WHERE id = 1");
        return row.Identity is null || CryptographicOperations.FixedTimeEquals(row.Mac, ComputeMac(log, row.Identity)) ? row.Identity
            : throw new StorageCorruptionException("The identity of the store was edited.");
    }

    /// <summary>Gives a store without one an identity. Several services may do so at once: all get the same.</summary>
    internal static string Create(IDbConnection writer, ChangeLog log)
    {
        Write(writer, log, Create(), "WHERE identity IS NULL");
        return Read(writer, log)!;
    }

    internal static void Set(IDbConnection writer, ChangeLog log, string identity) => Write(writer, log, identity, "");

    internal static string Create() => Guid.CreateVersion7().ToString();

    private static void Write(IDbConnection writer, ChangeLog log, string identity, string condition) =>
        writer.Execute($"UPDATE store SET identity = @identity, identity_mac = @mac {condition}", new { identity, mac = ComputeMac(log, identity) });

    private static byte[] ComputeMac(ChangeLog log, string identity) => log.CreateHash(KeyPurposes.StoreIdentity).Add(identity).Finish();

    private sealed record Row(string? Identity, byte[]? Mac);
}
