using System.Reflection;

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

using RealRelationship.Storage;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Documents;
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

/// <summary>Registers the services, for the web host and for commands.</summary>
internal static class Composition
{
    private const string DefaultAddress = "http://localhost:8080";

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        PrivateFiles.RestrictNewFiles();
        // Settings files are in the directory of the program; the working directory is not watched.
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
        builder.Services.AddDocuments();
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

    // The tool that generates openapi/openapi.json builds the host, but must not open the store or listen.
    private static bool IsOpenApiGeneration => Assembly.GetEntryAssembly()?.GetName().Name == "GetDocument.Insider";

    private static void ConfigureLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter(typeof(ApiKeyAuthenticationHandler).FullName, LogLevel.Warning);
        // ServiceRunner logs a failed start in one line and rethrows other exceptions.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Logging.ClearProviders().AddConsole(console => console.FormatterName = LogFormatter.FormatterName)
            .AddConsoleFormatter<LogFormatter, ConsoleFormatterOptions>();
    }
}
