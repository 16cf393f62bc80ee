using FluentValidation;

using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;

using RealRelationshipApi.Studies.Coding;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Search;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Studies;

internal static class StudyServices
{
    public static IServiceCollection AddStudies(this IServiceCollection services, IConfiguration configuration) => services
        .Configure<DemoOptions>(configuration.GetSection(DemoOptions.Section))
        .Configure<StudyReviewOptions>(configuration.GetSection(StudyReviewOptions.Section))
        .AddSingleton<IValidator<StudyRequest>, StudyValidator>()
        .AddSingleton<IValidator<StudyReviewRequest>, StudyReviewValidator>()
        .AddSingleton<IValidator<StudyCodingRequest>, StudyCodingValidator>()
        .AddSingleton<IValidator<Citation>, CitationValidator>()
        .AddSingleton<IValidator<EffectRequest>, EffectValidator>()
        .AddSingleton<IValidator<Statistic>, StatisticValidator>()
        .AddSingleton<IValidator<EffectSource>, EffectSourceValidator>()
        .AddSingleton<IValidator<EffectCoding>, EffectCodingValidator>()
        .AddSingleton<IValidator<RegisteredResult>, RegisteredResultValidator>()
        .AddSingleton<IValidator<RiskOfBias>, RiskOfBiasValidator>()
        .AddSingleton<StudyBatchService>()
        .AddSingleton<DemoData>()
        .AddSingleton<IntegrityCheck, StudyIntegrityCheck>()
        .AddSingleton<IntegrityCheck, StudyCodingIntegrityCheck>()
        .AddSingleton<DataMigration, StudyListingMigration>()
        .AddHostedService<DemoLoader>();
}
