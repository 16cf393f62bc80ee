using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Associations;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Analyses.Convert;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Analyses.References;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Fhir;
using RealRelationshipApi.Fhir.Responses;
using RealRelationshipApi.Hosting;
using RealRelationshipApi.Hosting.Commands;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Bodies;
using RealRelationshipApi.Http.OpenApi;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Selection;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Reporting.Embedding;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Reporting.News;
using RealRelationshipApi.Reporting.Manual;
using RealRelationshipApi.Reporting.Page;
using RealRelationshipApi.Reporting.Plots;
using RealRelationshipApi.Reporting.Practice;
using RealRelationshipApi.Reporting.Reports;
using RealRelationshipApi.Security;
using RealRelationshipApi.Security.RateLimiting;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Completeness;
using RealRelationshipApi.Sessions.Erasure;
using RealRelationshipApi.Sessions.Imports;
using RealRelationshipApi.Sessions.Refusals;
using RealRelationshipApi.Sessions.Reports;
using RealRelationshipApi.Sessions.Sources;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Coding;

if (CommandLine.IsCommand(args))
{
    return await CommandLine.RunAsync(args);
}

var app = Composition.CreateBuilder(args).Build();

// Middleware, in this order.
app.UseForwardedHeaders().UseHeadRequests(); // first: everything below sees the client, not a trusted proxy, and GET
app.UseSecurityHeaders().UseTextCompression(); // every response has them, errors too
app.UseFhirOperationOutcomes().UseProblemPages(); // before errors are written: set their format
app.UseProblemDetails(); // around everything that may throw
app.UseRouting(); // everything below reads the metadata of the endpoint
app.UseOpenApiDocuments(); // public: before access control
app.UsePageFiles(); // public: before access control
app.UseConfiguredCors(); // before access control: a preflight request has no key
app.UseContentNegotiation(); // before anything that costs: 406 and 415 depend on headers alone
app.UsePublicReadPaths().UseStrictQuery(); // before anything that costs: 404 and 400 depend on a setting and the query string alone
app.UseAccessControl(); // before everything that depends on the caller
app.UseRateLimiting(); // after authentication: counts by caller, cached responses too
app.UseAudit().UseMemberSelection(); // after rate limiting: records what was served, not the flood; selections are of one cached response
app.UseResponseCache().UseLoadShedding().UseBodyLimiter(); // a cached response costs nothing, so it is served under overload
app.UseRequestTimeouts(); // after the queue of the above: limits the handler
app.UseLimitedDecompression().UseJsonValueLimit(); // last: the bodies of rejected requests stay compressed

// Endpoints.
app.MapPage().MapClinicPage().MapManual();
app.MapStudies().MapStudyReview().MapStudyCodings();
app.MapStudyBatches();
app.MapEffects();
app.MapSessions().MapCompleteness().MapReports().MapRefusals();
app.MapImports();
app.MapErasures().MapSources();
app.MapFhir();
app.MapInstruments();
app.MapAssociations();
app.MapAnalyses();
app.MapPlots().MapAssociationPlot().MapReport().MapExports().MapNews().MapEmbedding();
app.MapConvert();
app.MapReferences().MapOptions().MapRevisions().MapAbout().MapCertaintyRecord().MapPractice();
app.MapHealth().MapMetrics();
app.MapProblems();

return await ServiceRunner.RunAsync(app);
