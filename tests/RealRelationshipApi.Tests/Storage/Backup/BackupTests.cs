using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Writing;
using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Backup;

/// <summary>A backup is complete or absent, and restores every response.</summary>
public sealed class BackupTests(BackupTests.SeededStore seeded) : IClassFixture<BackupTests.SeededStore>, IDisposable
{
    private const string KeyRing = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w=";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SqliteTheory("It starts processes of the service.")]
    [InlineData("plain")]
    [InlineData("sealed")]
    [InlineData("ring")]
    public async Task A_restored_store_gives_the_same_responses(string kind)
    {
        (string, string)[] settings = kind == "ring" ? [("Privacy__EncryptionKeys", KeyRing)] : [];
        var before = await ResponseTranscript.RecordAsync(_folder, async service =>
        {
            await Seed(service);
            (await ServiceExecutable.RunAsync(_folder, kind == "sealed" ? ["backup", "--seal", _folder.File("b")] : ["backup", _folder.File("b")],
                settings)).ShouldExitWith(0);
        });
        Assert.Equal(kind == "plain", File.ReadAllBytes(_folder.File("b")).AsSpan().IndexOf("lee-1"u8) >= 0);
        await using (var service = await Service.StartInAsync(_folder))
        {
            await service.SubmitStudy(TestData.Study("after-the-backup"));
        }

        var restored = (await ServiceExecutable.RunAsync(_folder, ["restore", "--force", _folder.File("b")], settings)).ShouldExitWith(0);
        Assert.Contains("is kept in ", restored.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("Restored and verified: log 6, evidence revision 6, evidence sha256:", restored.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(before, await ResponseTranscript.RecordAsync(_folder));
        (await ServiceExecutable.RunAsync(_folder, ["verify"])).ShouldExitWith(0);
        Assert.Equal(["7"], RawStore.Query(Directory.GetFiles(_folder.Path, "store.db.before-restore-*").Single(), "SELECT log FROM revision"));
    }

    [Fact]
    public async Task Each_backup_under_load_is_a_consistent_snapshot()
    {
        await using var service = await Service.StartInAsync(_folder);
        using var enough = new CancellationTokenSource();
        var acknowledged = 0;
        var clients = Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                await service.SubmitStudy(TestData.Study($"c{client}-{i}"));
                Interlocked.Increment(ref acknowledged);
            }
        })).ToList();
        await Wait.UntilAsync(() => Task.FromResult(Volatile.Read(ref acknowledged) > 20));
        for (var i = 0; i < 4; i++)
        {
            var least = Volatile.Read(ref acknowledged);
            var said = service.Services.GetRequiredService<BackupWriter>().Create(_folder.File($"b{i}"), encrypt: i % 2 == 1).Facts
                .ToDictionary(s => s.Name, s => s.Value);
            Assert.InRange(int.Parse(said["evidence revision"]), least, Volatile.Read(ref acknowledged) + 8);
        }

        await enough.CancelAsync();
        await Task.WhenAll(clients);
    }

    [Fact]
    public async Task A_backup_never_overwrites_and_leaves_no_partial_file()
    {
        await using var service = await Service.StartInAsync(_folder);
        _folder.Write("taken", "mine");
        Assert.Contains("exists already", (await ServiceExecutable.RunAsync(_folder, ["backup", _folder.File("taken")])).ShouldExitWith(1).StandardError,
            StringComparison.Ordinal);
        Assert.Contains("There is no folder",
            (await ServiceExecutable.RunAsync(_folder, ["backup", _folder.File("nowhere/b")])).ShouldExitWith(1).StandardError, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder.File("taken")));
    }

    [Fact]
    public async Task A_corrupt_store_is_not_backed_up()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.SubmitStudy(TestData.Study());
        RawStore.Execute(_folder.StorePath, "UPDATE change SET tenant = 'other'");
        foreach (var seal in new[] { "--seal", "--seal=false" })
        {
            var finished = (await ServiceExecutable.RunAsync(_folder, ["backup", seal, _folder.File("b")])).ShouldExitWith(1);
            Assert.Contains("Change 1 was edited.", finished.StandardError, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Directory.GetFileSystemEntries(_folder.Path), path => !Path.GetFileName(path).StartsWith("store.db", StringComparison.Ordinal));
    }

    [SqliteFact]
    public async Task Restore_refuses_a_store_in_use()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.SubmitStudy(TestData.Study());
        (await ServiceExecutable.RunAsync(_folder, ["backup", _folder.File("b")])).ShouldExitWith(0);
        Assert.Contains("stop the service first",
            (await ServiceExecutable.RunAsync(_folder, ["restore", "--force", _folder.File("b")])).ShouldExitWith(1).StandardError, StringComparison.Ordinal);
        await service.SubmitStudy(TestData.Study("b"));
    }

    [SqliteTheory("It starts processes of the service.")]
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
    public async Task A_corrupt_backup_is_refused_and_nothing_changes(string error, string reason)
    {
        seeded.CopyTo(_folder, isSealed: error.StartsWith("sealed", StringComparison.Ordinal));
        Corrupt(_folder.File("b"), error);
        RawStore.Execute(_folder.StorePath, "PRAGMA wal_checkpoint(TRUNCATE)");
        var (store, files) = (File.ReadAllBytes(_folder.StorePath), FilesWithoutWal());
        (string, string)[] settings = error switch
        {
            "other key" => [("Privacy__Key", KeyRing)],
            "sealed, key gone" => [],
            _ => [("Privacy__EncryptionKeys", KeyRing)],
        };
        var finished =
            (await ServiceExecutable.RunAsync(_folder, error == "no force" ? ["restore", _folder.File("b")] : ["restore", "--force", _folder.File("b")],
                settings)).ShouldExitWith(1);
        Assert.Contains(reason, finished.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", finished.StandardError, StringComparison.Ordinal);
        Assert.Equal(store, File.ReadAllBytes(_folder.StorePath));
        Assert.Equal(files, FilesWithoutWal());
    }

    [SqliteFact("It starts processes of the service.")]
    public async Task A_corrupt_store_can_be_replaced()
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            await Seed(service);
            (await ServiceExecutable.RunAsync(_folder, ["backup", _folder.File("b")])).ShouldExitWith(0);
        }

        _folder.Write("store.db", new string('x', 8192));
        _folder.Write("store.db-wal", "a log that would be read into what is restored");
        (await ServiceExecutable.RunAsync(_folder, ["restore", "--force", _folder.File("b")])).ShouldExitWith(0);
        (await ServiceExecutable.RunAsync(_folder, ["verify"])).ShouldExitWith(0);
        Assert.NotEmpty(Directory.GetFiles(_folder.Path, "store.db.before-restore-*"));
    }

    [SqliteFact]
    public async Task Post_restore_steps_run_before_the_store_is_visible()
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            await Seed(service);
            service.Services.GetRequiredService<BackupWriter>().Create(_folder.File("b"), encrypt: false);
        }

        var hook = new RecordingPostRestoreStep(_folder);
        await using var parts = StorageServiceProvider.Build(_folder, services => services.AddSingleton<PostRestoreStep>(hook));
        await using (var service = await Service.StartInAsync(_folder))
        {
            await service.SubmitStudy(TestData.Study("after-the-backup"));
        }

        var said = new List<string>();
        parts.GetRequiredService<StoreRestorer>().Restore(_folder.File("b"), mayReplace: true, said.Add);
        Assert.Equal("6, while the store in its place is still at 7", hook.SeenStore);
        Assert.Contains("Forgotten again.", said);
    }

    private static async Task Seed(Service service)
    {
        foreach (var i in Enumerable.Range(1, 4))
        {
            await service.SubmitStudy(
                TestData.Study($"lee-{i}", TestData.Effect(i / 10.0), TestData.Effect(0.15)).With("citation/title", new string('x', 450)));
        }

        (await service.Put("/studies/lee-1", TestData.Study("lee-1", TestData.Effect(0.5)), ("If-Match", "*"))).ShouldBe(200);
        (await service.Delete("/studies/lee-2", ("If-Match", "*"))).ShouldBe(204);
    }

    // A reader that closes late leaves an empty log, which the next exclusive access removes.
    private List<string> FilesWithoutWal() =>
        [.. Directory.GetFileSystemEntries(_folder.Path).Except([_folder.StorePath + "-wal", _folder.StorePath + "-shm"]).Order(StringComparer.Ordinal)];

    private static void Corrupt(string file, string error)
    {
        const int header = 48, chunk = (64 * 1024) + 16;
        var bytes = File.ReadAllBytes(file);
        switch (error)
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
            case "strange": File.Delete(file); RawStore.Execute(file, "CREATE TABLE t (x)"); return;
            case "edited": RawStore.Execute(file, "UPDATE change SET tenant = 'other' WHERE number = 1"); return;
            case "newer":
                RawStore.Execute(file,
                "INSERT INTO migration (number, name, digest, applied_at) VALUES (9999, '9999_future', 'x', '2999-01-01T00:00:00.000000Z')"); return;
            default: return;
        }

        File.WriteAllBytes(file, bytes);
    }

    /// <summary>A SQLite store with a plain and a sealed backup, which each case copies.</summary>
    public sealed class SeededStore : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public async ValueTask InitializeAsync()
        {
            if (PostgresTestServer.IsDefaultEngine)
            {
                return;
            }

            await using (var service = await Service.StartInAsync(_folder))
            {
                await Seed(service);
                (await ServiceExecutable.RunAsync(_folder, ["backup", _folder.File("plain")])).ShouldExitWith(0);
                (await ServiceExecutable.RunAsync(_folder, ["backup", _folder.File("sealed")], ("Privacy__EncryptionKeys", KeyRing))).ShouldExitWith(0);
            }

            RawStore.Execute(_folder.StorePath, "PRAGMA wal_checkpoint(TRUNCATE)");
        }

        internal void CopyTo(TemporaryFolder folder, bool isSealed)
        {
            foreach (var file in Directory.GetFiles(_folder.Path, "store.db*"))
            {
                File.Copy(file, folder.File(Path.GetFileName(file)));
            }

            File.Copy(_folder.File(isSealed ? "sealed" : "plain"), folder.File("b"));
        }

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class RecordingPostRestoreStep(TemporaryFolder folder) : PostRestoreStep
    {
        public string? SeenStore { get; private set; }

        public override string? Apply(WriteTransaction restored, string? store, string newStore)
        {
            SeenStore =
                $"{RawStore.Query(restored.Connection, "SELECT log FROM revision").Single()}, while the store in its place is still at "
                    + $"{RawStore.Query(folder.StorePath, "SELECT log FROM revision").Single()}";
            return "Forgotten again.";
        }
    }
}
