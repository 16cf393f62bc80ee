using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security;

/// <summary>Access to a site's data is recorded and cannot be altered unnoticed.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Service _service = null!;
    private TestTenant _site = null!;

    public async ValueTask InitializeAsync()
    {
        await using (var before = await Service.StartInAsync(_folder))
        {
            await ProductionService.CreateKeyAsync(before, "operator", [Scopes.Admin]);
        }

        _service = await Service.StartInAsync(_folder, "Production");
        _site = await TestTenant.CreateAsync(_service, "north");
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Reads_and_writes_of_site_data_are_logged_in_the_hash_chain_with_their_key()
    {
        (await _service.Post("/sessions", _site.Session(1, 1), _site.Key)).ShouldBe(201);
        (await _service.Get("/sessions", _site.Key)).ShouldBe(200);
        (await _service.Get("/sessions", _site.Key)).ShouldBe(200);
        (await _service.PostText("/sessions/search", "{", headers: _site.Key)).ShouldBe(400);
        (await _service.Get("/studies", _site.Key)).ShouldBe(200);
        await FlushAsync();

        var actor = _site.Key.Value.Split('_')[1];
        var entries = RawStore.Query(_folder.StorePath,
            "SELECT tenant, actor, operation, status, sum(requests) FROM access_entry GROUP BY tenant, actor, operation, status ORDER BY operation, status");
        Assert.Equal([$"north|{actor}|listSessions|200|2", $"north|{actor}|searchSessions|400|1", $"north|{actor}|submitSessions|201|1"], entries);
        Assert.Contains("north|accessed", RawStore.Query(_folder.StorePath, "SELECT tenant, kind FROM change"));
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task A_thousand_reads_are_aggregated_into_few_rows()
    {
        (await _service.Post("/sessions", _site.Session(1, 1), _site.Key)).ShouldBe(201);
        var before = CountChanges();
        for (var i = 0; i < 1000; i++)
        {
            await _service.Get("/sessions", _site.Key);
        }

        await FlushAsync();
        Assert.InRange(CountChanges() - before, 1, 40);
        Assert.Equal("1000", RawStore.Query(_folder.StorePath, "SELECT sum(requests) FROM access_entry WHERE operation = 'listSessions'").Single());
    }

    [Fact]
    public async Task Buffered_audit_entries_are_flushed_on_shutdown()
    {
        await _service.Get("/sessions", _site.Key);
        await _service.DisposeAsync();
        Assert.Single(RawStore.Query(_folder.StorePath, "SELECT * FROM access_entry WHERE operation = 'listSessions'"));
        _service = await Service.StartInAsync(_folder, "Production");
    }

    [SqliteTheory]
    [InlineData("UPDATE access_entry SET requests = requests + 1")]
    [InlineData("UPDATE access_entry SET actor = 'somebody'")]
    [InlineData("DELETE FROM access_entry")]
    [InlineData("INSERT INTO access_entry SELECT number, 7, tenant, minute, 'somebody', operation, status, requests FROM access_entry")]
    [InlineData("UPDATE access_entry SET number = 1")]
    public async Task A_tampered_entry_is_detected(string statement)
    {
        (await _service.Post("/sessions", _site.Session(1, 1), _site.Key)).ShouldBe(201);
        await FlushAsync();
        Assert.Empty(_service.FindIntegrityErrors());
        RawStore.ExecuteWithoutConstraints(_folder.StorePath, statement);
        Assert.NotEmpty(_service.FindIntegrityErrors());
    }

    private Task FlushAsync() => _service.Services.GetRequiredService<AuditLog>().FlushAsync();

    private int CountChanges() => RawStore.Query(_folder.StorePath, "SELECT number FROM change").Count;
}
