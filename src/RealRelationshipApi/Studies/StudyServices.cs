using FluentValidation;

using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Studies;

public static class StudyServices
{
    public static IServiceCollection AddStudies(this IServiceCollection services, IConfiguration configuration) => services
        .Configure<DemoOptions>(configuration.GetSection(DemoOptions.Section))
        .Configure<EvidenceOptions>(configuration.GetSection(EvidenceOptions.Section))
        .AddSingleton<IValidator<StudyRequest>, StudyValidator>()
        .AddSingleton<IValidator<Citation>, CitationValidator>()
        .AddSingleton<IValidator<EffectRequest>, EffectValidator>()
        .AddSingleton<IValidator<Statistic>, StatisticValidator>()
        .AddSingleton<StudyBatch>()
        .AddSingleton<DemoData>()
        .AddSingleton<IntegrityCheck, StudyCheck>()
        .AddHostedService<DemoLoader>();
}
