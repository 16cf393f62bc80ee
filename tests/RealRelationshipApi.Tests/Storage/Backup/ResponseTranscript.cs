using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Backup;

/// <summary>All responses of a service about its store, now and as of every revision.</summary>
internal static class ResponseTranscript
{
    public static async Task<string> RecordAsync(TemporaryFolder folder, Func<Service, Task>? before = null,
        params IReadOnlyList<(string Name, string Value)> settings)
    {
        await using var service = await Service.StartInAsync(folder, settings: settings);
        await (before?.Invoke(service) ?? Task.CompletedTask);
        return await RecordAsync(service);
    }

    public static async Task<string> RecordAsync(Service service)
    {
        var studies = (await service.Get("/studies")).ShouldBe(200);
        var answers = new List<string> { studies.Text };
        foreach (var study in studies.At("studies")!.AsArray())
        {
            var versions = (await service.Get($"/studies/{study.At("key")!.GetValue<string>()}/versions")).ShouldBe(200);
            answers.Add($"{versions.ETag} {versions.Text}");
        }

        for (var revision = 0L; revision <= await service.EvidenceRevision(); revision++)
        {
            var pooled = await service.Get($"/meta/pool?asOf={revision}");
            answers.Add(pooled.Status == 200 ? pooled.Text : pooled.String("detail"));
        }

        var (pool, about) = (await service.Get("/meta/pool"), (await service.Get("/about")).ShouldBe(200));
        return string.Join('\n', [.. answers, pool.ETag, pool.Text, about.ETag, about.Text])
            .Replace(service.Client.BaseAddress!.Authority, "here", StringComparison.Ordinal);
    }
}
