using FluentValidation;

using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;

using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Csv;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Sessions.Erasure;
using RealRelationshipApi.Sessions.Identifiers;
using RealRelationshipApi.Sessions.Imports;
using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Sessions.Refusals;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions;

internal static class SessionServices
{
    public static IServiceCollection AddSessions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AssociationOptions>().Bind(configuration.GetSection(AssociationOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DisclosureOptions>().Bind(configuration.GetSection(DisclosureOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton<IValidator<SessionRequest>, SessionValidator>()
            .AddSingleton<IValidator<MeasureRequest>, MeasureValidator>()
            .AddSingleton<IValidator<SessionSearchRequest>, SessionSearchValidator>()
            .AddSingleton<IValidator<ErasureRequest>, ErasureValidator>()
            .AddSingleton<IValidator<SourcesRequest>, SourcesValidator>()
            .AddSingleton<IValidator<SourceSystem>, SourceSystemValidator>()
            .AddSingleton<IValidator<SourceGroup>, SourceGroupValidator>()
            .AddSingleton<IValidator<SourceCoding>, SourceCodingValidator>()
            .AddSingleton<SourceCatalogue>()
            .Configure<ErasureOptions>(configuration.GetSection(ErasureOptions.Section))
            .AddSingleton<ErasureList>()
            .AddSingleton<ErasureService>()
            .AddSingleton<PostRestoreStep, ErasureReplay>()
            .AddSingleton<Rescoring, MeasureRescoring>()
            .AddSingleton<DataMigration, StageOneMigration>()
            .AddSignedTables("the CSV files", CsvMeasureRow.Table, CsvExportRow.Table, CsvUnchangedRow.Table)
            .AddSignedTables("the identifiers of measures", MeasureIdentifierRow.Table)
            .AddSingleton<DataMigration, IdentifierMigration>()
            .AddSignedTables("the imports", ImportRow.Table, ImportLineRow.Table)
            .AddSingleton<DataMigration, PeopleMigration>()
            .AddSingleton<IntegrityCheck, EncounterIntegrityCheck>()
            .AddSingleton<IntegrityCheck, SessionIntegrityCheck>()
            .AddSingleton<IntegrityCheck, ReleaseIntegrityCheck>()
            .AddSingleton<IntegrityCheck, WithdrawalIntegrityCheck>()
            .AddSingleton<IntegrityCheck, ErasureIntegrityCheck>()
            .AddSingleton<SidecarCheck, ErasureListCheck>()
            .AddSingleton<ImportSpool>()
            .AddSingleton<ImportWorker>()
            .AddHostedService(provider => provider.GetRequiredService<ImportWorker>())
            .AddEncryptedColumns()
            .AddSingleton<SessionIngestion>()
            .AddSingleton<SessionCsvImporter>()
            .AddSingleton<RefusalCounts>()
            .AddSingleton<DemoSessions>()
            // Lazy, so that validators are built with the first session instead of at startup.
            .AddSingleton<Func<SessionIngestion>>(provider => provider.GetRequiredService<SessionIngestion>);
    }

    // All columns named "sealed".
    private static IServiceCollection AddEncryptedColumns(this IServiceCollection services)
    {
        EncryptedColumn[] columns =
        [
            new("measure_version", ["tenant", "measure", "version", "withdraws"], "tenant", "sealed",
                key => EncryptedRowPaths.Measure(new((byte[])key[1]), (long)key[2], (long)key[3] == 1)),
            new("patient_record", ["tenant", "patient"], "tenant", "sealed", key => EncryptedRowPaths.Patient(new((byte[])key[1]))),
            new("stratum_sum", ["tenant", "cell", "stratum"], "tenant", "sealed", key => EncryptedRowPaths.Stratum((string)key[1], new((byte[])key[2]))),
            new("cell_sum", ["tenant", "cell"], "tenant", "sealed", key => EncryptedRowPaths.Cell((string)key[1])),
            new("session_encounter", ["tenant", "session"], "tenant", "sealed", key => EncounterStore.RowPath(new((byte[])key[1]))),
            new("session_import_line", ["id", "line"], "tenant", "sealed", key => ImportStore.RowPath((string)key[0], (long)key[1])),
            new("site_count", ["tenant"], "tenant", "sealed", _ => EncryptedRowPaths.Counts),
        ];
        foreach (var column in columns)
        {
            services.AddSingleton(column);
        }

        return services;
    }
}
