using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>What goes wrong between the service and the server, and is made good before the client hears of it.</summary>
public sealed class RetryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string ConnectionString => PostgresTestServer.ConnectionStringFor(_folder.StorePath);

    // postgresql.org/docs/current/errcodes-appendix.html
    [PostgresTheory]
    [InlineData("40001", "INITIALLY IMMEDIATE")]
    [InlineData("40001", "INITIALLY DEFERRED")]
    [InlineData("40P01", "INITIALLY IMMEDIATE")]
    [InlineData("55P03", "INITIALLY IMMEDIATE")]
    [InlineData("57P01", "INITIALLY IMMEDIATE")]
    [InlineData("57P03", "INITIALLY IMMEDIATE")]
    [InlineData("08006", "INITIALLY IMMEDIATE")]
    public async Task A_transient_write_error_is_retried(string error, string when)
    {
        await using var service = await StartAsync();
        InjectError($"IF nextval('troubles') <= 2 THEN RAISE 'trouble' USING ERRCODE = '{error}'; END IF;", when);
        await service.SubmitStudy(TestData.Study("a"));
        await ShouldBeStoredOnce(service, "a");
    }

    [PostgresTheory]
    [InlineData("53100", "the disk of the store is full")]
    [InlineData("25006", "the store is read-only")]
    [InlineData("42501", "the service may not write to it")]
    [InlineData("57014", "the database took too long")]
    [InlineData("XX000", "the database reported an error")]
    public async Task A_write_error_that_is_not_retried_gets_503_and_stores_nothing(string error, string cause)
    {
        await using var service = await StartAsync();
        InjectError($"IF nextval('troubles') <= 1 THEN RAISE 'trouble' USING ERRCODE = '{error}'; END IF;", "INITIALLY IMMEDIATE");
        var refused = (await service.Post("/studies", TestData.Study("a"), ("Idempotency-Key", "k"))).ShouldBeProblem(503);
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.Contains(cause, refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("trouble", refused.Text, StringComparison.Ordinal);
        (await service.Get("/studies/a")).ShouldBeProblem(404);
        (await service.Post("/studies", TestData.Study("a"), ("Idempotency-Key", "k"))).ShouldBe(201);
        await ShouldBeStoredOnce(service, "a");
    }

    [PostgresFact]
    public async Task A_deadlock_is_retried()
    {
        await using var service = await StartAsync();
        await service.SubmitStudy(TestData.Study("a"));
        using var other = PostgresTestServer.Open(ConnectionString);
        using var command = other.CreateCommand();
        // The session that detects the deadlock after deadlock_timeout is aborted: the service, not the test.
        command.CommandText = "SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE study_version IN SHARE MODE";
        command.ExecuteNonQuery();
        var writing = service.Post("/studies", TestData.Study("b"));
        await Wait.UntilAsync(
            () =>
                Task.FromResult(
                    PostgresTestServer.Query(ConnectionString,
                        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()").Count > 0));
        command.CommandText = "SELECT 1 FROM revision FOR UPDATE";
        command.ExecuteNonQuery();
        command.CommandText = "COMMIT";
        command.ExecuteNonQuery();
        (await writing).ShouldBe(201);
        await ShouldBeStoredOnce(service, "b");
    }

    [PostgresTheory]
    [InlineData(nameof(CommitDrop.BeforeServer))]
    [InlineData(nameof(CommitDrop.BeforeResponse))]
    public async Task A_commit_with_a_lost_response_is_stored_and_acknowledged_once(string cut)
    {
        using var wire = new PostgresProxy(ConnectionString);
        await using var service = await Service.StartInAsync(_folder,
            settings: [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", wire.ConnectionString)]);
        await service.SubmitStudy(TestData.Study("before"));
        wire.DropNextCommit(Enum.Parse<CommitDrop>(cut));
        var answer = (await service.Post("/studies", TestData.Study("a"), ("Idempotency-Key", "k"))).ShouldBe(201);
        Assert.True(wire.HasDropped);
        Assert.Equal(2, answer.Number("revision"));
        await ShouldBeStoredOnce(service, "a");
        var again = (await service.Post("/studies", TestData.Study("a"), ("Idempotency-Key", "k"))).ShouldBe(201);
        Assert.Equal(("true", 2), (again.Header("Idempotent-Replayed"), again.Number("revision")));
        Assert.Equal(3, (await service.SubmitStudy(TestData.Study("after"))).Number("revision"));
        Assert.Equal(3, (await service.Get("/meta/pool")).Number("used"));
    }

    [PostgresFact]
    public async Task A_commit_of_unknown_outcome_gets_503_that_says_so()
    {
        using var wire = new PostgresProxy(ConnectionString) { ClosesAfterDrop = true };
        await using var service = await Service.StartInAsync(_folder,
            services => services.PostConfigure<StorageOptions>(options => options.WriteTimeout = TimeSpan.FromSeconds(1)),
            settings: [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", wire.ConnectionString)]);
        wire.DropNextCommit(CommitDrop.BeforeResponse);
        var refused = (await service.Post("/studies", TestData.Study("a"))).ShouldBeProblem(503);
        Assert.Contains("whether it succeeded is not known", refused.Text, StringComparison.Ordinal);
        Assert.Equal(["a"], PostgresTestServer.Query(ConnectionString, "SELECT study_key FROM study_version"));
    }

    // A write that makes no entry in the log has nothing but the server's word.
    [PostgresTheory]
    [InlineData(nameof(CommitDrop.BeforeServer))]
    [InlineData(nameof(CommitDrop.BeforeResponse))]
    public async Task A_lost_response_to_a_created_key_creates_no_second_key(string cut)
    {
        using var wire = new PostgresProxy(ConnectionString);
        await using var service = await Service.StartInAsync(_folder,
            settings: [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", wire.ConnectionString)]);
        wire.DropNextCommit(Enum.Parse<CommitDrop>(cut));
        var key = await RealRelationshipApi.Tests.Support.ProductionService.CreateKeyAsync(service, "clinic", ["meta:read"]);
        Assert.True(wire.HasDropped);
        Assert.Equal([key.Split('_')[1]], PostgresTestServer.Query(ConnectionString, "SELECT id FROM api_key"));
    }

    [PostgresFact]
    public async Task A_read_cut_off_within_a_row_is_retried()
    {
        using var wire = new PostgresProxy(ConnectionString);
        await using var service = await Service.StartInAsync(_folder,
            settings: [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", wire.ConnectionString)]);
        await service.SubmitStudy(TestData.Study("a").With("citation/title", "To be cut here or there"));
        wire.DropResponseAfter("cut here");
        Assert.Equal("To be cut here or there", (await service.Get("/studies/a")).ShouldBe(200).String("citation/title"));
        Assert.True(wire.HasDropped);
    }

    [PostgresFact]
    public async Task Terminated_connections_under_load_lose_and_duplicate_nothing()
    {
        await using var service = await StartAsync();
        await service.SubmitStudy(TestData.Study("first"));
        var load = ConcurrentLoad.Start(service, clients: 6);
        for (var i = 0; i < 20; i++)
        {
            await load.WaitForWritesAsync(1);
            PostgresTestServer.Execute(ConnectionString,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        }

        await load.WaitForWritesAsync(1);
        await load.StopAndVerifyAsync(service);
    }

    [PostgresFact]
    public async Task A_text_PostgreSQL_cannot_store_does_not_fail_other_writes()
    {
        await using var service = await StartAsync();
        var bad = TestData.Study("bad", TestData.Effect().With("sample", "a\u0000b"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => service.Post("/studies", i % 2 == 0 ? TestData.Study($"s{i}") : bad)));
        Assert.Equal([201, 422], answers.Select(a => a.Status).Distinct().Order());
    }

    [PostgresFact]
    public async Task While_the_database_is_read_only_writes_get_503_and_reads_work()
    {
        await using var service = await StartAsync();
        await service.SubmitStudy(TestData.Study("a"));
        ReadOnly("on");
        Assert.Equal("1", (await service.Post("/studies", TestData.Study("b"))).ShouldBeProblem(503).Header("Retry-After"));
        (await service.Get("/studies/a")).ShouldBe(200);
        (await service.Get("/meta/pool?minRevision=1")).ShouldBe(200);
        await using (var second = await StartAsync())
        {
            (await second.Get("/meta/pool")).ShouldBe(200);
            (await second.Post("/studies", TestData.Study("b"))).ShouldBeProblem(503);
        }

        ReadOnly("off");
        await Wait.UntilAsync(async () => (await service.Post("/studies", TestData.Study("b"))).Status is 201 or 200);
        await ShouldBeStoredOnce(service, "b");

        void ReadOnly(string value) => PostgresTestServer.Execute(ConnectionString,
            $"SET TRANSACTION READ WRITE; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {value}', current_database()); "
                + "END $$; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }

    [PostgresFact]
    public async Task A_read_that_times_out_gets_503_and_the_next_one_succeeds()
    {
        await using var service = await Service.StartInAsync(_folder,
            settings: [.. PostgresTestServer.StorageSettings(_folder.StorePath), ("Storage__ReadTimeoutSeconds", "1")]);
        await service.SubmitStudy(TestData.Study("a"));
        using (var other = PostgresTestServer.Open(ConnectionString))
        {
            using var command = other.CreateCommand();
            command.CommandText = "BEGIN; LOCK TABLE study_version IN ACCESS EXCLUSIVE MODE";
            command.ExecuteNonQuery();
            (await service.Get("/studies")).ShouldBeProblem(503);
            (await service.Get("/health/live")).ShouldBe(200);
        }

        (await service.Get("/studies")).ShouldBe(200);
    }

    private Task<Service> StartAsync() => Service.StartInAsync(_folder, settings: PostgresTestServer.StorageSettings(_folder.StorePath));

    // A sequence counts what is rolled back, too.
    private void InjectError(string statement, string when) => PostgresTestServer.Execute(ConnectionString,
        $"""
        CREATE SEQUENCE troubles;
        CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statement} RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER trouble AFTER INSERT ON study_version DEFERRABLE {when} FOR EACH ROW EXECUTE FUNCTION trouble()
        """);

    private async Task ShouldBeStoredOnce(Service service, string key)
    {
        (await service.Get($"/studies/{key}")).ShouldBe(200);
        Assert.Equal(["1"], PostgresTestServer.Query(ConnectionString, $"SELECT count(*) FROM study_version WHERE study_key = '{key}'"));
        Assert.Equal(["1"], PostgresTestServer.Query(ConnectionString, $"SELECT count(*) FROM change_subject WHERE subject = '{key}'"));
    }
}
