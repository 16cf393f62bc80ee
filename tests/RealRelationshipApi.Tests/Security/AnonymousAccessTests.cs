using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security;

/// <summary>Settings that open or close the door without keys.</summary>
public sealed class AnonymousAccessTests
{
    [Fact]
    public async Task Public_read_allows_anonymous_reads_only()
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartInAsync(folder, "Production", ("Privacy__Key", ServiceExecutable.PrivacyKey),
            ("Access__PublicRead", "true"), ("Demo__Load", "true"));
        foreach (var path in new[] { "/", "/meta/pool", "/meta/references", "/studies", "/effects", "/effects.csv" })
        {
            (await service.Get(path)).ShouldBe(200);
        }

        (await service.PostText("/meta/pool", """{ "effects": [{ "r": 0.3, "n": 50 }] }""")).ShouldBe(200);
        (await service.Post("/studies", TestData.Study())).ShouldBeProblem(401);
        (await service.Delete("/studies/illustration-01", ("If-Match", "*"))).ShouldBeProblem(401);
        var key = await ProductionService.CreateKeyAsync(service, "clinic", [Scopes.StudiesWrite]);
        (await service.Post("/studies", TestData.Study(), ("X-API-Key", key))).ShouldBe(201);
        (await service.Get("/meta/pool", ("X-API-Key", "rr_wrong_key"))).ShouldBeProblem(401);
    }

    [Fact]
    public async Task In_Development_a_wrong_key_is_still_refused()
    {
        await using var service = await Service.StartAsync();
        (await service.Get("/studies")).ShouldBe(200);
        (await service.Get("/studies", ("X-API-Key", "rr_wrong_key"))).ShouldBeProblem(401);
    }

    [Fact]
    public async Task In_Development_anonymous_access_can_be_disabled()
    {
        using var folder = new TemporaryFolder();
        await using (var before = await Service.StartInAsync(folder))
        {
            await ProductionService.CreateKeyAsync(before, "operator", [Scopes.Admin]);
        }

        await using var service = await Service.StartInAsync(folder, settings: ("Access__Anonymous", "false"));
        (await service.Get("/studies")).ShouldBeProblem(401);
    }
}
