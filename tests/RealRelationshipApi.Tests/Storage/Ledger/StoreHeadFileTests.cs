using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;
using RealRelationship.Testing.Processes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Ledger;

/// <summary>The head beside the store: a store that lacks what was acknowledged is refused when it is opened.</summary>
public sealed class StoreHeadFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string HeadPath => _folder.StorePath + ".head";

    public void Dispose() => _folder.Dispose();

    [SqliteFact("It starts processes of the service.")]
    public async Task A_log_removed_after_a_kill_is_noticed()
    {
        await using (var service = await ServiceProcess.StartOnFileAsync(_folder.StorePath))
        {
            using var http = await service.CreateClientAsync();
            for (var i = 1; i <= 20; i++)
            {
                using var content = new StringContent(TestData.Study($"s{i}").ToJsonString(), System.Text.Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync(new Uri("/studies", UriKind.Relative), content);
                Assert.True(answer.IsSuccessStatusCode);
            }

            var waited = await Wait.UntilAsync(() => Task.FromResult(File.Exists(HeadPath) && Head().Contains("\"log\":20,", StringComparison.Ordinal)));
            Assert.InRange(waited, TimeSpan.Zero, TimeSpan.FromSeconds(1));
            await service.KillAsync();
        }

        File.Copy(_folder.StorePath + "-wal", _folder.File("kept"));
        File.Delete(_folder.StorePath + "-wal");
        File.Delete(_folder.StorePath + "-shm");
        var refused = await RunAsync();
        Assert.Contains("lacks change 20", refused.ShouldExitWith(1).Text, StringComparison.Ordinal);
        Assert.Equal(2, refused.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        File.Move(_folder.File("kept"), _folder.StorePath + "-wal", overwrite: true);
        await using var again = await Service.StartInAsync(_folder);
        Assert.Equal(20, (await again.Get("/meta/pool")).ShouldBe(200).Number("used"));
    }

    [SqliteFact("It starts processes of the service.")]
    public async Task An_older_state_is_refused_until_it_is_accepted()
    {
        await WriteAsync("a");
        RawStore.ExecuteSqlite(_folder.StorePath, $"VACUUM INTO '{_folder.File("older")}'");
        await WriteAsync("b");
        File.Move(_folder.File("older"), _folder.StorePath, overwrite: true);

        Assert.Contains("lacks change 2 of", (await RunAsync()).ShouldExitWith(1).Text, StringComparison.Ordinal);
        Assert.Contains("lacks change 2 of", (await RunAsync("verify")).ShouldExitWith(1).StandardError, StringComparison.Ordinal);
        RawStore.ExecuteSqlite(_folder.StorePath, "UPDATE study_version SET status = 'pending'");
        (await RunAsync("verify", "--accept-head")).ShouldExitWith(1);
        RawStore.ExecuteSqlite(_folder.StorePath, "UPDATE study_version SET status = 'accepted'");
        (await RunAsync("verify", "--accept-head")).ShouldExitWith(0);
        (await RunAsync("verify")).ShouldExitWith(0);
        await WriteAsync("c");
    }

    [PostgresFact]
    public async Task An_older_state_of_a_PostgreSQL_store_is_refused_until_it_is_accepted()
    {
        using var earlier = new TemporaryFolder();
        var settings = PostgresTestServer.StorageSettings(_folder.StorePath);
        await WriteAsync("a", settings);
        PostgresTestServer.Copy(_folder.StorePath, earlier.StorePath);
        await WriteAsync("b", settings);
        PostgresTestServer.SwapDatabases(_folder.StorePath, earlier.StorePath);

        Assert.Contains("lacks change 2 of", (await ServiceExecutable.RunAsync(_folder, ["keys", "create", "--tenant", "t", "--scope", "admin"], settings))
            .ShouldExitWith(1).StandardError, StringComparison.Ordinal);
        (await ServiceExecutable.RunAsync(_folder, ["verify", "--accept-head"], settings)).ShouldExitWith(0);
        await WriteAsync("c", settings);
    }

    [SqliteFact]
    public async Task A_removed_store_is_not_replaced_by_an_empty_one()
    {
        await WriteAsync("a");
        File.Delete(_folder.StorePath);
        Assert.Contains($"There is no store at {_folder.StorePath}, but {HeadPath} knows 1 changes of it",
            (await RunAsync()).ShouldExitWith(1).Text, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.StorePath));
        File.Delete(HeadPath);
        await WriteAsync("b");
    }

    [Fact]
    public async Task A_store_that_is_ahead_or_has_no_head_yet_is_opened()
    {
        await WriteAsync("a");
        var earlier = Head();
        await WriteAsync("b");
        File.WriteAllText(HeadPath, earlier);
        await WriteAsync("c");
        Assert.Contains("\"log\":3,", Head(), StringComparison.Ordinal);
        File.Delete(HeadPath);
        await WriteAsync("d");
        Assert.Contains("\"log\":4,", Head(), StringComparison.Ordinal);
    }

    [SqliteFact]
    public async Task A_missing_head_is_adopted_with_a_warning()
    {
        await WriteAsync("a");
        File.Delete(HeadPath);
        var (service, _) = await ServiceExecutable.ServeAsync(_folder, ("ASPNETCORE_ENVIRONMENT", "Development"),
            ("Privacy__Key", ServiceExecutable.PrivacyKey));
        await using (service)
        {
            Assert.Contains("it is adopted as it is, at change 1", (await service.StopAsync()).ShouldExitWith(0).Text + service.StartupOutput,
                StringComparison.Ordinal);
        }

        Assert.Contains("\"log\":1,", Head(), StringComparison.Ordinal);
    }

    [SqliteTheory]
    [InlineData("\"log\":1,", "\"log\":2,")]
    [InlineData("{", "")]
    public async Task An_edited_head_is_refused(string text, string edited)
    {
        await WriteAsync("a");
        File.WriteAllText(HeadPath, Head().Replace(text, edited, StringComparison.Ordinal));
        Assert.Contains("was edited", (await RunAsync()).ShouldExitWith(1).Text, StringComparison.Ordinal);
    }

    [SqliteFact]
    public async Task The_line_of_another_store_does_not_count_and_is_kept()
    {
        using var other = new TemporaryFolder();
        await using (var service = await Service.StartInAsync(other))
        {
            await service.SubmitStudy(TestData.Study("x"));
            await service.SubmitStudy(TestData.Study("y"));
        }

        await WriteAsync("a");
        File.AppendAllText(HeadPath, File.ReadAllText(other.StorePath + ".head"));
        await WriteAsync("b");
        Assert.Equal(2, File.ReadAllLines(HeadPath).Length);
    }

    [SqliteFact("It starts processes of the service.")]
    public async Task A_restored_store_has_a_head_and_an_identity_of_its_own()
    {
        await WriteAsync("a");
        (await RunAsync("backup", "early")).ShouldExitWith(0);
        await WriteAsync("b");
        var before = Identity();
        (await RunAsync("restore", "early", "--force")).ShouldExitWith(0);
        Assert.NotEqual(before, Identity());
        (await RunAsync("verify")).ShouldExitWith(0);
        await WriteAsync("c");
    }

    [SqliteFact]
    public async Task The_files_are_readable_by_their_owner_only()
    {
        await WriteAsync("a");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(HeadPath));
        }
    }

    private string Head() => File.ReadAllText(HeadPath);

    private string Identity() => RawStore.Query(_folder.StorePath, "SELECT identity FROM store").Single();

    private Task<ProcessResult> RunAsync(params string[] command) => ServiceExecutable.RunAsync(_folder, command,
        ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("Privacy__Key", ServiceExecutable.PrivacyKey));

    private async Task WriteAsync(string study, params (string, string)[] settings)
    {
        await using var service = await Service.StartInAsync(_folder, settings: settings);
        await service.SubmitStudy(TestData.Study(study));
    }
}
