using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Hosting.Commands;

/// <summary>The commands of the executable, run as an operator does: in Production, without a privacy key.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SlowTheory("It starts processes of the service.")]
    [InlineData("array.json")]
    [InlineData("wrapped.json")]
    [InlineData("lines.ndjson")]
    [InlineData("one.json")]
    public async Task Import_accepts_every_JSON_shape(string name)
    {
        var (a, b) = (TestData.Study("a").ToJsonString(), TestData.Study("b").ToJsonString());
        var file = _folder.Write(name, name switch
        {
            "array.json" => $"\uFEFF[{a}, {b}]",
            "wrapped.json" => $$"""{ "note": "Two studies.", "studies": [{{a}}, {{b}}] }""",
            "one.json" => a,
            _ => $"{a}\n{b}\n",
        });
        var count = name == "one.json" ? 1 : 2;
        Assert.Contains($"{count} studies imported, 0 stored already, 0 refused.", (await Run("import", file)).ShouldExitWith(0).StandardOutput,
            StringComparison.Ordinal);
        Assert.Contains($"0 studies imported, {count} stored already, 0 refused.", (await Run("import", file)).ShouldExitWith(0).StandardOutput,
            StringComparison.Ordinal);
        Assert.Equal([$"{count}"], RawStore.Query(_folder.StorePath, "SELECT count(*) FROM study_version"));
    }

    [Fact]
    public async Task Import_accepts_an_exported_CSV()
    {
        await using (var service = await Service.StartAsync())
        {
            await service.SubmitStudy(TestData.Study("a", TestData.Effect(), TestData.Effect(r: 0.2)));
            _folder.Write("effects.csv", (await service.Get("/effects.csv")).Text);
        }
        Assert.Contains("1 studies imported", (await Run("import", _folder.File("effects.csv"))).ShouldExitWith(0).StandardOutput, StringComparison.Ordinal);
        Assert.Equal(["a|e1", "a|e2"], RawStore.Query(_folder.StorePath, "SELECT study_key, effect_key FROM study_effect ORDER BY position"));
    }

    [Fact]
    public async Task Import_takes_what_a_spreadsheet_lacks_from_options()
    {
        var file = _folder.Write("effects.csv", "Author(s);Year;Title;r;n;Who;Notes\nLee;2019;A study;,31;84;patient;x\nRoe;2021;Another;,45;60;therapist;y\n");
        string[] options =
        [
            "--set", "kind=primary", "--set", "outcomeType=treatmentOutcome", "--set", "outcomeRater=client", "--set", "relationshipMeasure=rri-c", "--set",
            "outcomeMeasure=ors", "--set", "outcomeDirection=higherIsBetter", "--as", "Who:relationshipRater", "--ignore", "Notes",
        ];
        var incomplete = (await Run(["import", file, .. options])).ShouldExitWith(1);
        Assert.Contains("#/level: is required", incomplete.StandardError, StringComparison.Ordinal);
        var shown = (await Run(["import", file, .. options, "--set", "level=betweenClient", "--validate-only"])).ShouldExitWith(0);
        Assert.Contains("column 'Who': relationshipRater", shown.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("2 studies are valid, 0 are not. Nothing was stored.", shown.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("2 studies imported", (await Run(["import", file, .. options, "--set", "level=betweenClient"])).ShouldExitWith(0).StandardOutput,
            StringComparison.Ordinal);
        Assert.Equal(["lee-2019", "roe-2021"], RawStore.Query(_folder.StorePath, "SELECT study_key FROM study_effect ORDER BY study_key"));
    }

    [Fact]
    public async Task Import_reports_rejected_studies_and_stores_the_rest()
    {
        var file = _folder.Write("mixed.json", $"[{TestData.Study("a").ToJsonString()}, {TestData.Study("bad", TestData.Effect(n: 3)).ToJsonString()}]");
        var finished = (await Run("import", file)).ShouldExitWith(1);
        Assert.Contains("1 studies imported, 0 stored already, 1 refused.", finished.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("study 1 (bad): #/effects/0/statistic/n", finished.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.json", null)]
    [InlineData("broken.json", "[{]")]
    [InlineData("broken.csv", "a,b\n1,2\n")]
    public async Task Import_of_an_invalid_file_fails_with_a_message(string name, string? text)
    {
        if (text is not null)
        {
            _folder.Write(name, text);
        }

        var finished = await Run("import", _folder.File(name));
        Assert.NotEqual(0, finished.ExitCode);
        Assert.DoesNotContain("   at ", finished.Text, StringComparison.Ordinal);
        Assert.NotEmpty(finished.StandardError);
    }

    [Fact]
    public async Task Import_without_a_file_prints_usage()
    {
        Assert.Contains("--demo", (await Run("import")).ShouldExitWith(2).StandardError, StringComparison.Ordinal);
        Assert.Contains("--demo", (await Run("import", _folder.Write("a.json", "[]"), "--demo")).ShouldExitWith(2).StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_demo_loads_the_demo_data_once()
    {
        Assert.Contains("39 studies imported", (await Run("import", "--demo")).ShouldExitWith(0).StandardOutput, StringComparison.Ordinal);
        Assert.Contains("39 stored already", (await Run("import", "--demo")).ShouldExitWith(0).StandardOutput, StringComparison.Ordinal);
        await using var service = await Service.StartInAsync(_folder);
        Assert.Equal(1502, (await service.Get("/meta/pool")).Number("counts/participants"));
    }

    [Fact]
    public async Task Import_starter_loads_what_is_real()
    {
        Assert.Contains("24 studies imported", (await Run("import", "--starter")).ShouldExitWith(0).StandardOutput, StringComparison.Ordinal);
        await using var service = await Service.StartInAsync(_folder);
        var pool = (await service.Get("/meta/pool")).ShouldBe(200);
        Assert.Equal((1, 700, 19, 0.62), (pool.Number("counts/effects"), pool.Number("counts/participants"), pool.Number("counts/registered"),
            Math.Round(pool.Number("correlation/r"), 12)));
        Assert.DoesNotContain("synthetic", pool.Warnings);
    }

    [SlowFact("It starts processes of the service.")]
    public async Task Keys_are_created_listed_and_revoked()
    {
        var made =
            (await Run("keys", "create", "--tenant", "clinic", "--scope", "meta:read", "--scope", "studies:write", "--expires", "2999-01-31")).ShouldExitWith(
                0);
        var key = Assert.Single(made.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var id = key.Split('_')[1];
        Assert.Contains("lies in the past",
            (await Run("keys", "create", "--tenant", "clinic", "--scope", "admin", "--expires", "2001-01-31")).ShouldExitWith(1).StandardError,
            StringComparison.Ordinal);
        var old = (await Run("keys", "create", "--tenant", "clinic", "--scope", "admin", "--expires", "2999-01-31")).ShouldExitWith(0).StandardOutput.Trim()
            .Split('_')[1];
        RawStore.Execute(_folder.StorePath, $"UPDATE api_key SET expires_at = '2001-01-31T00:00:00.000000Z' WHERE id = '{old}'");
        var list = (await Run("keys", "list")).ShouldExitWith(0).StandardOutput;
        Assert.Contains($"{id}\tclinic\tactive\tmeta:read studies:write", list, StringComparison.Ordinal);
        Assert.Contains($"{old}\tclinic\texpired\tadmin", list, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Split('_')[2], list, StringComparison.Ordinal);
        (await Run("keys", "revoke", id)).ShouldExitWith(0);
        Assert.Contains($"{id}\tclinic\trevoked", (await Run("keys", "list")).StandardOutput, StringComparison.Ordinal);
        (await Run("keys", "revoke", "nobody")).ShouldExitWith(1);
    }

    [SlowTheory("It starts processes of the service.")]
    [InlineData("keys", "create", "--tenant", "clinic")]
    [InlineData("keys", "create", "--scope", "admin")]
    [InlineData("keys", "create", "--tenant", "clinic", "--scope", "everything")]
    [InlineData("keys", "create", "--tenant", "clinic", "--scope", "admin", "--expires", "tomorrow")]
    [InlineData("keys", "frobnicate")]
    [InlineData("frobnicate")]
    public async Task An_unknown_command_does_nothing(params string[] arguments)
    {
        Assert.NotEqual(0, (await Run(arguments)).ExitCode);
        Assert.False(File.Exists(_folder.StorePath));
    }

    [Fact]
    public async Task Help_lists_the_commands()
    {
        var help = (await Run("--help")).ShouldExitWith(0).StandardOutput;
        foreach (var command in new[] { "serve", "import", "keys", "migrate", "verify", "backup", "restore", "export", "copy-store", "encryption",
            "healthcheck" })
        {
            Assert.Contains(command, help, StringComparison.Ordinal);
        }
    }

    private Task<ProcessResult> Run(params string[] arguments) => ServiceExecutable.RunAsync(_folder, arguments);
}
