using FluentValidation;

using RealRelationshipApi.Sessions.Erasures;
using RealRelationshipApi.Sessions.Imports;
using RealRelationshipApi.Sessions.StageOne;
using RealRelationshipApi.Storage;
using RealRelationshipApi.Storage.Moving;
using RealRelationshipApi.Storage.Verifying;

namespace RealRelationshipApi.Sessions;

public static class SessionServices
{
    public static IServiceCollection AddSessions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SessionOptions>().Bind(configuration.GetSection(SessionOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ReleaseOptions>().Bind(configuration.GetSection(ReleaseOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton<IValidator<SessionRequest>, SessionValidator>()
            .AddSingleton<IValidator<MeasureRequest>, MeasureValidator>()
            .AddSingleton<IValidator<SessionSearch>, SessionSearchValidator>()
            .AddSingleton<IValidator<ErasureRequest>, ErasureValidator>()
            .Configure<ErasureOptions>(configuration.GetSection(ErasureOptions.Section))
            .AddSingleton<ErasureList>()
            .AddSingleton<PatientErasures>()
            .AddSingleton<AfterRestore, EraseAgain>()
            .AddSingleton<StoreCheck, SessionCheck>()
            .AddSingleton<ImportFolder>()
            .AddSingleton<SessionImports>()
            .AddHostedService(provider => provider.GetRequiredService<SessionImports>())
            .AddSealedColumns()
            .AddSingleton<SessionIntake>()
            // Its rules are made when the first session comes.
            .AddSingleton<Func<SessionIntake>>(provider => provider.GetRequiredService<SessionIntake>);
    }

    // Wherever the schema says sealed.
    private static IServiceCollection AddSealedColumns(this IServiceCollection services)
    {
        SealedColumn[] columns =
        [
            new("measure_version", ["tenant", "measure", "version", "withdraws"], "tenant", "sealed", key => Places.Measure(new((byte[])key[1]), (long)key[2], (long)key[3] == 1)),
            new("patient_record", ["tenant", "patient"], "tenant", "sealed", key => Places.Patient(new((byte[])key[1]))),
            new("stratum_sum", ["tenant", "cell", "stratum"], "tenant", "sealed", key => Places.Stratum((string)key[1], new((byte[])key[2]))),
            new("cell_sum", ["tenant", "cell"], "tenant", "sealed", key => Places.Cell((string)key[1])),
            new("session_import_line", ["id", "line"], "tenant", "sealed", key => ImportStore.Place((string)key[0], (long)key[1])),
            new("site_count", ["tenant"], "tenant", "sealed", _ => Places.Counts),
        ];
        foreach (var column in columns)
        {
            services.AddSingleton(column);
        }

        return services;
    }
}
