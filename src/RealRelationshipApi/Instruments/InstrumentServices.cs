namespace RealRelationshipApi.Instruments;

public static class InstrumentServices
{
    public static IServiceCollection AddInstruments(this IServiceCollection services) => services
        .AddSingleton<InstrumentCatalogue>();
}
