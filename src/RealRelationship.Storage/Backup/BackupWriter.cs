using System.Security.Cryptography;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Sqlite;

namespace RealRelationship.Storage.Backup;

/// <summary>Creates backups. A backup is a store in one SQLite file, from either engine, encrypted if there is a key ring.</summary>
/// <remarks>
/// <code>
/// SQLite ─ VACUUM INTO ────────────► file ─► verify ─► seal ─► open again and compare ─► sync ─► rename
/// PostgreSQL ─ rows of a snapshot ─┘
/// </code>
/// </remarks>
public sealed class BackupWriter(Database database, Migrator migrator, StoreVerifier verification, ColumnEncryption encryption, PrivacyKey privacy,
    TimeProvider clock)
{
    /// <summary>Whether backups are encrypted by default: once <c>Privacy__EncryptionKeys</c> is set.</summary>
    public bool EncryptsByDefault => encryption.HasKeyRing;

    /// <summary>Backs up a snapshot of the store; a service may be running.</summary>
    /// <returns>Result of verifying the backup.</returns>
    /// <exception cref="StoragePreconditionException">The file exists, or there is no store.</exception>
    /// <exception cref="StorageCorruptionException">The store is corrupted: no backup was made.</exception>
    public VerificationResult Create(string file, bool encrypt) => Create(file, encrypt, Verify);

    /// <summary>Backs up the store before a migration. Its tables are older than the checks,
    /// so that only the engine's own check runs.</summary>
    /// <returns>Path of the backup.</returns>
    internal string CreateBefore(string what)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(database.SidecarBasePath)!);
        var file = $"{database.SidecarBasePath}.before-{what}-{clock.GetUtcNow():yyyyMMdd'T'HHmmssfff'Z'}{(EncryptsByDefault ? ".sealed" : "")}";
        Create(file, EncryptsByDefault, VerifyWithEngineOnly);
        return file;
    }

    private VerificationResult Create(string file, bool encrypt, Func<string, VerificationResult> verify)
    {
        DurableFile.RequireNewFile(file);
        if (!encrypt)
        {
            VerificationResult? plain = null;
            DurableFile.Write(file, unfinished =>
            {
                CopyStore(unfinished);
                plain = verify(unfinished);
            });
            return plain!;
        }

        using var scratch = new TemporaryStore(database.SidecarBasePath);
        CopyStore(scratch.FilePath);
        var result = verify(scratch.FilePath);
        DurableFile.Write(file, unfinished => EncryptAndVerify(scratch.FilePath, unfinished));
        return result;
    }

    private void CopyStore(string file)
    {
        using var snapshot = database.OpenSnapshot();
        if (database.TryCopyToFile(file))
        {
            return;
        }

        using var copy = TemporaryStore.OpenStore(file);
        var step = Migrator.Plan(database, snapshot).CurrentNumber;
        new Migrator(copy, privacy, clock, []).Apply(mayChangeStore: true, step);
        StoreCopier.CopyTables(snapshot, copy, migrator.TablesAt(step));
        copy.Dispose();
        SqliteDatabase.CheckpointIntoSingleFile(file);
    }

    private VerificationResult Verify(string file)
    {
        using var copy = TemporaryStore.OpenStore(file);
        var errors = new List<string>();
        var result = verification.Run(copy, errors.Add);
        return result.ErrorCount == 0 ? result
            : throw new StorageCorruptionException($"{string.Join('\n', errors)}\nThe store is not sound: no backup was made.");
    }

    private static VerificationResult VerifyWithEngineOnly(string file)
    {
        using var copy = TemporaryStore.OpenStore(file);
        using var snapshot = copy.OpenSnapshot();
        var errors = copy.CheckIntegrity(snapshot).ToList();
        return errors.Count == 0 ? new VerificationResult(_ => { })
            : throw new StorageCorruptionException($"{string.Join('\n', errors)}\nThe store is not sound: no backup was made.");
    }

    private void EncryptAndVerify(string file, string to)
    {
        using (var plain = File.OpenRead(file))
        using (var target = File.Create(to))
        {
            EncryptedFile.Encrypt(encryption, plain, target);
        }

        using var hash = SHA256.Create();
        using (var opened = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        using (var again = File.OpenRead(to))
        {
            EncryptedFile.Decrypt(encryption, again, opened);
        }

        using var original = File.OpenRead(file);
        if (!SHA256.HashData(original).AsSpan().SequenceEqual(hash.Hash))
        {
            throw new StorageCorruptionException("The sealed backup does not open to what was sealed: no backup was made.");
        }
    }
}
