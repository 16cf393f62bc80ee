using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Testing;

using RealRelationshipApi.Sessions.Erasure;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Erasure;

/// <summary>The list outside of backups keeps every acknowledged erasure.</summary>
public sealed class ErasureListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string ListPath => _folder.StorePath + ".erasures";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_torn_line_does_not_swallow_the_next_erasure()
    {
        await using var service = await Service.StartInAsync(_folder);
        await Erase(service, "first");
        await File.AppendAllTextAsync(ListPath, """{"tenant":"dev","pati""");
        await Erase(service, "second");
        Assert.Equal(2, Read(service));
        Assert.Equal(2, (await File.ReadAllLinesAsync(ListPath)).Length);
    }

    [Fact]
    public async Task An_erasure_that_0_1_wrote_behind_a_torn_line_counts()
    {
        await using var service = await Service.StartInAsync(_folder);
        await Erase(service, "first");
        await File.WriteAllTextAsync(ListPath, """{"tenant":"dev","pati""" + await File.ReadAllTextAsync(ListPath));
        Assert.Equal(1, Read(service));
    }

    [Fact]
    public async Task A_damaged_line_is_found()
    {
        await using var service = await Service.StartInAsync(_folder);
        await Erase(service, "first");
        await Erase(service, "second");
        var lines = await File.ReadAllLinesAsync(ListPath);
        await File.WriteAllLinesAsync(ListPath, [lines[0][..^9], lines[1]]);
        Assert.Contains("Line 1", Assert.Throws<StorageCorruptionException>(() => Read(service)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stores_that_share_the_list_lose_none()
    {
        using var otherFolder = new TemporaryFolder();
        await using var one = await Service.StartInAsync(_folder, settings: ("Erasure__ListPath", ListPath));
        await using var other = await Service.StartInAsync(otherFolder, settings: ("Erasure__ListPath", ListPath));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Erase(i % 2 == 0 ? one : other, $"p{i}")));
        Assert.Equal(100, Read(one));
    }

    [Fact]
    public async Task A_damaged_line_is_reported_by_verify()
    {
        await using var service = await Service.StartInAsync(_folder);
        await Erase(service, "first");
        await File.AppendAllTextAsync(ListPath, "damage\n");
        Assert.Contains("Line 2 of", service.FindIntegrityErrors().Single(), StringComparison.Ordinal);
    }

    [SqliteFact]
    public async Task A_store_does_not_repeat_the_erasures_of_another()
    {
        using var otherFolder = new TemporaryFolder();
        await using (var one = await Service.StartInAsync(_folder))
        {
            await Erase(one, "same-key");
        }

        await using (var other = await Service.StartInAsync(otherFolder))
        {
            (await other.PostSessions(SessionTestData.Session("same-key", 1, SessionTestData.Measure("m", "ors", 20)))).ShouldBe(201);
        }

        (await ServiceExecutable.RunAsync(otherFolder, ["backup", "b"])).ShouldExitWith(0);
        var restored = (await ServiceExecutable.RunAsync(otherFolder, ["restore", "b", "--force"], ("Erasure__ListPath", ListPath))).ShouldExitWith(0);
        Assert.DoesNotContain("Erased", restored.StandardOutput, StringComparison.Ordinal);
    }

    // The backup does not know the store that continues its history.
    [SqliteFact("It starts processes of the service.")]
    public async Task Erasures_in_a_restored_store_are_repeated_in_the_same_backup_again()
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            (await service.PostSessions(SessionTestData.Session("p", 1, SessionTestData.Measure("m", "ors", 20)))).ShouldBe(201);
        }

        (await ServiceExecutable.RunAsync(_folder, ["backup", "b"])).ShouldExitWith(0);
        (await ServiceExecutable.RunAsync(_folder, ["restore", "b", "--force"])).ShouldExitWith(0);
        await using (var restored = await Service.StartInAsync(_folder))
        {
            await Erase(restored, "p", isSent: true);
        }

        File.Delete(_folder.StorePath);
        Assert.Contains("Erased 1 patient again", (await ServiceExecutable.RunAsync(_folder, ["restore", "b"])).ShouldExitWith(0).StandardOutput,
            StringComparison.Ordinal);
    }

    // Without the list, the erasures are those of the log of the replaced store; if that was edited, those of its table.
    [SqliteTheory("It runs several commands in processes of their own for each case.")]
    [InlineData("DELETE FROM erasure", "Erased 1 patient again")]
    [InlineData("INSERT INTO erasure (tenant, patient, log, erased_at) SELECT tenant, patient, 1, recorded_at FROM measure_version WHERE patient IS NOT NULL",
        "Erased 1 patient again")]
    [InlineData("UPDATE change_subject SET version = 7 WHERE subject LIKE 'erasure/%'", "Erased 1 patient again")]
    public async Task A_restore_repeats_the_erasures_of_an_edited_store(string edit, string report)
    {
        await using (var service = await Service.StartInAsync(_folder))
        {
            foreach (var patient in (string[])["kept", "erased"])
            {
                (await service.PostSessions(SessionTestData.Session(patient, 1, SessionTestData.Measure(patient, "ors", 20)))).ShouldBe(201);
            }

            (await ServiceExecutable.RunAsync(_folder, ["backup", "b"])).ShouldExitWith(0);
            await Erase(service, "erased", isSent: true);
        }

        File.Delete(ListPath);
        RawStore.Execute(_folder.StorePath, edit);
        Assert.Contains(report, (await ServiceExecutable.RunAsync(_folder, ["restore", "b", "--force"])).ShouldExitWith(0).StandardOutput,
            StringComparison.Ordinal);
    }

    private static async Task Erase(Service service, string patient, bool isSent = false)
    {
        if (!isSent)
        {
            (await service.PostSessions(SessionTestData.Session(patient, 1, SessionTestData.Measure($"m-{patient}", "ors", 20)))).ShouldBe(201);
        }

        (await service.Post("/erasures", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = patient })).ShouldBe(200);
    }

    private static int Read(Service service) => service.Services.GetRequiredService<ErasureList>().Read().Count;
}
