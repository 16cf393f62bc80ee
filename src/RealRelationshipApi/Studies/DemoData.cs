using RealRelationship.Storage;

using RealRelationshipApi.Http;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Studies;

internal sealed class DemoOptions
{
    public const string Section = "Demo";

    /// <summary>Whether to fill an empty store with the demonstration data; default true in Development.</summary>
    public bool? Load { get; set; }
}

/// <summary>The demonstration data: published reference results, and synthetic studies marked as such.</summary>
internal sealed class DemoData(StudyBatchService batch)
{
    private static readonly string[] s_files = ["references.json", "illustration.json"];
    private static readonly Submitter s_demoSubmitter = new(Caller.DevelopmentTenant);

    /// <summary>Fills an empty store.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var response = await LoadAsync(s_demoSubmitter, cancellationToken);
        if (response.Rejected > 0)
        {
            throw new InvalidOperationException($"The demonstration data breaks our own rules: {response.Results.First(r => r.Errors.Count > 0)}");
        }
    }

    /// <summary>Submits the demonstration data; stored studies are skipped.</summary>
    public async Task<BatchResponse> LoadAsync(Submitter submitter, CancellationToken cancellationToken)
    {
        var items = s_files.SelectMany(Read).ToList();
        return await batch.SubmitAsync(items, new BatchMode(Atomic: false, ValidateOnly: false), submitter, cancellationToken);
    }

    private static IReadOnlyList<BatchItem> Read(string file)
    {
        using var resource = typeof(DemoData).Assembly.GetManifestResourceStream($"RealRelationshipApi.Studies.Demo.{file}")!;
        var body = new byte[resource.Length];
        resource.ReadExactly(body);
        return StudyBatchReader.ReadJson(body, mayBeWrapped: true).Items;
    }
}

/// <summary>Loads the demonstration data into an empty store in Development.</summary>
internal sealed class DemoLoader(IServiceProvider services, Database database, Microsoft.Extensions.Options.IOptions<DemoOptions> options,
    IHostEnvironment environment, ILogger<DemoLoader> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Resolved lazily, so that validators are built only if there is something to load.
        if ((options.Value.Load ?? environment.IsDevelopment()) && await database.ReadAsync(StudyQueries.CurrentRevision, cancellationToken) == 0)
        {
            await services.GetRequiredService<DemoData>().LoadAsync(cancellationToken);
            log.LogInformation("The store was empty: loaded the published references and the synthetic illustration");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
