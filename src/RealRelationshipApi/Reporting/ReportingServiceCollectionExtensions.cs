using RealRelationshipApi.Analyses;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Reporting.Plots;
using RealRelationshipApi.Reporting.Plots.Diagnostics;
using RealRelationshipApi.Reporting.Practice;
using RealRelationshipApi.Reporting.Reports;

namespace RealRelationshipApi.Reporting;

internal static class ReportingServiceCollectionExtensions
{
    public static IServiceCollection AddReporting(this IServiceCollection services) => services
        .AddAnalysisRequest(ForestRequest.Options)
        .AddAnalysisRequest(FunnelRequest.Options)
        .AddAnalysisRequest(BubbleRequest.Options)
        .AddAnalysisRequest(CumulativeRequest.Options)
        .AddAnalysisRequest(CitationRequest.Options)
        .AddAnalysisRequest(ReportRequest.Options)
        .AddAnalysisRequest(ArchiveRequest.Options)
        .AddAnalysisRequest<DiagnosticPlotRequest>([])
        .AddAnalysisRequest<PosteriorPlotRequest>([])
        .AddAnalysisRequest(GoshPlotRequest.Options)
        .AddAnalysisRequest(OrchardRequest.Options)
        .AddAnalysisRequest(RiskOfBiasPlotRequest.Options)
        .AddPractice();
}
