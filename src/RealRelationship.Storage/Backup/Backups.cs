using System.Security.Cryptography;

using RealRelationshipApi.Storage.Verifying;

namespace RealRelationshipApi.Storage.Moving;

/// <summary>Makes backups. A backup is a store in one SQLite file, whichever engine it comes from, sealed where there are keys to seal it with.</summary>
/// <remarks>
/// <code>
/// SQLite ─ VACUUM INTO ────────────► file ─► verify ─► seal ─► open again and compare ─► sync ─► rename
/// PostgreSQL ─ rows of a snapshot ─┘
/// </code>
/// </remarks>
public sealed class Backups(Database database, Migrator migrator, Verification verification, Sealer sealer, PrivacyKey privacy, TimeProvider clock)
{
    /// <summary>Whether backups are sealed unasked: once <c>Privacy__EncryptionKeys</c> is set.</summary>
    public bool SealsUnasked => sealer.HasRing;

    /// <summary>Makes a backup of the store as it is at one moment, beside a running service.</summary>
    /// <returns>What the verification of the backup found to say.</returns>
    /// <exception cref="StorageRefusedException">There is a file already, or no store to back up.</exception>
    /// <exception cref="StorageDamagedException">The store is not sound: there is no backup.</exception>
    public Findings Make(string file, bool isSealed) => Make(file, isSealed, Verify);

    /// <summary>Makes a backup beside the store before it is brought up to date. Its tables are older than the checks, so only the engine's own is made.</summary>
    /// <returns>Where it is.</returns>
    internal string MakeBefore(string what)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(database.BesidePath)!);
        var file = $"{database.BesidePath}.before-{what}-{clock.GetUtcNow():yyyyMMdd'T'HHmmssfff'Z'}{(SealsUnasked ? ".sealed" : "")}";
        Make(file, SealsUnasked, VerifyByEngine);
        return file;
    }

    private Findings Make(string file, bool isSealed, Func<string, Findings> verify)
    {
        DurableFile.RefuseToOverwrite(file);
        if (!isSealed)
        {
            Findings? plain = null;
            DurableFile.Write(file, unfinished =>
            {
                Copy(unfinished);
                plain = verify(unfinished);
            });
            return plain!;
        }

        using var scratch = new Scratch(database.BesidePath);
        Copy(scratch.File);
        var findings = verify(scratch.File);
        DurableFile.Write(file, unfinished => Seal(scratch.File, unfinished));
        return findings;
    }

    private void Copy(string file)
    {
        using var snapshot = database.OpenSnapshot();
        if (database.TryCopyTo(file))
        {
            return;
        }

        using var copy = Scratch.StoreIn(file);
        var step = Migrator.Plan(database, snapshot).Newest;
        new Migrator(copy, privacy, clock).Apply(mayChangeStore: true, step);
        Transfer.CopyAll(snapshot, copy, migrator.TablesAt(step));
        copy.Dispose();
        Sqlite.SqliteDatabase.MakeOneFile(file);
    }

    private Findings Verify(string file)
    {
        using var copy = Scratch.StoreIn(file);
        var faults = new List<string>();
        var findings = verification.Run(copy, faults.Add);
        return findings.Faults == 0 ? findings : throw new StorageDamagedException($"{string.Join('\n', faults)}\nThe store is not sound: no backup was made.");
    }

    private static Findings VerifyByEngine(string file)
    {
        using var copy = Scratch.StoreIn(file);
        using var snapshot = copy.OpenSnapshot();
        var faults = copy.Faults(snapshot).ToList();
        return faults.Count == 0 ? new Findings(_ => { }) : throw new StorageDamagedException($"{string.Join('\n', faults)}\nThe store is not sound: no backup was made.");
    }

    private void Seal(string file, string to)
    {
        using (var plain = File.OpenRead(file))
        using (var target = File.Create(to))
        {
            SealedFile.Seal(sealer, plain, target);
        }

        using var hash = SHA256.Create();
        using (var opened = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        using (var again = File.OpenRead(to))
        {
            SealedFile.Open(sealer, again, opened);
        }

        using var original = File.OpenRead(file);
        if (!SHA256.HashData(original).AsSpan().SequenceEqual(hash.Hash))
        {
            throw new StorageDamagedException("The sealed backup does not open to what was sealed: no backup was made.");
        }
    }
}
