using System.Text.Json;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

internal sealed class DemoOptions
{
    public const string Section = "Demo";

    /// <summary>Whether to fill an empty store with the demonstration data; default true in Development.</summary>
    public bool? Load { get; set; }
}

/// <summary>Studies that come with the service: published reference results, eligible studies without a usable coefficient, one real study, and synthetic
/// studies marked as such.</summary>
internal sealed class DemoData(StudyBatchService batch, GroupCommitWriter writer, Database database)
{
    private static readonly string[] s_demonstration = ["references.json", "illustration.json", "registry.json"];
    private static readonly string[] s_starter = ["references.json", "registry.json", "starter.json"];
    private static readonly Submitter s_demoSubmitter = new(Caller.DevelopmentTenant);

    /// <summary>Fills an empty store with the demonstration data.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var response = await LoadAsync(s_demonstration, s_demoSubmitter, cancellationToken);
        if (response.Rejected > 0)
        {
            throw new InvalidOperationException($"The demonstration data breaks our own rules: {response.Results.First(r => r.Errors.Count > 0)}");
        }
    }

    /// <summary>Submits the demonstration data; stored studies are skipped, and those of release 0.1 that nobody has edited replaced.</summary>
    public async Task<BatchResponse> LoadDemonstrationAsync(Submitter submitter, CancellationToken cancellationToken)
    {
        await ReplaceUneditedAsync(cancellationToken);
        return await LoadAsync(s_demonstration, submitter, cancellationToken);
    }

    /// <summary>Submits what is real: references, registered studies and the study whose correlations are public; stored studies are skipped.</summary>
    public Task<BatchResponse> LoadStarterAsync(Submitter submitter, CancellationToken cancellationToken) => LoadAsync(s_starter, submitter, cancellationToken);

    /// <summary>Replaces the demonstration data of release 0.1 by that of this release, as far as nobody has edited it.</summary>
    /// <returns>Number of replaced studies.</returns>
    public async Task<int> ReplaceUneditedAsync(CancellationToken cancellationToken)
    {
        var earlier = JsonSerializer.Deserialize<EarlierDemonstration>(ReadResource("release01.json"), StrictJson.Options)!.ContentHashes;
        if (!await database.ReadAsync(connection => earlier.Any(e => StudyQueries.Latest(connection, e.Key)?.ContentHash == e.Value), cancellationToken))
        {
            return 0;
        }

        Study[] studies = [.. s_demonstration.SelectMany(Read).Select(item => Study.From(item.Json.Deserialize<StudyRequest>(StrictJson.Options)!).Study!)];
        return await writer.WriteAsync(transaction => studies.Count(study =>
            earlier.TryGetValue(study.Key, out var hash) && hash != study.ContentHash
            && StudyQueries.Latest(transaction.Connection, study.Key) is { Status: StudyStatus.Accepted } stored && stored.ContentHash == hash
            && StudyStore.Replace(transaction, study, new Submitter(stored.Tenant), _ => null).IsAccepted), cancellationToken);
    }

    private Task<BatchResponse> LoadAsync(IEnumerable<string> files, Submitter submitter, CancellationToken cancellationToken) =>
        batch.SubmitAsync(files.SelectMany(Read).ToList(), new BatchMode(Atomic: false, ValidateOnly: false), submitter, cancellationToken);

    private static IReadOnlyList<BatchItem> Read(string file) => StudyBatchReader.ReadJson(ReadResource(file), mayBeWrapped: true).Items;

    private static byte[] ReadResource(string file)
    {
        using var resource = typeof(DemoData).Assembly.GetManifestResourceStream($"RealRelationshipApi.Studies.Demo.{file}")!;
        var body = new byte[resource.Length];
        resource.ReadExactly(body);
        return body;
    }

    private sealed record EarlierDemonstration(string Note, IReadOnlyDictionary<string, string> ContentHashes);
}

/// <summary>Loads the demonstration data into an empty store in Development.</summary>
internal sealed class DemoLoader(IServiceProvider services, Database database, Microsoft.Extensions.Options.IOptions<DemoOptions> options,
    IHostEnvironment environment, ILogger<DemoLoader> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Resolved lazily, so that validators are built only if there is something to load.
        if (!(options.Value.Load ?? environment.IsDevelopment()))
        {
            return;
        }

        if (await database.ReadAsync(StudyQueries.CurrentRevision, cancellationToken) == 0)
        {
            await services.GetRequiredService<DemoData>().LoadAsync(cancellationToken);
            log.LogInformation("The store was empty: loaded the published references, the registered studies and the synthetic illustration");
        }
        else if (await services.GetRequiredService<DemoData>().ReplaceUneditedAsync(cancellationToken) is > 0 and var replaced)
        {
            log.LogInformation("Replaced {Count} unedited studies of the demonstration data of release 0.1", replaced);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
