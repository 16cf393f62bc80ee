using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Ledger;

/// <summary>Whatever is changed behind the service's back is found while it runs, and named.</summary>
public sealed class StoreVerificationTests(StoreVerificationTests.WrittenStore written) : IClassFixture<StoreVerificationTests.WrittenStore>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SqliteFact]
    public async Task A_healthy_store_has_no_errors()
    {
        written.CopyTo(_folder);
        var finished = (await ServiceExecutable.RunAsync(_folder, ["verify"])).ShouldExitWith(0);
        Assert.Matches(@"^log 8, evidence revision 8, evidence sha256:[0-9a-f]{64}, not covered content_conflict refusal_count request_lease, "
            + @"rows .*study_effect=9\nNo fault was found\.\n$",
            finished.StandardOutput.ReplaceLineEndings("\n"));
        Assert.Empty(finished.StandardError);
    }

    [Fact]
    public async Task An_empty_store_has_no_errors()
    {
        await using var service = await Service.StartAsync();
        Assert.Empty(service.FindIntegrityErrors());
    }

    [SqliteFact]
    public async Task Errors_go_to_standard_error_one_per_line_and_fail_the_command()
    {
        written.CopyTo(_folder);
        RawStore.ExecuteWithoutConstraints(_folder.StorePath, "DELETE FROM change WHERE number = 3; UPDATE study_effect SET yi = 0.9 WHERE study_key = 'd'");
        var finished = (await ServiceExecutable.RunAsync(_folder, ["verify"])).ShouldExitWith(1);
        Assert.Equal(4, finished.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("4 faults were found.", finished.StandardOutput, StringComparison.Ordinal);
    }

    [SqliteFact]
    public async Task Verify_does_not_create_a_store()
    {
        Assert.Contains("There is no store", (await ServiceExecutable.RunAsync(_folder, ["verify"])).ShouldExitWith(1).StandardError, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.StorePath));
    }

    [SqliteFact]
    public async Task A_wrong_privacy_key_is_reported_as_such()
    {
        written.CopyTo(_folder);
        var finished = await ServiceExecutable.RunAsync(_folder, ["verify"], ("Privacy__Key", "b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q="));
        Assert.Contains("Privacy__Key is not the key that this store was made with.", finished.ShouldExitWith(1).StandardError, StringComparison.Ordinal);
    }

    private const string NotWrittenThere =
        "is not what was written there: it was edited, moved or inserted, or renumbered after others were deleted.";

    // Of several breaks of the chain the first is named. The log of the fixture: 1 a, 2 b, 3 c, 4 d, 5 a again, 6 b retracted, 7 e, 8 f.
    [SqliteTheory]
    [InlineData("UPDATE change SET kind = 'reviewed' WHERE number = 3", "Change 3 was edited.")]
    [InlineData("UPDATE change SET tenant = 'other' WHERE number = 8", "Change 8 was edited.")]
    [InlineData("UPDATE change SET recorded_at = '2001-01-01T00:00:00.000000Z' WHERE number = 3", "Change 3 was edited.")]
    [InlineData("UPDATE change SET kind = 'reviewed' WHERE number IN (3, 6)", "Change 3 was edited.")]
    [InlineData("UPDATE change SET kind = 'reviewed' WHERE number IN (3, 4)", "Change 3 " + NotWrittenThere)]
    [InlineData("UPDATE change SET digest = randomblob(32) WHERE number = 1", "Change 1 was edited.")]
    [InlineData("UPDATE change SET chain = randomblob(32) WHERE number = 4", "The chain value of change 4 was edited.")]
    [InlineData("UPDATE change_subject SET salt = randomblob(16) WHERE number = 4",
        "What change 4 was about was edited: it does not give the digest of the log.")]
    [InlineData("DELETE FROM change_subject WHERE number = 4",
        "What change 4 was about is missing, and no erasure explains it.|Version 1 of study 'd' is stored, but the log knows nothing of it.")]
    [InlineData("DELETE FROM change WHERE number = 3; DELETE FROM change_subject WHERE number = 3",
        "Change 3 was deleted.|Version 1 of study 'c' is stored, but the log knows nothing of it.")]
    [InlineData("DELETE FROM change WHERE number IN (3, 4)",
        "2 rows of change_subject belong to rows of change that are not there.|Changes 3 to 4 were deleted.|*")]
    [InlineData("DELETE FROM change WHERE number = 3; DELETE FROM change_subject WHERE number = 3; UPDATE change SET number = number - 1 WHERE number > 3; "
        + "UPDATE change_subject SET number = number - 1 WHERE number > 3",
        "SQLite finds: CHECK constraint failed in change.|Change 3 " + NotWrittenThere + "|*")]
    [InlineData("UPDATE change SET number = number + 100 WHERE number >= 3; UPDATE change SET number = number - 99 WHERE number >= 3; UPDATE change_subject "
        + "SET number = number + 100 WHERE number >= 3; UPDATE change_subject SET number = number - 99 WHERE number >= 3; INSERT INTO change VALUES (3, 2, 0, "
        + "'2026-01-01T00:00:00.000000Z', 'x', 'session', randomblob(32), randomblob(32))", "Change 3 " + NotWrittenThere)]
    [InlineData("INSERT INTO change VALUES (9, 9, 1, '2999-01-01T00:00:00.000000Z', 'x', 'submitted', randomblob(32), randomblob(32))",
        "Change 9 was inserted: it was never written there.")]
    [InlineData("UPDATE change SET number = 100 WHERE number = 3; UPDATE change SET number = 3 WHERE number = 5; UPDATE change SET number = 5 WHERE number = "
        + "100", "SQLite finds: CHECK constraint failed in change.|Change 3 " + NotWrittenThere)]
    [InlineData("UPDATE change SET number = 100 WHERE number = 7; UPDATE change SET number = 7 WHERE number = 8; UPDATE change SET number = 8 WHERE number = "
        + "100; UPDATE change_subject SET number = 100 WHERE number = 7; UPDATE change_subject SET number = 7 WHERE number = 8; UPDATE change_subject SET "
        + "number = 8 WHERE number = 100", "SQLite finds: CHECK constraint failed in change.|Change 7 " + NotWrittenThere)]
    [InlineData("DELETE FROM change WHERE number > 6; DELETE FROM change_subject WHERE number > 6",
        "Changes 7 to 8 were cut off the end of the log: its head is at change 8.|*")]
    [InlineData("DELETE FROM change WHERE number > 7; DELETE FROM change_subject WHERE number > 7; UPDATE revision SET log = 7, evidence = 7",
        "The head of the change log does not carry this store's seal: it was edited.|*")]
    [InlineData("UPDATE revision SET evidence = 7", "The head of the change log does not carry this store's seal: it was edited.")]
    [InlineData("DELETE FROM revision", "The head of the change log is missing.")]
    [InlineData("UPDATE study_version SET status = 'pending' WHERE study_key = 'c'",
        "Version 1 of study 'c' is not what change 3 wrote: it or one of its effects was edited.|What is kept of the current effects of study 'c' is not what "
            + "its current version gives: e1.")]
    [InlineData("UPDATE study_version SET moved = 0 WHERE study_key = 'c'",
        "Version 1 of study 'c' is stored as no part of the evidence, but change 3 says otherwise.|What is kept of the current effects of study 'c' is "
            + "not what its current version gives: e1.")]
    [InlineData("UPDATE study_version SET content = replace(content, '80', '81') WHERE study_key = 'a' AND version = 1",
        "Version 1 of study 'a' is not what change 1 wrote: it or one of its effects was edited.")]
    [InlineData("UPDATE study_version SET content_hash = 'x' WHERE study_key = 'c'",
        "Version 1 of study 'c' carries an entity tag that is not the SHA-256 of its content.")]
    [InlineData("UPDATE study_version SET search = 'another' WHERE study_key = 'c'",
        "Version 1 of study 'c' is listed with another kind, year or search text than its content gives.")]
    [InlineData("UPDATE study_version SET row_hash = randomblob(32) WHERE study_key = 'c'", "Version 1 of study 'c' carries another hash than change 3 says.")]
    [InlineData("UPDATE study_effect SET vi = vi * 2 WHERE study_key = 'd'",
        "Version 1 of study 'd' is not what change 4 wrote: it or one of its effects was edited.")]
    [InlineData("DELETE FROM study_effect WHERE study_key = 'd'",
        "Version 1 of study 'd' is not what change 4 wrote: it or one of its effects was edited.|What is kept of the current effects of study 'd' is not what "
            + "its current version gives: e1.")]
    [InlineData("DELETE FROM study_effect WHERE study_key = 'a' AND version = 1; DELETE FROM study_version WHERE study_key = 'a' AND version = 1",
        "Version 1 of study 'a' is missing: change 1 wrote it.")]
    [InlineData("INSERT INTO study_version SELECT 'ghost', 1, tenant, evidence, recorded_at, 'retracted', moved, kind, year, search, "
        + "content, content_hash, row_hash, changed_by, actor, reason FROM study_version "
        + "WHERE study_key = 'c'", "Version 1 of study 'ghost' is stored, but the log knows nothing of it.")]
    [InlineData("INSERT INTO study_effect SELECT 'ghost', 1, position, effect_key, yi, vi, n, converted, approximate, turned, formula FROM study_effect WHERE "
        + "study_key = 'c'", "1 rows of study_effect belong to rows of study_version that are not there.")]
    [InlineData("DELETE FROM current_effect WHERE study_key = 'c'",
        "What is kept of the current effects of study 'c' is not what its current version gives: e1.")]
    [InlineData("UPDATE current_effect SET n = 7 WHERE study_key = 'c'",
        "What is kept of the current effects of study 'c' is not what its current version gives: e1.")]
    [InlineData("INSERT INTO current_effect VALUES ('x', 'b', 'e1', 's', 80, NULL, 2020)",
        "What is kept of the current effects of study 'b' is not what its current version gives: e1.")]
    public async Task Tampering_is_detected(string statements, string errors)
    {
        var found = await ErrorsAfter(statements);
        var expected = errors.Split('|');
        Assert.Equal(expected.Where(f => f != "*"), expected.Contains("*") ? found.Take(expected.Length - 1) : found);
    }

    [SqliteFact]
    public async Task An_unreadable_page_is_reported_and_verification_continues()
    {
        written.CopyTo(_folder);
        await using var service = await Service.StartInAsync(_folder);
        var (root, length) = (int.Parse(RawStore.Query(_folder.StorePath, "SELECT rootpage FROM sqlite_master WHERE name = 'current_effect'")[0]),
            int.Parse(RawStore.Query(_folder.StorePath, "PRAGMA page_size")[0]));
        RawStore.ExecuteWithoutConstraints(_folder.StorePath, "PRAGMA wal_checkpoint(TRUNCATE)");
        await using (var file = new FileStream(_folder.StorePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = (root - 1) * length;
            await file.WriteAsync(new byte[length]);
        }

        var errors = service.FindIntegrityErrors();
        Assert.Contains(errors,
            f => f.StartsWith("The engine's own check could not be finished: ", StringComparison.Ordinal)
                || f.StartsWith("SQLite finds: ", StringComparison.Ordinal));
        Assert.Contains(errors, f => f.StartsWith("The check of the studies could not be finished: ", StringComparison.Ordinal));
    }

    private async Task<List<string>> ErrorsAfter(string statements)
    {
        written.CopyTo(_folder);
        await using var service = await Service.StartInAsync(_folder);
        RawStore.ExecuteWithoutConstraints(_folder.StorePath, statements);
        return service.FindIntegrityErrors().FindAll(error => !IsOfHeadFile(error));
    }

    // The file beside the store may have been written by now.
    private static bool IsOfHeadFile(string error) => error.Contains(" lacks change ", StringComparison.Ordinal);

    /// <summary>A store with eight changes, written once.</summary>
    public sealed class WrittenStore : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public async ValueTask InitializeAsync()
        {
            await using var service = await Service.StartInAsync(_folder);
            foreach (var key in "abcd")
            {
                await service.SubmitStudy(TestData.Study($"{key}"));
            }

            (await service.Put("/studies/a", TestData.Study("a", TestData.Effect(0.5)), ("If-Match", "*"))).ShouldBe(200);
            (await service.Delete("/studies/b", ("If-Match", "*"))).ShouldBe(204);
            await service.SubmitStudy(TestData.Study("e", TestData.Effect(0.1), TestData.Effect(0.2)));
            await service.SubmitStudy(TestData.Study("f"));
        }

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }

        internal void CopyTo(TemporaryFolder folder) => RawStore.ExecuteSqlite(_folder.StorePath, $"VACUUM INTO '{folder.StorePath}'");
    }
}
