namespace RealRelationshipApi.Tests.Support;

/// <summary>A service shared by the tests of a class, which do not change its store.</summary>
public abstract class SharedService(params (string Name, string Value)[] settings) : IAsyncLifetime
{
    public Service Service { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Service = await Service.StartAsync(settings);
        await SeedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Service.DisposeAsync();
    }

    protected virtual Task SeedAsync() => Task.CompletedTask;
}

/// <summary>Nothing is stored.</summary>
public sealed class EmptyService : SharedService;

/// <summary>The published references and the synthetic illustration, as Development has them on its first start; under public reading, so that every operation
/// answers.</summary>
public sealed class DemoService() : SharedService(("Demo__Load", "true"), ("Access__PublicRead", "true"));
