using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Hosting;

/// <summary><c>/metrics</c> in the Prometheus format.</summary>
internal static class MetricsEndpoint
{
    private const string PlainText = "text/plain";
    private const string OpenMetrics = "application/openmetrics-text";

    public static IEndpointRouteBuilder MapMetrics(this IEndpointRouteBuilder app)
    {
        // Lazy, as the meters read the store, and a failure to open it is to be reported by the startup.
        var scrape = new Lazy<RequestDelegate>(() => app.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build());
        app.MapGet("/metrics", (Delegate)((HttpContext context) => scrape.Value(context)))
            .WithTags("Operate").WithName("getMetrics").WithSummary("Get Prometheus metrics")
            .WithDescription("Returns rates and latencies by route, and metrics of the write queue, fits, snapshots, rejections and the process. "
                + "No label contains a key or id. Needs scope `operator`, except for direct requests from this machine.")
            .RequireScope(Scopes.Operator).AllowLoopback().WithMediaTypes(PlainText, OpenMetrics)
            .Produces<string>(200, PlainText, OpenMetrics).ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden);
        return app;
    }
}
