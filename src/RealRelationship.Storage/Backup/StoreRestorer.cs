using System.Data.Common;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Sqlite;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Backup;

/// <summary>Brings a backup, or an export, back: into a file beside the store first, where it is verified and brought up to date,
/// and only then in its place.</summary>
/// <remarks>
/// <code>
/// sealed backup ─► open ─┐
/// backup ────────────────┼─► store of its own ─► migrate ─► verify ─► erase again ─► in place of the store (SQLite: rename; PostgreSQL: one transaction)
/// export (NDJSON) ───────┘
/// </code>
/// </remarks>
public sealed class StoreRestorer(Database database, Migrator migrator, StoreUpgrader upgrade, BackupWriter backups, StoreCopier copier,
    StoreVerifier verification, ColumnEncryption encryption, PrivacyKey privacy, ChangeLog log, StoreHeadFile headFile,
    TimeProvider clock, IEnumerable<PostRestoreStep> postRestoreSteps, IEnumerable<DataMigration> dataMigrations)
{
    private static readonly string[] s_sidecarSuffixes = ["-wal", "-shm", "-journal"];

    /// <summary>Replaces the store by a backup or an export.</summary>
    /// <param name="file">A backup, encrypted or not, or an export.</param>
    /// <param name="mayReplace">Whether an existing store may be moved aside.</param>
    /// <param name="report">Receives progress messages.</param>
    /// <exception cref="StoragePreconditionException">There is a store already, a service uses it, the backup is newer than this version,
    /// or the file is not a backup.</exception>
    /// <exception cref="StorageCorruptionException">The backup is corrupted; the message lists the errors.</exception>
    public VerificationResult Restore(string file, bool mayReplace, Action<string> report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (database.FilePath is not { } path)
        {
            return RestoreIntoServer(file, mayReplace, report);
        }

        if (File.Exists(path))
        {
            RequireForce(mayReplace);
            TryIgnoringDbErrors(path, SqliteDatabase.ThrowIfInUse);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var temporaryStore = new TemporaryStore(path);
        var result = PrepareTemporaryStore(file, temporaryStore, StoreIdentity.Create(), report);
        temporaryStore.Database.Dispose();
        SqliteDatabase.CheckpointIntoSingleFile(temporaryStore.FilePath);
        DurableFile.Flush(temporaryStore.FilePath);
        ReplaceStore(temporaryStore.FilePath, path, report);
        AcceptHead();
        return result;
    }

    /// <summary>Loads an export into the store, which must be empty; a service may be running.</summary>
    /// <exception cref="StoragePreconditionException">The store is not empty, or the export is newer than this version.</exception>
    /// <exception cref="StorageCorruptionException">The export is corrupted; the message lists the errors.</exception>
    public VerificationResult ImportIntoEmptyStore(string file, Action<string> report)
    {
        upgrade.UpgradeIfNeeded(isExplicit: true);
        var identity = RequireEmptyStore() ?? StoreIdentity.Create();
        using var temporaryStore = new TemporaryStore(database.SidecarBasePath);
        PrepareTemporaryStore(file, temporaryStore, identity, report);
        using var snapshot = temporaryStore.Database.OpenSnapshot();
        return copier.CopyAndVerify(snapshot, database, mayReplace: false);
    }

    private VerificationResult RestoreIntoServer(string file, bool mayReplace, Action<string> report)
    {
        using var temporaryStore = new TemporaryStore(database.SidecarBasePath);
        PrepareTemporaryStore(file, temporaryStore, StoreIdentity.Create(), report);
        foreach (var done in upgrade.UpgradeIfNeeded(isExplicit: mayReplace))
        {
            report(done);
        }

        using (var connection = database.OpenSnapshot())
        {
            if (StoreCopier.FindNonEmptyTable(connection, migrator.Tables) is not null)
            {
                RequireForce(mayReplace);
                if (database.IsInUse(connection))
                {
                    throw new StoragePreconditionException($"The store at {database.Name} is in use: stop the services first.");
                }

                report($"The store that was there is kept in {backups.CreateBefore("restore")}.");
            }
        }

        using var snapshot = temporaryStore.Database.OpenSnapshot();
        var result = copier.CopyAndVerify(snapshot, database, mayReplace);
        AcceptHead();
        return result;
    }

    private void AcceptHead()
    {
        using var connection = database.OpenSnapshot();
        headFile.Accept(connection);
    }

    private VerificationResult PrepareTemporaryStore(string file, TemporaryStore temporaryStore, string identity, Action<string> report)
    {
        try
        {
            return PrepareCore(file, temporaryStore, identity, report);
        }
        catch (DbException error)
        {
            throw new StorageCorruptionException($"{file} is not sound: {error.Message} Nothing was restored.", error);
        }
        catch (StoragePreconditionException refusal)
        {
            throw new StoragePreconditionException($"{refusal.Message.Replace(temporaryStore.FilePath, file, StringComparison.Ordinal)} Nothing was restored.",
                refusal);
        }
    }

    private VerificationResult PrepareCore(string file, TemporaryStore temporaryStore, string identity, Action<string> report)
    {
        Unpack(file, temporaryStore);
        RequireSchema(file, temporaryStore.Database);
        foreach (var step in new Migrator(temporaryStore.Database, privacy, clock, dataMigrations).Apply(mayChangeStore: true))
        {
            report($"Applied schema step {step.Name} to what is restored.");
            foreach (var change in step.Changes)
            {
                report(change);
            }
        }

        var errors = new List<string>();
        var result = verification.Run(temporaryStore.Database, errors.Add);
        if (result.ErrorCount > 0)
        {
            throw new StorageCorruptionException($"{string.Join('\n', errors)}\n{file} is not sound. Nothing was restored.");
        }

        RunPostRestoreSteps(temporaryStore.Database, identity, report);
        return result;
    }

    private void RunPostRestoreSteps(Database restored, string identity, Action<string> report)
    {
        using var connection = restored.OpenWriter();
        var before = StoreIdentity.Read(connection, log);
        restored.BeginTransaction(connection);
        var transaction = new WriteTransaction(restored.CreateBatch(connection), log, clock);
        foreach (var sentence in postRestoreSteps.Select(step => step.Apply(transaction, before, identity)).OfType<string>())
        {
            report(sentence);
        }

        StoreIdentity.Set(transaction.Connection, log, identity);
        transaction.Commit();
        restored.BeforeClose(connection);
    }

    private void Unpack(string file, TemporaryStore temporaryStore)
    {
        using var stream = File.OpenRead(file);
        var beginning = new byte[64];
        var length = stream.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        if (EncryptedFile.HasHeader(beginning))
        {
            using var opened = File.Create(temporaryStore.FilePath);
            EncryptedFile.Decrypt(encryption, stream, opened);
        }
        else if (beginning.AsSpan().StartsWith("SQLite format 3\0"u8))
        {
            using var copy = File.Create(temporaryStore.FilePath);
            stream.CopyTo(copy);
        }
        else if (IsExport(beginning.AsSpan(0, length)))
        {
            new StoreExportReader(file, migrator).ReadInto(temporaryStore.Database, privacy, clock);
        }
        else
        {
            throw new StoragePreconditionException($"{file} is neither a backup nor an export.");
        }
    }

    /// <summary>Whether a file starts like an export.</summary>
    public static bool IsExport(ReadOnlySpan<byte> beginning) => beginning.StartsWith(System.Text.Encoding.UTF8.GetBytes(StoreExporter.HeaderPrefix));

    private static void RequireSchema(string file, Database copy)
    {
        using var connection = copy.OpenSnapshot();
        if (!copy.HasSchema(connection))
        {
            throw new StoragePreconditionException($"{file} is a SQLite file, but no store of this service.");
        }
    }

    private void RequireForce(bool mayReplace)
    {
        if (!mayReplace)
        {
            throw new StoragePreconditionException($"There is a store at {database.Name}. With --force it is kept beside, and the backup takes its place.");
        }
    }

    /// <returns>The identity of the store.</returns>
    private string? RequireEmptyStore()
    {
        using var connection = database.OpenSnapshot();
        if (StoreCopier.FindNonEmptyTable(connection, migrator.Tables) is { } occupied)
        {
            throw new StoragePreconditionException($"The store at {database.Name} is not empty: there are rows in {occupied.Name}. Nothing was imported.");
        }

        return StoreIdentity.Read(connection, log);
    }

    // A corrupted store, for which backups are made, cannot show that it is in use.
    private static void TryIgnoringDbErrors(string path, Action<string> work)
    {
        try
        {
            work(path);
        }
        catch (DbException)
        {
        }
    }

    // Links the old file to its new name and renames over it, so that there is a complete store at every moment. A log that could not be
    // checkpointed moves with its file: beside the restored file it would be replayed into it.
    private void ReplaceStore(string restored, string path, Action<string> report)
    {
        if (!File.Exists(path))
        {
            File.Move(restored, path);
        }
        else
        {
            TryIgnoringDbErrors(path, SqliteDatabase.CheckpointIntoSingleFile);
            var kept = $"{path}.before-restore-{clock.GetUtcNow():yyyyMMdd'T'HHmmssfff'Z'}";
            foreach (var suffix in s_sidecarSuffixes.Where(suffix => File.Exists(path + suffix)))
            {
                File.Move(path + suffix, kept + suffix);
            }

            File.Replace(restored, path, kept);
            report($"The store that was there is kept in {kept}.");
        }

        DurableFile.FlushDirectory(path);
    }
}
