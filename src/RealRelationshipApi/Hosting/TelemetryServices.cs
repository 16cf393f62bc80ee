using System.Diagnostics;
using System.Diagnostics.Metrics;

using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

using RealRelationship.Storage;

namespace RealRelationshipApi.Hosting;

/// <summary>Prometheus metrics, and if the environment names an OTLP endpoint, OTLP metrics and traces.</summary>
internal static class TelemetryServices
{
    private const string OtlpEndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceNameVariable = "OTEL_SERVICE_NAME";

    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var sends = !string.IsNullOrEmpty(configuration[OtlpEndpointVariable]);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddAttributes(ResourceAttributes(configuration)))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(ServiceMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                    .AddView(LimitSeries)
                    .AddInstrumentation(provider => provider.GetRequiredService<StorageGauges>())
                    .AddPrometheusExporter(prometheus => prometheus.ScrapeResponseCacheDurationMilliseconds = 0);
                if (sends)
                {
                    metrics.AddOtlpExporter();
                }
            });
        if (sends)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(ServiceMeter.Name)
                .AddAspNetCoreInstrumentation(requests => requests.EnrichWithHttpResponse = (span, response) => RedactSpan(span, response.HttpContext))
                .AddOtlpExporter());
        }

        return services;
    }

    // Memory for every series that an instrument may have is taken at startup: 2,000 by default, which only routes by status may come near.
    private static MetricStreamConfiguration? LimitSeries(Instrument instrument) =>
        instrument.Name == "http.server.request.duration" ? null : new MetricStreamConfiguration { CardinalityLimit = 100 };

    private static IEnumerable<KeyValuePair<string, object>> ResourceAttributes(IConfiguration configuration) =>
        string.IsNullOrEmpty(configuration[ServiceNameVariable])
        ? [new("service.name", "realrelationship"), new("service.version", typeof(TelemetryServices).Assembly.GetName().Version!.ToString(3))]
        : [];

    // Replaces the path by the route template, so that nothing sent by the caller is exported.
    private static void RedactSpan(Activity span, HttpContext context)
    {
        span.SetTag("url.path", (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(none)");
        foreach (var tag in new[] { "url.query", "user_agent.original", "http.request.method_original", "server.address" })
        {
            span.SetTag(tag, null);
        }

        span.TraceStateString = null;
    }
}
