using RealRelationshipApi.Access;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.OpenApi;
using RealRelationshipApi.Meta;
using RealRelationshipApi.Storage;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Commands;

/// <summary>The parts of the service, for serving and for commands alike.</summary>
internal static class Composition
{
    private const string UsualAddress = "http://localhost:8080";

    public static WebApplicationBuilder Builder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
            builder.WebHost.UseUrls(UsualAddress);
        builder.AddHttpHabits();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddStorage(builder.Configuration);
        builder.Services.AddAccess(builder.Configuration);
        builder.Services.AddStudies(builder.Configuration);
        builder.Services.AddMeta();
        builder.Services.AddOpenApiDocuments();
        return builder;
    }
}
