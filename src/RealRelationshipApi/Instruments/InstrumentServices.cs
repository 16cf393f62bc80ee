using FluentValidation;

using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;

namespace RealRelationshipApi.Instruments;

internal static class InstrumentServices
{
    public static IServiceCollection AddInstruments(this IServiceCollection services) => services
        .AddSingleton<IValidator<InstrumentRequest>, InstrumentValidator>()
        .AddSingleton<IValidator<ItemRange>, ItemRangeValidator>()
        .AddSingleton<IValidator<ScaleRequest>, ScaleValidator>()
        .AddSingleton<IValidator<InstrumentCoding>, InstrumentCodingValidator>()
        .AddSingleton<InstrumentCatalogue>()
        .AddSingleton<IntegrityCheck, InstrumentIntegrityCheck>()
        .AddSingleton<DataMigration, UndeclaredItemsMigration>();
}
