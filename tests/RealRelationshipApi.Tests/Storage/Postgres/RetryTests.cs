using RealRelationshipApi.Tests.Security;
using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>What goes wrong between the service and the server, and is made good before the client hears of it.</summary>
public sealed class RetryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Store => PostgresServer.Store(_folder.StorePath);

    // postgresql.org/docs/current/errcodes-appendix.html
    [PostgresTheory]
    [InlineData("40001", "INITIALLY IMMEDIATE")]
    [InlineData("40001", "INITIALLY DEFERRED")]
    [InlineData("40P01", "INITIALLY IMMEDIATE")]
    [InlineData("55P03", "INITIALLY IMMEDIATE")]
    [InlineData("57P01", "INITIALLY IMMEDIATE")]
    [InlineData("57P03", "INITIALLY IMMEDIATE")]
    [InlineData("08006", "INITIALLY IMMEDIATE")]
    public async Task A_write_that_may_succeed_when_it_is_done_again_is_done_again(string error, string when)
    {
        await using var service = await StartAsync();
        Trouble($"IF nextval('troubles') <= 2 THEN RAISE 'trouble' USING ERRCODE = '{error}'; END IF;", when);
        await service.Submit(A.Study("a"));
        await IsThereOnce(service, "a");
    }

    [PostgresTheory]
    [InlineData("53100")]
    [InlineData("25006")]
    [InlineData("42501")]
    [InlineData("57014")]
    [InlineData("XX000")]
    public async Task A_write_that_cannot_succeed_now_is_503_and_leaves_nothing(string error)
    {
        await using var service = await StartAsync();
        Trouble($"IF nextval('troubles') <= 1 THEN RAISE 'trouble' USING ERRCODE = '{error}'; END IF;", "INITIALLY IMMEDIATE");
        var refused = (await service.Post("/studies", A.Study("a"), ("Idempotency-Key", "k"))).ShouldBeProblem(503);
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.DoesNotContain("trouble", refused.Text, StringComparison.Ordinal);
        (await service.Get("/studies/a")).ShouldBeProblem(404);
        (await service.Post("/studies", A.Study("a"), ("Idempotency-Key", "k"))).ShouldBe(201);
        await IsThereOnce(service, "a");
    }

    [PostgresFact]
    public async Task A_deadlock_with_somebody_else_is_got_over()
    {
        await using var service = await StartAsync();
        await service.Submit(A.Study("a"));
        using var other = PostgresServer.Open(Store);
        using var command = other.CreateCommand();
        // Whoever has waited for deadlock_timeout and finds the circle gives way: the service, not we.
        command.CommandText = "SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE study_version IN SHARE MODE";
        command.ExecuteNonQuery();
        var writing = service.Post("/studies", A.Study("b"));
        await Eventually.True(() => Task.FromResult(PostgresServer.Rows(Store, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()").Count > 0));
        command.CommandText = "SELECT 1 FROM revision FOR UPDATE";
        command.ExecuteNonQuery();
        command.CommandText = "COMMIT";
        command.ExecuteNonQuery();
        (await writing).ShouldBe(201);
        await IsThereOnce(service, "b");
    }

    [PostgresTheory]
    [InlineData(nameof(WireCut.BeforeTheServer))]
    [InlineData(nameof(WireCut.BeforeTheAnswer))]
    public async Task A_commit_whose_answer_is_lost_is_answered_once_and_there_once(string cut)
    {
        using var wire = new Wire(Store);
        await using var service = await Service.StartInAsync(_folder, settings: [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", wire.ConnectionString)]);
        await service.Submit(A.Study("before"));
        wire.CutNextCommit(Enum.Parse<WireCut>(cut));
        var answer = (await service.Post("/studies", A.Study("a"), ("Idempotency-Key", "k"))).ShouldBe(201);
        Assert.True(wire.HasCut);
        Assert.Equal(2, answer.Number("revision"));
        await IsThereOnce(service, "a");
        var again = (await service.Post("/studies", A.Study("a"), ("Idempotency-Key", "k"))).ShouldBe(201);
        Assert.Equal(("true", 2), (again.Header("Idempotent-Replayed"), again.Number("revision")));
        Assert.Equal(3, (await service.Submit(A.Study("after"))).Number("revision"));
        Assert.Equal(3, (await service.Get("/meta/pool")).Number("used"));
    }

    // A write that makes no entry in the log has nothing but the server's word.
    [PostgresTheory]
    [InlineData(nameof(WireCut.BeforeTheServer))]
    [InlineData(nameof(WireCut.BeforeTheAnswer))]
    public async Task A_lost_answer_to_a_key_that_was_made_is_no_second_key(string cut)
    {
        using var wire = new Wire(Store);
        await using var service = await Service.StartInAsync(_folder, settings: [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", wire.ConnectionString)]);
        wire.CutNextCommit(Enum.Parse<WireCut>(cut));
        var key = await Tests.Security.GuardedService.MakeKeyAsync(service, "clinic", ["meta:read"]);
        Assert.True(wire.HasCut);
        Assert.Equal([key.Split('_')[1]], PostgresServer.Rows(Store, "SELECT id FROM api_key"));
    }

    [PostgresFact]
    public async Task A_reading_that_is_cut_off_within_a_row_is_done_again()
    {
        using var wire = new Wire(Store);
        await using var service = await Service.StartInAsync(_folder, settings: [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", wire.ConnectionString)]);
        await service.Submit(A.Study("a").With("citation/title", "To be cut here or there"));
        wire.CutAnswerAfter("cut here");
        Assert.Equal("To be cut here or there", (await service.Get("/studies/a")).ShouldBe(200).String("citation/title"));
        Assert.True(wire.HasCut);
    }

    [PostgresFact]
    public async Task Connections_that_are_ended_under_load_lose_and_double_nothing()
    {
        await using var service = await StartAsync();
        await service.Submit(A.Study("first"));
        using var stop = new CancellationTokenSource();
        var killer = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await Task.Delay(50);
                PostgresServer.Execute(Store, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            }
        });
        var load = await Load.RunAsync(service, clients: 6, each: 25);
        await stop.CancelAsync();
        await killer;
        await load.LostAndDoubledNothing(service);
    }

    [PostgresFact]
    public async Task A_text_that_the_server_cannot_hold_spoils_no_write_of_others()
    {
        await using var service = await StartAsync();
        var bad = A.Study("bad", A.Effect().With("sample", "a\u0000b"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => service.Post("/studies", i % 2 == 0 ? A.Study($"s{i}") : bad)));
        Assert.Equal([201, 422], answers.Select(a => a.Status).Distinct().Order());
    }

    [PostgresFact]
    public async Task While_the_database_is_read_only_writes_are_503_and_reads_go_on()
    {
        await using var service = await StartAsync();
        await service.Submit(A.Study("a"));
        ReadOnly("on");
        Assert.Equal("1", (await service.Post("/studies", A.Study("b"))).ShouldBeProblem(503).Header("Retry-After"));
        (await service.Get("/studies/a")).ShouldBe(200);
        (await service.Get("/meta/pool?minRevision=1")).ShouldBe(200);
        await using (var second = await StartAsync())
        {
            (await second.Get("/meta/pool")).ShouldBe(200);
            (await second.Post("/studies", A.Study("b"))).ShouldBeProblem(503);
        }

        ReadOnly("off");
        await Eventually.True(async () => (await service.Post("/studies", A.Study("b"))).Status is 201 or 200);
        await IsThereOnce(service, "b");

        void ReadOnly(string value) => PostgresServer.Execute(Store,
            $"SET TRANSACTION READ WRITE; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {value}', current_database()); END $$; "
            + "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }

    [PostgresFact]
    public async Task A_reading_that_takes_too_long_is_503_and_the_next_one_is_not()
    {
        await using var service = await Service.StartInAsync(_folder, settings: [.. PostgresServer.Settings(_folder.StorePath), ("Storage__ReadSeconds", "1")]);
        await service.Submit(A.Study("a"));
        using (var other = PostgresServer.Open(Store))
        {
            using var command = other.CreateCommand();
            command.CommandText = "BEGIN; LOCK TABLE study_version IN ACCESS EXCLUSIVE MODE";
            command.ExecuteNonQuery();
            (await service.Get("/studies")).ShouldBeProblem(503);
            (await service.Get("/health/live")).ShouldBe(200);
        }

        (await service.Get("/studies")).ShouldBe(200);
    }

    private Task<Service> StartAsync() => Service.StartInAsync(_folder, settings: PostgresServer.Settings(_folder.StorePath));

    // A sequence counts what is rolled back, too.
    private void Trouble(string statement, string when) => PostgresServer.Execute(Store,
        $"""
        CREATE SEQUENCE troubles;
        CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statement} RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER trouble AFTER INSERT ON study_version DEFERRABLE {when} FOR EACH ROW EXECUTE FUNCTION trouble()
        """);

    private async Task IsThereOnce(Service service, string key)
    {
        (await service.Get($"/studies/{key}")).ShouldBe(200);
        Assert.Equal(["1"], PostgresServer.Rows(Store, $"SELECT count(*) FROM study_version WHERE study_key = '{key}'"));
        Assert.Equal(["1"], PostgresServer.Rows(Store, $"SELECT count(*) FROM change_subject WHERE subject = '{key}'"));
    }
}
