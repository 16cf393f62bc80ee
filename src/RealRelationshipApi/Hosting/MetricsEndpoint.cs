using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Hosting;

/// <summary><c>/metrics</c>, as Prometheus scrapes it.</summary>
internal static class MetricsEndpoint
{
    private const string PlainText = "text/plain";
    private const string OpenMetrics = "application/openmetrics-text";

    public static IEndpointRouteBuilder MapMetrics(this IEndpointRouteBuilder app)
    {
        // Lazy: the meters read the store, and a store that does not open is reported by the startup.
        var scrape = new Lazy<RequestDelegate>(() => app.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build());
        app.MapGet("/metrics", (Delegate)((HttpContext context) => scrape.Value(context)))
            .WithTags("Operate").WithName("getMetrics").WithSummary("Gives what Prometheus scrapes")
            .WithDescription("Rates and latencies by route, the writer's queue, fits, snapshots, refusals, the process. No label holds a key or an id. "
                + "From this machine, unless forwarded by a proxy, it needs no key; otherwise it needs scope `admin`.")
            .RequireScope(Scopes.Admin).AllowLoopback().WithMediaTypes(PlainText, OpenMetrics)
            .Produces<string>(200, PlainText, OpenMetrics).ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden);
        return app;
    }
}
