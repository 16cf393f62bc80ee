using System.Net;
using System.Net.Sockets;

using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;

using RealRelationshipApi.Http.Bodies;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Telemetry;

namespace RealRelationshipApi.Http;

internal static class HttpServices
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
        builder.Services.AddOptions<PublicAddress>().Bind(builder.Configuration.GetSection(PublicAddress.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<ProxyOptions>().Bind(builder.Configuration.GetSection(ProxyOptions.Section))
            .Validate(proxies => proxies.IsValid(), "Http__TrustedProxies must be addresses or networks such as 10.0.0.0/8, separated by commas.")
            .ValidateOnStart();
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<ProxyOptions>>((forwarded, proxies) => proxies.Value.Apply(forwarded));
        ValidationExtensions.UseOwnMessages();
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            ConfigureLimits(kestrel.Limits, limits);
        });
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = CreateListenSocket);
        builder.Services.Configure<JsonOptions>(json => StrictJson.Configure(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        builder.Services.AddLimitedDecompression(limits);
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
        builder.Services.AddSignedTables("the stored responses", IdempotencyRow.Table);
        return builder;
    }

    // Limits the kernel memory of slow readers. Connections inherit the size from the listening socket.
    private static Socket CreateListenSocket(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        socket.SendBufferSize = SendBufferBytes;
        return socket;
    }

    // Slow and idle clients are disconnected.
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
