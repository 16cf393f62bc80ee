using RealRelationshipApi.Access;
using RealRelationshipApi.Commands;
using RealRelationshipApi.Fhir;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.OpenApi;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Meta;
using RealRelationshipApi.Meta.ForPeople;
using RealRelationshipApi.Meta.Pictures;
using RealRelationshipApi.Meta.TakeAway;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Erasures;
using RealRelationshipApi.Sessions.Imports;
using RealRelationshipApi.Storage;
using RealRelationshipApi.Studies;

if (CommandLine.Understands(args))
{
    return await CommandLine.RunAsync(args);
}

var app = Composition.Builder(args).Build();

// What happens to every request, in this order.
app.UseSecurityHeaders();
app.UseFhirOutcomes();
app.UseProblems();
app.UseRouting();
app.UseOpenApiDocuments();
app.UsePageFiles();
app.UseOtherOrigins();
app.UseNegotiation();
app.UseStrictQuery();
app.UseAccess();
app.UseQuota();
app.UseAudit();
app.UseKeptAnswers().UseAdmission();
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
app.MapMeta();
app.MapPictures().MapTakeAway();
app.MapConvert();
app.MapReferences();
app.MapHealth().MapMetrics();
app.MapProblems();

return await Serve.RunAsync(app);
