using FluentValidation;

using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting;

internal static class ReportingServiceCollectionExtensions
{
    public static IServiceCollection AddReporting(this IServiceCollection services) => services
        .AddSingleton<IValidator<ForestRequest>, ForestValidator>()
        .AddSingleton<IValidator<FunnelRequest>, FunnelValidator>()
        .AddSingleton<IValidator<CumulativeRequest>, CumulativeValidator>();
}
