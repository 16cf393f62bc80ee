using Microsoft.Extensions.DependencyInjection;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Security;

/// <summary>Who did or read what of a site's data can be told afterwards, and cannot be changed unnoticed.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Service _service = null!;
    private Site _site = null!;

    public async ValueTask InitializeAsync()
    {
        await using (var before = await Service.StartInAsync(_folder))
        {
            await GuardedService.MakeKeyAsync(before, "operator", [Scopes.Admin]);
        }

        _service = await Service.StartInAsync(_folder, "Production");
        _site = await Site.OpenAsync(_service, "north");
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Reads_and_writes_of_site_data_stand_in_the_chain_with_the_key_that_asked()
    {
        (await _service.Post("/sessions", _site.Session(1, 1), _site.Key)).ShouldBe(201);
        (await _service.Get("/sessions", _site.Key)).ShouldBe(200);
        (await _service.Get("/sessions", _site.Key)).ShouldBe(200);
        (await _service.PostText("/sessions/search", "{", headers: _site.Key)).ShouldBe(400);
        (await _service.Get("/studies", _site.Key)).ShouldBe(200);
        await FlushAsync();

        var actor = _site.Key.Value.Split('_')[1];
        var entries = Store.Rows(_folder.StorePath, "SELECT tenant, actor, operation, status, sum(requests) FROM access_entry GROUP BY tenant, actor, operation, status ORDER BY operation, status");
        Assert.Equal([$"north|{actor}|listSessions|200|2", $"north|{actor}|searchSessions|400|1", $"north|{actor}|submitSessions|201|1"], entries);
        Assert.Contains("north|accessed", Store.Rows(_folder.StorePath, "SELECT tenant, kind FROM change"));
        Assert.Empty(_service.Faults());
    }

    [Fact]
    public async Task A_thousand_reads_are_a_few_rows()
    {
        (await _service.Post("/sessions", _site.Session(1, 1), _site.Key)).ShouldBe(201);
        var before = Changes();
        for (var i = 0; i < 1000; i++)
        {
            await _service.Get("/sessions", _site.Key);
        }

        await FlushAsync();
        Assert.InRange(Changes() - before, 1, 40);
        Assert.Equal("1000", Store.Rows(_folder.StorePath, "SELECT sum(requests) FROM access_entry WHERE operation = 'listSessions'").Single());
    }

    [Fact]
    public async Task What_was_gathered_is_written_when_the_service_stops()
    {
        await _service.Get("/sessions", _site.Key);
        await _service.DisposeAsync();
        Assert.Single(Store.Rows(_folder.StorePath, "SELECT * FROM access_entry WHERE operation = 'listSessions'"));
        _service = await Service.StartInAsync(_folder, "Production");
    }

    [SqliteTheory]
    [InlineData("UPDATE access_entry SET requests = requests + 1")]
    [InlineData("UPDATE access_entry SET actor = 'somebody'")]
    [InlineData("DELETE FROM access_entry")]
    [InlineData("INSERT INTO access_entry SELECT number, 7, tenant, minute, 'somebody', operation, status, requests FROM access_entry")]
    [InlineData("UPDATE access_entry SET number = 1")]
    public async Task An_entry_that_was_touched_is_found(string statement)
    {
        (await _service.Post("/sessions", _site.Session(1, 1), _site.Key)).ShouldBe(201);
        await FlushAsync();
        Assert.Empty(_service.Faults());
        Store.Tamper(_folder.StorePath, statement);
        Assert.NotEmpty(_service.Faults());
    }

    private Task FlushAsync() => _service.Parts.GetRequiredService<AccessAudit>().FlushAsync();

    private int Changes() => Store.Rows(_folder.StorePath, "SELECT number FROM change").Count;
}
