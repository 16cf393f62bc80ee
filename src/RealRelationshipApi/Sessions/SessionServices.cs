using FluentValidation;

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
            .AddSingleton<SessionIntake>();
    }
}
