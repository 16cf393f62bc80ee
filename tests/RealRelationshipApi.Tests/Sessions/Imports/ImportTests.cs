using System.Text;
using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Imports;

/// <summary>A long stream is accepted as a whole and stored in the background, with progress.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_line_is_counted_and_each_error_is_located()
    {
        await using var service = await Service.StartInAsync(_folder);
        var taken = await Send(service, GenerateLines(1_000));
        Assert.Equal("respond-async", taken.Header("Preference-Applied"));
        var address = taken.Header("Location")!;
        Assert.Equal($"/sessions/imports/{taken.At("id")}", address);

        var done = await WaitUntilDoneAsync(service, address);
        Assert.Equal((1_000L, 900L, 100L), (done.At("line")!.GetValue<long>(), done.At("accepted")!.GetValue<long>(), done.At("rejected")!.GetValue<long>()));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => i * 10L), done.At("faults")!.AsArray().Select(f => f.At("line")!.GetValue<long>()));
        Assert.All(done.At("faults")!.AsArray(), f => Assert.Equal(422, f.At("status")!.GetValue<int>()));
        var rest = (await service.Get($"{address}?limit=200&cursor={done.At("next")}")).ShouldBe(200);
        Assert.Equal(Enumerable.Range(51, 50).Select(i => i * 10L), rest.At("faults")!.AsArray().Select(f => f.At("line")!.GetValue<long>()));
        Assert.Null(rest.At("next"));
        Assert.Equal("#/measures/0/score", rest.At("faults/0/errors/0/pointer")!.GetValue<string>());
        Assert.Empty(Directory.GetFiles(_folder.Path + "/store.db.imports"));
    }

    [Fact]
    public async Task An_accepted_import_is_completed_after_a_restart()
    {
        string address;
        await using (var service = await Service.StartInAsync(_folder))
        {
            var taken = await Send(service, GenerateLines(5_000));
            address = taken.Header("Location")!;
        }

        Assert.Single(Directory.GetFiles(_folder.Path + "/store.db.imports"));
        await using var again = await Service.StartInAsync(_folder);
        var done = await WaitUntilDoneAsync(again, address);
        Assert.Equal((5_000L, 4_500L, 500L), (done.At("line")!.GetValue<long>(), done.At("accepted")!.GetValue<long>(), done.At("rejected")!.GetValue<long>()));
        Assert.Equal("4500", RawStore.Query(again.StorePath, "SELECT count(*) FROM measure_version").Single());
    }

    [Fact]
    public async Task Only_so_many_errors_of_an_import_are_kept_and_all_are_counted()
    {
        await using var service = await Service.StartInAsync(_folder, settings: ("Limits__MaxFaultsPerImport", "30"));
        var done = await WaitUntilDoneAsync(service, (await Send(service, GenerateLines(1_000))).Header("Location")!);
        Assert.Equal(100, done.At("rejected")!.GetValue<long>());
        Assert.Equal(Enumerable.Range(1, 30).Select(i => i * 10L), done.At("faults")!.AsArray().Select(f => f.At("line")!.GetValue<long>()));
    }

    [Fact]
    public async Task A_tenant_may_use_half_of_the_spool()
    {
        await using var service = await Service.StartInAsync(_folder, settings: ("Limits__MaxSpoolBytes", "200000"));
        var refused = await service.PostText("/sessions", GenerateLines(1_000), "application/x-ndjson", ("Prefer", "respond-async"));
        Assert.NotNull(refused.ShouldBeProblem(503).Header("Retry-After"));
        Assert.Empty(Directory.GetFiles(_folder.Path + "/store.db.imports"));
        var done = await WaitUntilDoneAsync(service, (await Send(service, GenerateLines(100))).Header("Location")!);
        Assert.Equal(90, done.At("accepted")!.GetValue<long>());
    }

    [Fact]
    public async Task The_spooled_import_is_encrypted()
    {
        await using var service = await Service.StartInAsync(_folder);
        await Send(service, GenerateLines(3_000));
        var kept = Directory.GetFiles(_folder.Path + "/store.db.imports").Select(RawStore.ReadOpenFile).ToList();
        Assert.NotEmpty(kept);
        Assert.All(kept, bytes => Assert.True(bytes.AsSpan().IndexOf("patient"u8) < 0));
    }

    [Fact]
    public async Task An_unknown_import_returns_404()
    {
        await using var service = await Service.StartAsync();
        (await service.Get("/sessions/imports/0123")).ShouldBe(404);
        (await service.Get("/sessions/imports/0123?cursor=x")).ShouldBe(400);
    }

    // Every tenth line has a score that is out of range.
    private static string GenerateLines(int count) => SessionTestData.ToNdjson(Enumerable.Range(1, count).Select(i =>
        SessionTestData.Session($"patient-{i % 97}", i % 50 + 1, SessionTestData.Measure($"m{i}", "rri-c-sf", i % 10 == 0 ? 99 : 3 + i % 20 / 10.0))));

    private static async Task<ServiceResponse> Send(Service service, string lines)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sessions") { Content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson") };
        request.Headers.Add("Prefer", "respond-async, wait=10");
        return (await ServiceResponse.FromAsync(await service.Client.SendAsync(request))).ShouldBe(202);
    }

    private static async Task<JsonNode> WaitUntilDoneAsync(Service service, string address)
    {
        JsonNode? import = null;
        await Wait.UntilAsync(async () => (import = (await service.Get(address)).ShouldBe(200).Json).At("state")!.GetValue<string>() == "done");
        return import!;
    }
}
