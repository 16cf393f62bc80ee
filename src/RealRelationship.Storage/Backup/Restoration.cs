using System.Data.Common;

using RealRelationshipApi.Storage.Sqlite;
using RealRelationshipApi.Storage.Verifying;

namespace RealRelationshipApi.Storage.Moving;

/// <summary>Brings a backup, or an export, back: into a file beside the store first, where it is verified and brought up to date, and only then in its place.</summary>
/// <remarks>
/// <code>
/// sealed backup ─► open ─┐
/// backup ────────────────┼─► store of its own ─► migrate ─► verify ─► erase again ─► in place of the store (SQLite: rename; PostgreSQL: one transaction)
/// export (NDJSON) ───────┘
/// </code>
/// </remarks>
public sealed class Restoration(Database database, Migrator migrator, Upgrade upgrade, Backups backups, Transfer transfer, Verification verification, Sealer sealer, PrivacyKey privacy,
    TimeProvider clock, IEnumerable<AfterRestore> afterRestore)
{
    private static readonly string[] s_besideFiles = ["-wal", "-shm", "-journal"];

    /// <summary>Puts a backup, or an export, in the place of the store.</summary>
    /// <param name="file">A backup, sealed or not, or an export.</param>
    /// <param name="mayReplace">Whether a store that is there may be put aside.</param>
    /// <param name="say">Told of what is done.</param>
    /// <exception cref="StorageRefusedException">There is a store already, or a service uses it, or the backup is newer than this version, or is none.</exception>
    /// <exception cref="StorageDamagedException">The backup is not sound; the message names each fault.</exception>
    public Findings Restore(string file, bool mayReplace, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        if (database.FilePath is not { } path)
        {
            return RestoreIntoServer(file, mayReplace, say);
        }

        if (File.Exists(path))
        {
            RefuseUnless(mayReplace);
            Try(path, SqliteDatabase.RefuseIfInUse);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var scratch = new Scratch(path);
        var findings = Prepare(file, scratch, say);
        scratch.Database.Dispose();
        SqliteDatabase.MakeOneFile(scratch.File);
        DurableFile.Flush(scratch.File);
        PutInPlace(scratch.File, path, say);
        return findings;
    }

    /// <summary>Fills the store, which must be empty, from an export; a service may be running.</summary>
    /// <exception cref="StorageRefusedException">The store is not empty, or the export is newer than this version.</exception>
    /// <exception cref="StorageDamagedException">The export is not sound; the message names each fault.</exception>
    public Findings Import(string file, Action<string> say)
    {
        upgrade.Run(isAsked: true);
        RefuseUnlessEmpty();
        using var scratch = new Scratch(database.BesidePath);
        Prepare(file, scratch, say);
        using var snapshot = scratch.Database.OpenSnapshot();
        return transfer.Run(snapshot, database, mayReplace: false);
    }

    private Findings RestoreIntoServer(string file, bool mayReplace, Action<string> say)
    {
        using var scratch = new Scratch(database.BesidePath);
        Prepare(file, scratch, say);
        foreach (var done in upgrade.Run(isAsked: mayReplace))
        {
            say(done);
        }

        using (var connection = database.OpenSnapshot())
        {
            if (Transfer.Occupied(connection, migrator.Tables) is not null)
            {
                RefuseUnless(mayReplace);
                if (database.IsInUse(connection))
                {
                    throw new StorageRefusedException($"The store at {database.Name} is in use: stop the services first.");
                }

                say($"The store that was there is kept in {backups.MakeBefore("restore")}.");
            }
        }

        using var snapshot = scratch.Database.OpenSnapshot();
        return transfer.Run(snapshot, database, mayReplace);
    }

    private Findings Prepare(string file, Scratch scratch, Action<string> say)
    {
        try
        {
            return PrepareUnguarded(file, scratch, say);
        }
        catch (DbException error)
        {
            throw new StorageDamagedException($"{file} is not sound: {error.Message} Nothing was restored.", error);
        }
        catch (StorageRefusedException refusal)
        {
            throw new StorageRefusedException($"{refusal.Message.Replace(scratch.File, file, StringComparison.Ordinal)} Nothing was restored.", refusal);
        }
    }

    private Findings PrepareUnguarded(string file, Scratch scratch, Action<string> say)
    {
        Unpack(file, scratch);
        RefuseWithoutSchema(file, scratch.Database);
        foreach (var step in new Migrator(scratch.Database, privacy, clock).Apply(mayChangeStore: true))
        {
            say($"Applied schema step {step} to what is restored.");
        }

        var faults = new List<string>();
        var findings = verification.Run(scratch.Database, faults.Add);
        if (findings.Faults > 0)
        {
            throw new StorageDamagedException($"{string.Join('\n', faults)}\n{file} is not sound. Nothing was restored.");
        }

        foreach (var sentence in afterRestore.Select(step => step.Apply(scratch.Database)).OfType<string>())
        {
            say(sentence);
        }

        return findings;
    }

    private void Unpack(string file, Scratch scratch)
    {
        using var stream = File.OpenRead(file);
        var beginning = new byte[64];
        var length = stream.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        if (SealedFile.Begins(beginning))
        {
            using var opened = File.Create(scratch.File);
            SealedFile.Open(sealer, stream, opened);
        }
        else if (beginning.AsSpan().StartsWith("SQLite format 3\0"u8))
        {
            using var copy = File.Create(scratch.File);
            stream.CopyTo(copy);
        }
        else if (IsExport(beginning.AsSpan(0, length)))
        {
            new ExportReader(file, migrator).ReadInto(scratch.Database, privacy, clock);
        }
        else
        {
            throw new StorageRefusedException($"{file} is neither a backup nor an export.");
        }
    }

    /// <summary>Whether a file begins as an export does.</summary>
    internal static bool IsExport(ReadOnlySpan<byte> beginning) => beginning.StartsWith(System.Text.Encoding.UTF8.GetBytes(Export.Beginning));

    private static void RefuseWithoutSchema(string file, Database copy)
    {
        using var connection = copy.OpenSnapshot();
        if (!copy.HasSchema(connection))
        {
            throw new StorageRefusedException($"{file} is a SQLite file, but no store of this service.");
        }
    }

    private void RefuseUnless(bool mayReplace)
    {
        if (!mayReplace)
        {
            throw new StorageRefusedException($"There is a store at {database.Name}. With --force it is kept beside, and the backup takes its place.");
        }
    }

    private void RefuseUnlessEmpty()
    {
        using var connection = database.OpenSnapshot();
        if (Transfer.Occupied(connection, migrator.Tables) is { } occupied)
        {
            throw new StorageRefusedException($"The store at {database.Name} is not empty: there are rows in {occupied.Name}. Nothing was imported.");
        }
    }

    // A store that is damaged cannot say that it is in use, and is what backups are for.
    private static void Try(string path, Action<string> work)
    {
        try
        {
            work(path);
        }
        catch (DbException)
        {
        }
    }

    // Links the old file to its new name and renames over it, so that there is a whole store at every moment. A log that could not be
    // folded back goes with its file: beside another it would be read into it.
    private void PutInPlace(string restored, string path, Action<string> say)
    {
        if (!File.Exists(path))
        {
            File.Move(restored, path);
        }
        else
        {
            Try(path, SqliteDatabase.MakeOneFile);
            var kept = $"{path}.before-restore-{clock.GetUtcNow():yyyyMMdd'T'HHmmssfff'Z'}";
            foreach (var log in s_besideFiles.Where(log => File.Exists(path + log)))
            {
                File.Move(path + log, kept + log);
            }

            File.Replace(restored, path, kept);
            say($"The store that was there is kept in {kept}.");
        }

        DurableFile.FlushFolder(path);
    }
}
