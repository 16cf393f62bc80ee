using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>Pooled evidence read from a replica: used when it has caught up, passed over when it is behind, down, or something else.</summary>
public sealed class ReadReplicaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _other = new();

    public void Dispose()
    {
        _folder.Dispose();
        _other.Dispose();
    }

    [PostgresFact]
    public async Task A_replica_that_has_caught_up_is_read()
    {
        await CopyAsync();
        await using var service = await StartAsync(PostgresServer.Store(_other.StorePath));
        // It holds the same history, so whichever is read the answer is the same: who was asked is seen in the statistics of the server.
        var before = Reads();
        Assert.Equal(1, (await service.Get("/meta/pool")).ShouldBe(200).Number("used"));
        await Eventually.True(() => Task.FromResult(Reads() > before));

        long Reads() => long.Parse(PostgresServer.Rows(PostgresServer.Store(_other.StorePath), "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = 'study_effect'")[0]);
    }

    [PostgresFact]
    public async Task A_replica_that_is_behind_is_passed_over()
    {
        await CopyAsync();
        await using var service = await StartAsync(PostgresServer.Store(_other.StorePath));
        var revision = (await service.Submit(A.Study("b"))).Number("revision");
        Assert.Equal(2, (await service.Get($"/meta/pool?minRevision={revision}")).ShouldBe(200).Number("used"));
    }

    [PostgresFact]
    public Task A_replica_that_is_empty_is_passed_over() => IsPassedOver(PostgresServer.Store(_other.StorePath));

    [PostgresFact]
    public Task A_replica_that_is_down_is_passed_over() => IsPassedOver("Host=127.0.0.1;Port=1;Username=postgres");

    [PostgresFact]
    public async Task A_replica_of_another_store_is_passed_over()
    {
        await using (var other = await Service.StartInAsync(_other, settings: PostgresServer.Settings(_other.StorePath)))
        {
            await other.Submit(A.Study("x"));
            await other.Submit(A.Study("y"));
        }

        PostgresServer.Execute(PostgresServer.Store(_other.StorePath), "UPDATE change SET digest = chain");
        await IsPassedOver(PostgresServer.Store(_other.StorePath));
    }

    private async Task IsPassedOver(string replica)
    {
        await using var service = await StartAsync(replica);
        await service.Submit(A.Study("a"));
        Assert.Equal(1, (await service.Get("/meta/pool")).ShouldBe(200).Number("used"));
        await service.Submit(A.Study("b"));
        Assert.Equal(2, (await service.Get("/meta/pool")).ShouldBe(200).Number("used"));
    }

    // One study, and a copy of the database as it then was.
    private async Task CopyAsync()
    {
        await using (var service = await Service.StartInAsync(_folder, settings: PostgresServer.Settings(_folder.StorePath)))
        {
            await service.Submit(A.Study("a"));
        }

        PostgresServer.Copy(_folder.StorePath, _other.StorePath);
    }

    private Task<Service> StartAsync(string replica) =>
        Service.StartInAsync(_folder, settings: [.. PostgresServer.Settings(_folder.StorePath), ("Storage__ReadConnectionString", replica)]);
}
