using System.Reflection;

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

using RealRelationship.Storage;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Fhir;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.OpenApi;
using RealRelationshipApi.Http.Telemetry;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Reporting;
using RealRelationshipApi.Security;
using RealRelationshipApi.Security.ApiKeys;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Hosting;

/// <summary>The parts of the service, for serving and for commands alike.</summary>
internal static class Composition
{
    private const string DefaultAddress = "http://localhost:8080";

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        // Settings files stand beside the program. Wherever it is started from, it does not watch that folder.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddSecretFiles(Environment.GetEnvironmentVariables());
        builder.Services.AddSingleton(RenamedSettings.Apply(builder.Configuration));
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null
            && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(DefaultAddress);
        }

        builder.AddHttpConventions();
        builder.Services.AddTelemetry(builder.Configuration);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddStorage(builder.Configuration);
        builder.Services.AddSecurity(builder.Configuration);
        builder.Services.AddStudies(builder.Configuration);
        builder.Services.AddInstruments();
        builder.Services.AddSessions(builder.Configuration);
        builder.Services.AddFhir();
        builder.Services.AddAnalyses(builder.Configuration);
        builder.Services.AddReporting();
        builder.Services.AddOpenApiDocuments();
        ConfigureLogging(builder);
        if (IsOpenApiGeneration)
        {
            builder.Services.RemoveAll<IHostedService>();
        }

        return builder;
    }

    // The tool that writes openapi/ composes the service, but must not open its store or its door.
    private static bool IsOpenApiGeneration => Assembly.GetEntryAssembly()?.GetName().Name == "GetDocument.Insider";

    private static void ConfigureLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter(typeof(ApiKeyAuthenticationHandler).FullName, LogLevel.Warning);
        // Serve says in one line why a start was refused; every other failure comes out of it as it is.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Logging.ClearProviders().AddConsole(console => console.FormatterName = LogFormatter.FormatterName)
            .AddConsoleFormatter<LogFormatter, ConsoleFormatterOptions>();
    }
}
