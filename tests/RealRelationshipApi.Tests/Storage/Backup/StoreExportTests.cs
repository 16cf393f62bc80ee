using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Backup;

/// <summary>Everything goes out as text and comes back to the same bits.</summary>
public sealed class StoreExportTests(StoreExportTests.ExportedStore exported) : IClassFixture<StoreExportTests.ExportedStore>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _other = new();

    public void Dispose()
    {
        _folder.Dispose();
        _other.Dispose();
    }

    [SlowFact("It exports and imports a whole store.")]
    public async Task An_imported_store_gives_the_same_responses_as_the_exported_one()
    {
        var key = (await ServiceExecutable.RunAsync(_folder, ["keys", "create", "--tenant", "clinic", "--scope", "meta:read"])).ShouldExitWith(0).StandardOutput
            .Trim();
        var before = await ResponseTranscript.RecordAsync(_folder, async service =>
        {
            await service.SubmitStudy(TestData.Study("a", TestData.Effect(0.1), TestData.Effect(1 / 3.0)).With("note", "Ärger\n\u2028 \"quoted\" 🙂"));
            (await service.Post("/studies", TestData.Study("b"), ("Idempotency-Key", "once"))).ShouldBe(201);
            await service.SubmitStudy(TestData.Study("c", TestData.Effect(0)));
            (await service.Put("/studies/a", TestData.Study("a", TestData.Effect(0.2)), ("If-Match", "*"))).ShouldBe(200);
            (await service.Delete("/studies/b", ("If-Match", "*"))).ShouldBe(204);
        });
        Assert.Contains("Exported 29 rows.",
            (await ServiceExecutable.RunAsync(_folder, ["export", _folder.File("all.ndjson")])).ShouldExitWith(0).StandardError, StringComparison.Ordinal);
        var imported = (await ServiceExecutable.RunAsync(_other, ["import", _folder.File("all.ndjson")])).ShouldExitWith(0).StandardOutput;
        Assert.Equal(await Summary(_folder), await Summary(_other));
        Assert.Contains((await Summary(_folder)).Split('\n')[0], imported, StringComparison.Ordinal);
        Assert.Contains("there are rows in", (await ServiceExecutable.RunAsync(_other, ["import", _folder.File("all.ndjson")])).ShouldExitWith(1).StandardError,
            StringComparison.Ordinal);
        await using var service = await Service.StartInAsync(_other);
        Assert.Equal(before, await ResponseTranscript.RecordAsync(service));
        (await service.Get("/meta/pool", ("X-API-Key", key))).ShouldBe(200);
        Assert.Equal("true", (await service.Post("/studies", TestData.Study("b"), ("Idempotency-Key", "once"))).ShouldBe(201).Header("Idempotent-Replayed"));
        await service.SubmitStudy(TestData.Study("d"));
    }

    [Fact]
    public async Task Export_to_stdout_equals_export_to_a_file()
    {
        await Seed(_folder);
        (await ServiceExecutable.RunAsync(_folder, ["export", _folder.File("all.ndjson")])).ShouldExitWith(0);
        var text = (await ServiceExecutable.RunAsync(_folder, ["export"])).ShouldExitWith(0).StandardOutput;
        Assert.Equal(text, (await ServiceExecutable.RunAsync(_folder, ["export", "-"])).ShouldExitWith(0).StandardOutput);
        Assert.Equal(text, File.ReadAllText(_folder.File("all.ndjson")));
        var header = JsonNode.Parse(text.Split('\n')[0])!;
        Assert.Equal("realrelationship 1 2 2", $"{header["export"]} {header["format"]} {header["log"]} {header["evidence"]}");
        Assert.Contains("exists already", (await ServiceExecutable.RunAsync(_folder, ["export", _folder.File("all.ndjson")])).ShouldExitWith(1).StandardError,
            StringComparison.Ordinal);
    }

    [SlowTheory("Every case starts the import command.")]
    [InlineData("cut", "before its last line: it was cut off")]
    [InlineData("half a line", "is no JSON")]
    [InlineData("edited", "was edited: its lines do not hash to what its last line says")]
    [InlineData("edited with its hash", "Change 1 was edited.")]
    [InlineData("newer", "of a format or schema that this one does not know")]
    [InlineData("strange table", "is of a table that is unknown or out of order")]
    [InlineData("column gone", "has not the columns of change")]
    [InlineData("other key", "Privacy__Key is not the key that this store was made with")]
    public async Task An_incomplete_export_is_refused_and_nothing_is_stored(string error, string reason)
    {
        _folder.Write("all.ndjson", exported.Text);
        Corrupt(_folder.File("all.ndjson"), error);
        (string, string)[] settings = error == "other key" ? [("Privacy__Key", "b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q=")] : [];
        var finished = (await ServiceExecutable.RunAsync(_other, ["import", _folder.File("all.ndjson")], settings)).ShouldExitWith(1);
        Assert.Contains(reason, finished.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", finished.StandardError, StringComparison.Ordinal);
        Assert.Equal(["0|0"], RawStore.Query(_other.StorePath, "SELECT log, evidence FROM revision"));
        Assert.Equal(["0"], RawStore.Query(_other.StorePath, "SELECT count(*) FROM change"));
    }

    private static void Corrupt(string file, string error)
    {
        var lines = File.ReadAllLines(file).ToList();
        switch (error)
        {
            case "cut": lines.RemoveAt(lines.Count - 1); break;
            case "half a line": lines = [.. lines[..3], lines[3][..20]]; break;
            case "newer": lines[0] = lines[0].Replace("\"schema\":", "\"schema\":9", StringComparison.Ordinal); break;
            case "strange table": lines.Insert(1, """{"table":"unknown","row":{}}"""); break;
            case "column gone": lines[1] = lines[1].Replace("\"moves\":1,", "", StringComparison.Ordinal); break;
            case "edited" or "edited with its hash":
                lines[1] = lines[1].Replace("\"kind\":\"submitted\"", "\"kind\":\"replaced\"",
                StringComparison.Ordinal); break;
        }

        if (error == "edited with its hash")
        {
            var hash =
                Convert.ToHexStringLower(
                    System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Concat(lines.SkipLast(1).Select(l => l + "\n")))));
            lines[^1] = $$$"""{"end":{"rows":{{{lines.Count - 2}}},"sha256":"{{{hash}}}"}}""";
        }

        File.WriteAllLines(file, lines);
    }

    private static async Task Seed(TemporaryFolder folder)
    {
        await using var service = await Service.StartInAsync(folder);
        await service.SubmitStudy(TestData.Study("a"));
        await service.SubmitStudy(TestData.Study("b"));
    }

    private static async Task<string> Summary(TemporaryFolder folder) =>
        (await ServiceExecutable.RunAsync(folder, ["verify"])).ShouldExitWith(0).StandardOutput;

    /// <summary>The export of a store with two studies, which each case damages in its own way.</summary>
    public sealed class ExportedStore : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public string Text { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            await Seed(_folder);
            Text = (await ServiceExecutable.RunAsync(_folder, ["export"])).ShouldExitWith(0).StandardOutput;
        }

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
