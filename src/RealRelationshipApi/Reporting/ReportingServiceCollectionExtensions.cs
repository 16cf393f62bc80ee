using RealRelationshipApi.Analyses;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Reporting.Plots;
using RealRelationshipApi.Reporting.Practice;

namespace RealRelationshipApi.Reporting;

internal static class ReportingServiceCollectionExtensions
{
    public static IServiceCollection AddReporting(this IServiceCollection services) => services
        .AddAnalysisRequest(ForestRequest.Options)
        .AddAnalysisRequest(FunnelRequest.Options)
        .AddAnalysisRequest(CumulativeRequest.Options)
        .AddAnalysisRequest(CitationRequest.Options)
        .AddAnalysisRequest(RiskOfBiasPlotRequest.Options)
        .AddPractice();
}
