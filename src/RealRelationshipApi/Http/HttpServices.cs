using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RealRelationshipApi.Http;

/// <summary>How much one request may ask of the service.</summary>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>The largest body, after decompression.</summary>
    public long MaxBodyBytes { get; set; } = 32 * 1024 * 1024;
}

public static class HttpServices
{
    public static WebApplicationBuilder AddHttpHabits(this WebApplicationBuilder builder)
    {
        var limits = builder.Configuration.GetSection(LimitOptions.Section).Get<LimitOptions>() ?? new();
        Validation.NameMembersAsInJson();
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = limits.MaxBodyBytes;
        });
        builder.Services.Configure<JsonOptions>(json => StrictJson.Configure(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        // Without it a compressed stream that was cut off would end as if it were whole.
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);
        builder.Services.AddRequestDecompression();
        builder.Services.AddSingleton<Idempotency>();
        return builder;
    }

    /// <summary>Decompresses bodies; 415 where they are compressed in a way that is not known here.</summary>
    public static IApplicationBuilder UseDecompression(this IApplicationBuilder app) => app
        .UseRequestDecompression()
        .Use((context, next) => context.Request.Headers.ContentEncoding.Count == 0
            ? next(context)
            : new Problem(ProblemKind.UnsupportedMediaType, "The Content-Encoding must be gzip, br or deflate.").ExecuteAsync(context));
}
