using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Storage.Backup;

/// <summary>Everything goes out as text and comes back to the same bits.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _other = new();

    public void Dispose()
    {
        _folder.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task What_is_imported_answers_as_what_was_exported()
    {
        var key = (await Executable.RunAsync(_folder, ["keys", "create", "--tenant", "clinic", "--scope", "meta:read"])).ShouldExitWith(0).Output.Trim();
        var before = await Answers.Of(_folder, async service =>
        {
            await service.Submit(A.Study("a", A.Effect(0.1), A.Effect(1 / 3.0)).With("note", "Ärger\n\u2028 \"quoted\" 🙂"));
            (await service.Post("/studies", A.Study("b"), ("Idempotency-Key", "once"))).ShouldBe(201);
            await service.Submit(A.Study("c", A.Effect(0)));
            (await service.Put("/studies/a", A.Study("a", A.Effect(0.2)), ("If-Match", "*"))).ShouldBe(200);
            (await service.Delete("/studies/b", ("If-Match", "*"))).ShouldBe(204);
        });
        Assert.Contains("Exported 27 rows.", (await Executable.RunAsync(_folder, ["export", _folder.File("all.ndjson")])).ShouldExitWith(0).Error, StringComparison.Ordinal);
        var imported = (await Executable.RunAsync(_other, ["import", _folder.File("all.ndjson")])).ShouldExitWith(0).Output;
        Assert.Equal(await Summary(_folder), await Summary(_other));
        Assert.Contains((await Summary(_folder)).Split('\n')[0], imported, StringComparison.Ordinal);
        Assert.Contains("there are rows in", (await Executable.RunAsync(_other, ["import", _folder.File("all.ndjson")])).ShouldExitWith(1).Error, StringComparison.Ordinal);
        await using var service = await Service.StartInAsync(_other);
        Assert.Equal(before, await Answers.Of(service));
        (await service.Get("/meta/pool", ("X-API-Key", key))).ShouldBe(200);
        Assert.Equal("true", (await service.Post("/studies", A.Study("b"), ("Idempotency-Key", "once"))).ShouldBe(201).Header("Idempotent-Replayed"));
        await service.Submit(A.Study("d"));
    }

    [Fact]
    public async Task Standard_output_and_a_file_get_the_same_lines()
    {
        await Fill();
        (await Executable.RunAsync(_folder, ["export", _folder.File("all.ndjson")])).ShouldExitWith(0);
        var text = (await Executable.RunAsync(_folder, ["export"])).ShouldExitWith(0).Output;
        Assert.Equal(text, (await Executable.RunAsync(_folder, ["export", "-"])).ShouldExitWith(0).Output);
        Assert.Equal(text, File.ReadAllText(_folder.File("all.ndjson")));
        var header = JsonNode.Parse(text.Split('\n')[0])!;
        Assert.Equal("realrelationship 1 2 2", $"{header["export"]} {header["format"]} {header["log"]} {header["evidence"]}");
        Assert.Contains("exists already", (await Executable.RunAsync(_folder, ["export", _folder.File("all.ndjson")])).ShouldExitWith(1).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cut", "before its last line: it was cut off")]
    [InlineData("half a line", "is no JSON")]
    [InlineData("edited", "was edited: its lines do not hash to what its last line says")]
    [InlineData("edited with its hash", "Change 1 was edited.")]
    [InlineData("newer", "of a format or schema that this one does not know")]
    [InlineData("strange table", "is of a table that is unknown or out of order")]
    [InlineData("column gone", "has not the columns of change")]
    [InlineData("other key", "Privacy__Key is not the key that this store was made with")]
    public async Task An_export_that_is_not_whole_is_refused_and_nothing_is_kept(string fault, string reason)
    {
        await Fill();
        (await Executable.RunAsync(_folder, ["export", _folder.File("all.ndjson")])).ShouldExitWith(0);
        Spoil(_folder.File("all.ndjson"), fault);
        (string, string)[] settings = fault == "other key" ? [("Privacy__Key", "b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q=")] : [];
        var finished = (await Executable.RunAsync(_other, ["import", _folder.File("all.ndjson")], settings)).ShouldExitWith(1);
        Assert.Contains(reason, finished.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", finished.Error, StringComparison.Ordinal);
        Assert.StartsWith("log 0, evidence revision 0", await Summary(_other), StringComparison.Ordinal);
    }

    private static void Spoil(string file, string fault)
    {
        var lines = File.ReadAllLines(file).ToList();
        switch (fault)
        {
            case "cut": lines.RemoveAt(lines.Count - 1); break;
            case "half a line": lines = [.. lines[..3], lines[3][..20]]; break;
            case "newer": lines[0] = lines[0].Replace("\"schema\":", "\"schema\":9", StringComparison.Ordinal); break;
            case "strange table": lines.Insert(1, """{"table":"unknown","row":{}}"""); break;
            case "column gone": lines[1] = lines[1].Replace("\"moves\":1,", "", StringComparison.Ordinal); break;
            case "edited" or "edited with its hash": lines[1] = lines[1].Replace("\"kind\":\"submitted\"", "\"kind\":\"replaced\"", StringComparison.Ordinal); break;
        }

        if (fault == "edited with its hash")
        {
            var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Concat(lines.SkipLast(1).Select(l => l + "\n")))));
            lines[^1] = $$$"""{"end":{"rows":{{{lines.Count - 2}}},"sha256":"{{{hash}}}"}}""";
        }

        File.WriteAllLines(file, lines);
    }

    private async Task Fill()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.Submit(A.Study("a"));
        await service.Submit(A.Study("b"));
    }

    private static async Task<string> Summary(TemporaryFolder folder) => (await Executable.RunAsync(folder, ["verify"])).ShouldExitWith(0).Output;
}
