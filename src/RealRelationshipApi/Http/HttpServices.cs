using System.Net;
using System.Net.Sockets;

using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Telemetry;

namespace RealRelationshipApi.Http;

public static class HttpServices
{
    private const int SendBufferBytes = 64 * 1024;
    private static readonly TimeSpan s_minDataRateGracePeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_requestHeadersTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_keepAliveTimeout = TimeSpan.FromSeconds(65);

    public static WebApplicationBuilder AddHttpConventions(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(LimitOptions.Section);
        var limits = section.Get<LimitOptions>() ?? new();
        builder.Services.AddOptions<LimitOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        ValidationExtensions.UseJsonMemberNames();
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            ConfigureLimits(kestrel.Limits, limits);
        });
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = CreateListenSocket);
        builder.Services.Configure<JsonOptions>(json => StrictJson.Configure(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        // Without it a compressed stream that was cut off would end as if it were whole.
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);
        builder.Services.AddRequestDecompression();
        builder.Services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = TimeSpan.FromSeconds(limits.RequestTimeoutSeconds),
            WriteTimeoutResponse = context =>
            {
                RejectionMetrics.Count(ServiceLimit.RequestSeconds);
                return new Problem(ProblemKind.Unavailable, "The request took too long.").ExecuteAsync(context);
            },
        });
        builder.Services.AddSingleton<Idempotency>();
        return builder;
    }

    /// <summary>Decompresses bodies; 415 where they are compressed in a way that is not known here.</summary>
    public static IApplicationBuilder UseDecompression(this IApplicationBuilder app) => app
        .UseRequestDecompression()
        .Use((context, next) => context.Request.Headers.ContentEncoding.Count == 0
            ? next(context)
            : new Problem(ProblemKind.UnsupportedMediaType, "The Content-Encoding must be gzip, br or deflate.").ExecuteAsync(context));

    // The kernel would take megabytes for each of those who do not read what they asked for. Connections have this from the socket that accepts them.
    private static Socket CreateListenSocket(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        socket.SendBufferSize = SendBufferBytes;
        return socket;
    }

    // Who sends or reads too slowly, or says nothing, is dropped: the connection is needed by others.
    private static void ConfigureLimits(KestrelServerLimits kestrel, LimitOptions limits)
    {
        kestrel.MaxRequestBodySize = limits.MaxBodyBytes;
        kestrel.MaxConcurrentConnections = limits.MaxConnections > 0 ? limits.MaxConnections : null;
        kestrel.RequestHeadersTimeout = s_requestHeadersTimeout;
        kestrel.KeepAliveTimeout = s_keepAliveTimeout;
        kestrel.MinRequestBodyDataRate = kestrel.MinResponseDataRate = limits.MinBytesPerSecond > 0 ? new(limits.MinBytesPerSecond, s_minDataRateGracePeriod)
            : null;
    }
}
