using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Security;

/// <summary>Settings that open or close the door without keys.</summary>
public sealed class OpeningTests
{
    [Fact]
    public async Task Public_read_opens_what_may_be_read_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartInAsync(folder, "Production", ("Privacy__Key", Executable.PrivacyKey), ("Access__PublicRead", "true"), ("Demo__Load", "true"));
        foreach (var path in new[] { "/", "/meta/pool", "/meta/references", "/studies", "/effects", "/effects.csv" })
        {
            (await service.Get(path)).ShouldBe(200);
        }

        (await service.PostText("/meta/pool", """{ "effects": [{ "r": 0.3, "n": 50 }] }""")).ShouldBe(200);
        (await service.Post("/studies", A.Study())).ShouldBeProblem(401);
        (await service.Delete("/studies/illustration-01", ("If-Match", "*"))).ShouldBeProblem(401);
        var key = await GuardedService.MakeKeyAsync(service, "clinic", [Scopes.StudiesWrite]);
        (await service.Post("/studies", A.Study(), ("X-API-Key", key))).ShouldBe(201);
        (await service.Get("/meta/pool", ("X-API-Key", "rr_wrong_key"))).ShouldBeProblem(401);
    }

    [Fact]
    public async Task In_Development_a_wrong_key_is_still_a_wrong_key()
    {
        await using var service = await Service.StartAsync();
        (await service.Get("/studies")).ShouldBe(200);
        (await service.Get("/studies", ("X-API-Key", "rr_wrong_key"))).ShouldBeProblem(401);
    }

    [Fact]
    public async Task In_Development_anonymous_access_can_be_closed()
    {
        using var folder = new TemporaryFolder();
        await using (var before = await Service.StartInAsync(folder))
        {
            await GuardedService.MakeKeyAsync(before, "operator", [Scopes.Admin]);
        }

        await using var service = await Service.StartInAsync(folder, settings: ("Access__Anonymous", "false"));
        (await service.Get("/studies")).ShouldBeProblem(401);
    }
}
