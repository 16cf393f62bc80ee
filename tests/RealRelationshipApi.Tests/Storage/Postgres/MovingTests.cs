using RealRelationshipApi.Tests.Storage.Backup;
using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>From the file to the server, and back.</summary>
public sealed class MovingTests : IDisposable
{
    private static readonly (string, string)[] s_onFile = [("Storage__Provider", "Sqlite")];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private (string Name, string Value)[] OnServer => PostgresServer.Settings(_folder.StorePath);

    [Fact]
    public void A_run_that_decides_does_not_leave_PostgreSQL_out() =>
        Assert.True(PostgresServer.IsThere || Environment.GetEnvironmentVariable("CI") != "true", $"In CI, {PostgresServer.Variable} must name a server on which databases may be made.");

    [PostgresFact]
    public async Task A_copied_store_answers_as_the_file_did_and_goes_on()
    {
        var before = await Answers.Of(_folder, Fill, s_onFile);
        var copied = (await Run("copy-store", "--to", PostgresServer.Store(_folder.StorePath))).ShouldExitWith(0);
        Assert.Contains("Copied, compared and verified: log 4, evidence revision 4, evidence sha256:", copied.Output, StringComparison.Ordinal);
        Assert.Contains("is not empty", (await Run("copy-store", "--to", PostgresServer.Store(_folder.StorePath))).ShouldExitWith(1).Error, StringComparison.Ordinal);
        await using var service = await Service.StartInAsync(_folder, settings: OnServer);
        Assert.Equal(before, await Answers.Of(service));
        Assert.Equal(5, (await service.Submit(A.Study("next"))).Number("revision"));
        (await Executable.RunAsync(_folder, ["verify"], OnServer)).ShouldExitWith(0);
    }

    [PostgresFact]
    public async Task A_copy_that_fails_leaves_nothing()
    {
        await Answers.Of(_folder, Fill, s_onFile);
        Store.ExecuteOnFile(_folder.StorePath, "UPDATE change SET tenant = 'other' WHERE number = 2");
        Assert.Contains("Change 2 was edited.", (await Run("copy-store", "--to", PostgresServer.Store(_folder.StorePath))).ShouldExitWith(1).Error, StringComparison.Ordinal);
        Store.ExecuteOnFile(_folder.StorePath, "UPDATE change SET tenant = (SELECT tenant FROM change WHERE number = 1) WHERE number = 2");
        (await Executable.RunAsync(_folder, ["migrate"], OnServer)).ShouldExitWith(0);
        PostgresServer.Execute(PostgresServer.Store(_folder.StorePath), "ALTER TABLE study_effect ADD CONSTRAINT in_the_way CHECK (study_key <> 'c')");
        var finished = (await Run("copy-store", "--to", PostgresServer.Store(_folder.StorePath))).ShouldExitWith(1);
        Assert.Contains("in_the_way", finished.Error, StringComparison.Ordinal);
        Assert.Equal(["0"], PostgresServer.Rows(PostgresServer.Store(_folder.StorePath), "SELECT count(*) FROM change"));
        Assert.Contains("Storage__ConnectionString", (await Executable.RunAsync(_folder, ["copy-store"], [.. s_onFile, ("Storage__ConnectionString", "")])).ShouldExitWith(1).Error, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_backup_of_the_server_is_restored_to_the_server_and_to_a_file()
    {
        var before = await Answers.Of(_folder, async service =>
        {
            await Fill(service);
            (await Executable.RunAsync(_folder, ["backup", _folder.File("b")], OnServer)).ShouldExitWith(0);
            (await Executable.RunAsync(_folder, ["export", _folder.File("all.ndjson")], OnServer)).ShouldExitWith(0);
            Assert.Contains("is in use: stop the services first", (await Executable.RunAsync(_folder, ["restore", "--force", _folder.File("b")], OnServer)).ShouldExitWith(1).Error, StringComparison.Ordinal);
        }, OnServer);
        (await Executable.RunAsync(_folder, ["restore", _folder.File("b")], s_onFile)).ShouldExitWith(0);
        Assert.Equal(before, await Answers.Of(_folder, settings: s_onFile));
        await Answers.Of(_folder, service => service.Submit(A.Study("after-the-backup")), OnServer);
        Assert.Contains("With --force", (await Executable.RunAsync(_folder, ["restore", _folder.File("b")], OnServer)).ShouldExitWith(1).Error, StringComparison.Ordinal);
        (await Executable.RunAsync(_folder, ["restore", "--force", _folder.File("b")], OnServer)).ShouldExitWith(0);
        Assert.Equal(before, await Answers.Of(_folder, settings: OnServer));
        Assert.Equal(["5"], Store.RowsOfFile(Directory.GetFiles(_folder.Path, "store.db.before-restore-*").Single(), "SELECT log FROM revision"));
        (await Executable.RunAsync(_folder, ["export", _folder.File("again.ndjson")], OnServer)).ShouldExitWith(0);
        Assert.Equal(File.ReadAllBytes(_folder.File("all.ndjson")), File.ReadAllBytes(_folder.File("again.ndjson")));
    }

    [PostgresTheory]
    [InlineData("UPDATE change SET kind = 'reviewed' WHERE number = 3", "Change 3 was edited.")]
    [InlineData("DELETE FROM change WHERE number = 2; DELETE FROM change_subject WHERE number = 2", "Change 2 was deleted.|Version 1 of study 'b' is stored, but the log knows nothing of it.")]
    [InlineData("DELETE FROM change WHERE number = 4; DELETE FROM change_subject WHERE number = 4", "Change 4 was cut off the end of the log: its head is at change 4.|Version 2 of study 'a' is stored, but the log knows nothing of it.")]
    [InlineData("UPDATE study_effect SET yi = yi + 0.1 WHERE study_key = 'c'", "Version 1 of study 'c' is not what change 3 wrote: it or one of its effects was edited.")]
    [InlineData("INSERT INTO study_effect SELECT 'ghost', 1, position, effect_key, yi, vi, n, converted, approximate, turned, formula FROM study_effect WHERE study_key = 'c'", "1 rows of study_effect belong to rows of study_version that are not there.")]
    [InlineData("UPDATE current_effect SET sample = 'x' WHERE study_key = 'c'", "What is kept of the current effects of study 'c' is not what its current version gives: e1.")]
    [InlineData("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'change_by_instant'::regclass", "PostgreSQL does not use index change_by_instant: it is not valid.")]
    public async Task What_was_changed_on_the_server_is_named(string statements, string faults)
    {
        await using var service = await Service.StartInAsync(_folder, settings: OnServer);
        await Fill(service);
        (await Executable.RunAsync(_folder, ["verify"], OnServer)).ShouldExitWith(0);
        PostgresServer.Execute(PostgresServer.Store(_folder.StorePath), $"SET session_replication_role = replica; {statements}");
        var finished = (await Executable.RunAsync(_folder, ["verify"], OnServer)).ShouldExitWith(1);
        Assert.Equal(faults.Split('|'), finished.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private Task<Finished> Run(params string[] arguments) => Executable.RunAsync(_folder, arguments, s_onFile);

    private static async Task Fill(Service service)
    {
        await service.Submit(A.Study("a", A.Effect(0.2), A.Effect(1 / 3.0)).With("note", "Ärger 🙂"));
        await service.Submit(A.Study("b"));
        await service.Submit(A.Study("c"));
        (await service.Put("/studies/a", A.Study("a", A.Effect(0.5)), ("If-Match", "*"))).ShouldBe(200);
    }
}
