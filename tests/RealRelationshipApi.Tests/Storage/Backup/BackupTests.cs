using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Backup;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Storage.Backup;

/// <summary>A backup is whole or not there, and brings back every answer.</summary>
public sealed class BackupTests : IDisposable
{
    private const string Ring = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w=";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SqliteTheory]
    [InlineData("plain")]
    [InlineData("sealed")]
    [InlineData("ring")]
    public async Task What_is_restored_answers_as_before(string kind)
    {
        (string, string)[] settings = kind == "ring" ? [("Privacy__EncryptionKeys", Ring)] : [];
        var before = await Answers.Of(_folder, async service =>
        {
            await Fill(service);
            (await Executable.RunAsync(_folder, kind == "sealed" ? ["backup", "--seal", _folder.File("b")] : ["backup", _folder.File("b")], settings)).ShouldExitWith(0);
        });
        Assert.Equal(kind == "plain", File.ReadAllBytes(_folder.File("b")).AsSpan().IndexOf("lee-1"u8) >= 0);
        await using (var service = await Service.StartInAsync(_folder))
        {
            await service.Submit(A.Study("after-the-backup"));
        }

        var restored = (await Executable.RunAsync(_folder, ["restore", "--force", _folder.File("b")], settings)).ShouldExitWith(0);
        Assert.Contains("is kept in ", restored.Output, StringComparison.Ordinal);
        Assert.Contains("Restored and verified: log 6, evidence revision 6, evidence sha256:", restored.Output, StringComparison.Ordinal);
        Assert.Equal(before, await Answers.Of(_folder));
        (await Executable.RunAsync(_folder, ["verify"])).ShouldExitWith(0);
        Assert.Equal(["7"], Store.Rows(Directory.GetFiles(_folder.Path, "store.db.before-restore-*").Single(), "SELECT log FROM revision"));
    }

    [Fact]
    public async Task Backups_under_load_are_each_of_one_moment()
    {
        await using var service = await Service.StartInAsync(_folder);
        using var enough = new CancellationTokenSource();
        var acknowledged = 0;
        var clients = Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                await service.Submit(A.Study($"c{client}-{i}"));
                Interlocked.Increment(ref acknowledged);
            }
        })).ToList();
        await Eventually.True(() => Task.FromResult(Volatile.Read(ref acknowledged) > 20));
        for (var i = 0; i < 4; i++)
        {
            var least = Volatile.Read(ref acknowledged);
            var said = service.Parts.GetRequiredService<BackupWriter>().Create(_folder.File($"b{i}"), encrypt: i % 2 == 1).Facts.ToDictionary(s => s.Name, s => s.Value);
            Assert.InRange(int.Parse(said["evidence revision"]), least, Volatile.Read(ref acknowledged) + 8);
        }

        await enough.CancelAsync();
        await Task.WhenAll(clients);
    }

    [Fact]
    public async Task Nothing_is_written_over_and_nothing_half_written_is_left()
    {
        await using var service = await Service.StartInAsync(_folder);
        _folder.Write("taken", "mine");
        Assert.Contains("exists already", (await Executable.RunAsync(_folder, ["backup", _folder.File("taken")])).ShouldExitWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("There is no folder", (await Executable.RunAsync(_folder, ["backup", _folder.File("nowhere/b")])).ShouldExitWith(1).Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder.File("taken")));
    }

    [Fact]
    public async Task Of_a_store_that_is_not_sound_there_is_no_backup()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.Submit(A.Study());
        Store.Execute(_folder.StorePath, "UPDATE change SET tenant = 'other'");
        foreach (var seal in new[] { "--seal", "--seal=false" })
        {
            var finished = (await Executable.RunAsync(_folder, ["backup", seal, _folder.File("b")])).ShouldExitWith(1);
            Assert.Contains("Change 1 was edited.", finished.Error, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Directory.GetFileSystemEntries(_folder.Path), path => !Path.GetFileName(path).StartsWith("store.db", StringComparison.Ordinal));
    }

    [SqliteFact]
    public async Task While_a_service_runs_its_store_is_not_replaced()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.Submit(A.Study());
        (await Executable.RunAsync(_folder, ["backup", _folder.File("b")])).ShouldExitWith(0);
        Assert.Contains("stop the service first", (await Executable.RunAsync(_folder, ["restore", "--force", _folder.File("b")])).ShouldExitWith(1).Error, StringComparison.Ordinal);
        await service.Submit(A.Study("b"));
    }

    [SqliteTheory]
    [InlineData("no force", "With --force it is kept beside")]
    [InlineData("flipped", "Nothing was restored.")]
    [InlineData("cut", "Nothing was restored.")]
    [InlineData("edited", "Change 1 was edited.")]
    [InlineData("newer", "step 9999 (9999_future), which this version does not know")]
    [InlineData("text", "is neither a backup nor an export")]
    [InlineData("empty", "is neither a backup nor an export")]
    [InlineData("strange", "but no store of this service")]
    [InlineData("other key", "Privacy__Key is not the key that this store was made with")]
    [InlineData("sealed, flipped", "Chunk 1 of the sealed file is not what was written there")]
    [InlineData("sealed, cut in a chunk", "of the sealed file is not what was written there, or the file was cut off after it")]
    [InlineData("sealed, cut between chunks", "Chunk 0 of the sealed file is not what was written there, or the file was cut off after it")]
    [InlineData("sealed, chunks exchanged", "Chunk 0 of the sealed file is not what was written there")]
    [InlineData("sealed, header cut", "ends within its header")]
    [InlineData("sealed, key gone", "sealed under a key that is not in Privacy__EncryptionKeys")]
    public async Task What_is_not_sound_is_refused_and_nothing_is_touched(string fault, string reason)
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            await Fill(service);
            var isSealed = fault.StartsWith("sealed", StringComparison.Ordinal);
            (await Executable.RunAsync(_folder, ["backup", _folder.File("b")], isSealed ? [("Privacy__EncryptionKeys", Ring)] : [])).ShouldExitWith(0);
        }

        Spoil(_folder.File("b"), fault);
        Store.Execute(_folder.StorePath, "PRAGMA wal_checkpoint(TRUNCATE)");
        var (store, files) = (File.ReadAllBytes(_folder.StorePath), FilesWithoutLog());
        (string, string)[] settings = fault switch
        {
            "other key" => [("Privacy__Key", Ring)],
            "sealed, key gone" => [],
            _ => [("Privacy__EncryptionKeys", Ring)],
        };
        var finished = (await Executable.RunAsync(_folder, fault == "no force" ? ["restore", _folder.File("b")] : ["restore", "--force", _folder.File("b")], settings)).ShouldExitWith(1);
        Assert.Contains(reason, finished.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", finished.Error, StringComparison.Ordinal);
        Assert.Equal(store, File.ReadAllBytes(_folder.StorePath));
        Assert.Equal(files, FilesWithoutLog());
    }

    [SqliteFact]
    public async Task A_store_that_is_ruined_can_be_replaced_too()
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            await Fill(service);
            (await Executable.RunAsync(_folder, ["backup", _folder.File("b")])).ShouldExitWith(0);
        }

        _folder.Write("store.db", new string('x', 8192));
        _folder.Write("store.db-wal", "a log that would be read into what is restored");
        (await Executable.RunAsync(_folder, ["restore", "--force", _folder.File("b")])).ShouldExitWith(0);
        (await Executable.RunAsync(_folder, ["verify"])).ShouldExitWith(0);
        Assert.NotEmpty(Directory.GetFiles(_folder.Path, "store.db.before-restore-*"));
    }

    [SqliteFact]
    public async Task What_must_be_done_after_a_restore_is_done_before_anybody_sees_the_store()
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            await Fill(service);
            service.Parts.GetRequiredService<BackupWriter>().Create(_folder.File("b"), encrypt: false);
        }

        var hook = new Hook(_folder);
        await using var parts = Parts.Of(_folder, services => services.AddSingleton<PostRestoreStep>(hook));
        await using (var service = await Service.StartInAsync(_folder))
        {
            await service.Submit(A.Study("after-the-backup"));
        }

        var said = new List<string>();
        parts.GetRequiredService<StoreRestorer>().Restore(_folder.File("b"), mayReplace: true, said.Add);
        Assert.Equal("6, while the store in its place is still at 7", hook.Seen);
        Assert.Contains("Forgotten again.", said);
    }

    private static async Task Fill(Service service)
    {
        foreach (var i in Enumerable.Range(1, 4))
        {
            await service.Submit(A.Study($"lee-{i}", A.Effect(i / 10.0), A.Effect(0.15)).With("citation/title", new string('x', 450)));
        }

        (await service.Put("/studies/lee-1", A.Study("lee-1", A.Effect(0.5)), ("If-Match", "*"))).ShouldBe(200);
        (await service.Delete("/studies/lee-2", ("If-Match", "*"))).ShouldBe(204);
    }

    // A reader of the service that closes late leaves the empty log behind, which goes with the next that asks.
    private List<string> FilesWithoutLog() =>
        [.. Directory.GetFileSystemEntries(_folder.Path).Except([_folder.StorePath + "-wal", _folder.StorePath + "-shm"]).Order(StringComparer.Ordinal)];

    private static void Spoil(string file, string fault)
    {
        const int header = 48, chunk = (64 * 1024) + 16;
        var bytes = File.ReadAllBytes(file);
        switch (fault)
        {
            case "flipped": bytes[bytes.AsSpan().IndexOf("Lee et al."u8)] ^= 1; break;
            case "cut": bytes = bytes[..(bytes.Length / 2)]; break;
            case "text": bytes = "no backup"u8.ToArray(); break;
            case "empty": bytes = []; break;
            case "sealed, flipped": bytes[header + chunk + 100] ^= 1; break;
            case "sealed, cut in a chunk": bytes = bytes[..^1]; break;
            case "sealed, cut between chunks": bytes = bytes[..(header + chunk)]; break;
            case "sealed, chunks exchanged": bytes = [.. bytes[..header], .. bytes[(header + chunk)..], .. bytes[header..(header + chunk)]]; break;
            case "sealed, header cut": bytes = bytes[..20]; break;
            case "strange": File.Delete(file); Store.Execute(file, "CREATE TABLE t (x)"); return;
            case "edited": Store.Execute(file, "UPDATE change SET tenant = 'other' WHERE number = 1"); return;
            case "newer": Store.Execute(file, "INSERT INTO migration (number, name, digest, applied_at) VALUES (9999, '9999_future', 'x', '2999-01-01T00:00:00.000000Z')"); return;
            default: return;
        }

        File.WriteAllBytes(file, bytes);
    }

    private sealed class Hook(TemporaryFolder folder) : PostRestoreStep
    {
        public string? Seen { get; private set; }

        public override string? Apply(Database restored)
        {
            using var snapshot = restored.OpenSnapshot();
            Seen = $"{Store.Rows(snapshot, "SELECT log FROM revision").Single()}, while the store in its place is still at {Store.Rows(folder.StorePath, "SELECT log FROM revision").Single()}";
            return "Forgotten again.";
        }
    }
}
