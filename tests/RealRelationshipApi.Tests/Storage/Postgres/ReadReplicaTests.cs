using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

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
    public async Task A_caught_up_replica_serves_reads()
    {
        await CopyAsync();
        // Primary and replica have the same history; the proxy records which one is queried.
        using var wire = new PostgresProxy(PostgresTestServer.ConnectionStringFor(_other.StorePath)) { WatchedRequest = "study_effect" };
        await using var service = await StartAsync(wire.ConnectionString);
        Assert.Equal(1, (await service.Get("/meta/pool")).ShouldBe(200).Number("used"));
        Assert.True(wire.HasSeenRequest);
    }

    [PostgresFact]
    public async Task A_lagging_replica_is_skipped()
    {
        await CopyAsync();
        using var wire = new PostgresProxy(PostgresTestServer.ConnectionStringFor(_other.StorePath)) { WatchedRequest = "study_effect" };
        await using var service = await StartAsync(wire.ConnectionString);
        var revision = (await service.SubmitStudy(TestData.Study("b"))).Number("revision");
        Assert.Equal(2, (await service.Get($"/meta/pool?minRevision={revision}")).ShouldBe(200).Number("used"));
        Assert.False(wire.HasSeenRequest);
    }

    [PostgresFact]
    public Task An_empty_replica_is_skipped() => ShouldBeSkipped(PostgresTestServer.ConnectionStringFor(_other.StorePath));

    [PostgresFact]
    public Task An_unreachable_replica_is_skipped() => ShouldBeSkipped("Host=127.0.0.1;Port=1;Username=postgres");

    [PostgresFact]
    public async Task A_replica_of_another_store_is_skipped()
    {
        await using (var other = await Service.StartInAsync(_other, settings: PostgresTestServer.StorageSettings(_other.StorePath)))
        {
            await other.SubmitStudy(TestData.Study("x"));
            await other.SubmitStudy(TestData.Study("y"));
        }

        PostgresTestServer.Execute(PostgresTestServer.ConnectionStringFor(_other.StorePath), "UPDATE change SET digest = chain");
        await ShouldBeSkipped(PostgresTestServer.ConnectionStringFor(_other.StorePath));
    }

    private async Task ShouldBeSkipped(string replica)
    {
        await using var service = await StartAsync(replica);
        await service.SubmitStudy(TestData.Study("a"));
        Assert.Equal(1, (await service.Get("/meta/pool")).ShouldBe(200).Number("used"));
        await service.SubmitStudy(TestData.Study("b"));
        Assert.Equal(2, (await service.Get("/meta/pool")).ShouldBe(200).Number("used"));
    }

    // One study, and a copy of the database as it then was.
    private async Task CopyAsync()
    {
        await using (var service = await Service.StartInAsync(_folder, settings: PostgresTestServer.StorageSettings(_folder.StorePath)))
        {
            await service.SubmitStudy(TestData.Study("a"));
        }

        PostgresTestServer.Copy(_folder.StorePath, _other.StorePath);
    }

    private Task<Service> StartAsync(string replica) =>
        Service.StartInAsync(_folder, settings: [.. PostgresTestServer.StorageSettings(_folder.StorePath), ("Storage__ReplicaConnectionString", replica)]);
}
