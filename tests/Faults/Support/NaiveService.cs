using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Faults.Support;

/// <summary>A conventional service: it parses a study, writes its rows over a connection per request, and returns the study. Nothing is validated, hashed or
/// converted.</summary>
internal sealed class NaiveService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private NaiveService(WebApplication app) => _app = app;

    public static async Task<NaiveService> StartAsync(Action write)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/studies", (JsonElement study) =>
        {
            write();
            return Results.Json(study, statusCode: StatusCodes.Status201Created);
        });
        await app.StartAsync();
        return new(app);
    }

    public HttpClient CreateClient() => new() { BaseAddress = new Uri(_app.Urls.Single()) };

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
