using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Sqlite;

/// <summary>The file or its log is removed or replaced under the running service: nothing more is acknowledged, and readiness says so.</summary>
public sealed class DisplacedStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SqliteFact]
    public async Task Nothing_is_acknowledged_into_a_removed_file()
    {
        await using var service = await Service.StartInAsync(_folder);
        File.Move(_folder.StorePath, _folder.File("moved"));
        await ShouldRefuse(service);
        File.Move(_folder.File("moved"), _folder.StorePath);
        await service.SubmitStudy(TestData.Study("a"));
        File.Move(_folder.StorePath, _folder.File("moved"));
        await ShouldRefuse(service);
        File.Move(_folder.File("moved"), _folder.StorePath);
        (await service.Get("/health/ready")).ShouldBe(200);
        await service.SubmitStudy(TestData.Study("c"));
        Assert.Empty(service.FindIntegrityErrors());
    }

    [SqliteFact]
    public async Task Nothing_is_acknowledged_beside_a_file_that_took_its_place()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.SubmitStudy(TestData.Study("a"));
        RawStore.ExecuteSqlite(_folder.StorePath, $"VACUUM INTO '{_folder.File("copy")}'");
        File.Move(_folder.File("copy"), _folder.StorePath, overwrite: true);
        await ShouldRefuse(service);
    }

    // SQLite would write on into the removed file, and lose it with the process.
    [SqliteFact]
    public async Task Nothing_is_acknowledged_into_a_removed_log()
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            await service.SubmitStudy(TestData.Study("a"));
            File.Delete(_folder.StorePath + "-wal");
            await ShouldRefuse(service);
        }

        // The service that stops writes what it acknowledged into the file.
        await using var again = await Service.StartInAsync(_folder);
        (await again.Get("/studies/a")).ShouldBe(200);
        (await again.Get("/studies/b")).ShouldBe(404);
    }

    private static async Task ShouldRefuse(Service service)
    {
        var refused = (await service.Post("/studies", TestData.Study("b"))).ShouldBeProblem(503);
        Assert.Contains("removed or replaced", refused.Text, StringComparison.Ordinal);
        foreach (var part in (string[])["", "?part=reads", "?part=writes"])
        {
            Assert.Contains("removed or replaced", (await service.Get($"/health/ready{part}")).ShouldBeProblem(503).Text, StringComparison.Ordinal);
        }

        (await service.Get("/studies")).ShouldBeProblem(503);
        (await service.Get("/health/live")).ShouldBe(200);
    }
}
