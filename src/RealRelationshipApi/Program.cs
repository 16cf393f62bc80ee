using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Associations;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Convert;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.References;
using RealRelationshipApi.Fhir;
using RealRelationshipApi.Fhir.Responses;
using RealRelationshipApi.Hosting;
using RealRelationshipApi.Hosting.Commands;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.OpenApi;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Reporting.Page;
using RealRelationshipApi.Reporting.Plots;
using RealRelationshipApi.Security;
using RealRelationshipApi.Security.RateLimiting;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Erasure;
using RealRelationshipApi.Sessions.Imports;
using RealRelationshipApi.Studies;

if (CommandLine.IsCommand(args))
{
    return await CommandLine.RunAsync(args);
}

var app = Composition.CreateBuilder(args).Build();

// What happens to every request, in this order.
app.UseSecurityHeaders();
app.UseFhirOperationOutcomes();
app.UseProblemDetails();
app.UseRouting();
app.UseOpenApiDocuments();
app.UsePageFiles();
app.UseConfiguredCors();
app.UseContentNegotiation();
app.UseStrictQuery();
app.UseAccessControl();
app.UseRateLimiting();
app.UseAudit();
app.UseResponseCache().UseLoadShedding();
app.UseRequestTimeouts();
app.UseDecompression();

// What the service can do.
app.MapPage();
app.MapStudies();
app.MapStudyReview();
app.MapStudyBatches();
app.MapEffects();
app.MapSessions();
app.MapImports();
app.MapErasures();
app.MapFhir();
app.MapInstruments();
app.MapAssociations();
app.MapAnalyses();
app.MapPlots().MapExports();
app.MapConvert();
app.MapReferences();
app.MapHealth().MapMetrics();
app.MapProblems();

return await ServiceRunner.RunAsync(app);
