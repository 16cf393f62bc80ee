using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using System.Xml.XPath;

using Microsoft.OpenApi;

using RealRelationshipApi.Http.Json;

using Swashbuckle.AspNetCore.Swagger;
using Swashbuckle.AspNetCore.SwaggerGen;
using Swashbuckle.AspNetCore.SwaggerUI;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>The OpenAPI 3.1 document and Swagger UI.</summary>
internal static partial class OpenApiDocuments
{
    internal const string DocumentName = "v1";
    private const string ApiKeyScheme = "apiKey";
    private const string BearerScheme = "bearer";

    public static IServiceCollection AddOpenApiDocuments(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSingleton<DocumentSender>().AddHostedService(provider => provider.GetRequiredService<DocumentSender>());
        services.Configure<SwaggerOptions>(swagger => swagger.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1);
        services.AddTransient<ISerializerDataContractResolver>(_ => new JsonSerializerDataContractResolver(StrictJson.Options));
        return services.AddSwaggerGen(swagger =>
        {
            swagger.SwaggerDoc(DocumentName, new OpenApiInfo
            {
                Title = "RealRelationshipApi",
                Version = typeof(OpenApiDocuments).Assembly.GetName().Version!.ToString(3),
                Description = "A living meta-analysis of the real relationship in psychotherapy: submit studies, get pooled estimates and moderator "
                    + "analyses. Example responses are from a real run on the demonstration data, with lists shortened to two items.",
                License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
            });
            swagger.AddServer(new OpenApiServer { Url = "/", Description = "This service" });
            swagger.AddSecurityDefinition(ApiKeyScheme, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "X-API-Key",
                Description = "API key `rr_…`. In Development, requests from this machine need none.",
            });
            swagger.AddSecurityDefinition(BearerScheme, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "Access token of the issuer configured by the operator.",
            });
            swagger.SupportNonNullableReferenceTypes();
            swagger.IncludeXmlComments(ReadXmlComments);
            swagger.SchemaFilter<ClrTypeSchemaFilter>();
            swagger.SchemaFilter<ValidationSchemaFilter>();
            swagger.OperationFilter<OperationConventions>();
            swagger.DocumentFilter<TagDescriptions>();
            swagger.DocumentFilter<ProblemExamples>();
            swagger.DocumentFilter<SharedComponents>();
            swagger.OrderActionsBy(OperationOrder.KeyOf);
        });
    }

    /// <summary>Serves the document and Swagger UI for paths without an endpoint; needs routing before it.</summary>
    public static IApplicationBuilder UseOpenApiDocuments(this IApplicationBuilder app) =>
        app.UseWhen(context => context.GetEndpoint() is null, others => others
        .UseDocument()
        .UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "swagger";
            ui.SwaggerEndpoint($"/openapi/{DocumentName}.json", "RealRelationshipApi");
            ui.DocumentTitle = "RealRelationshipApi";
            ui.EnableTryItOutByDefault();
            ui.DisplayRequestDuration();
            ui.InjectJavascript("/swagger.js");
            ui.EnableDeepLinking();
            ui.DefaultModelsExpandDepth(-1); // An operation has its schemas with it.
            // A hundred operations take seconds to render; a group is rendered when it is opened.
            ui.DocExpansion(DocExpansion.None);
        }));

    private static IApplicationBuilder UseDocument(this IApplicationBuilder app)
    {
        var sender = app.ApplicationServices.GetRequiredService<DocumentSender>();
        return app.Use((context, next) =>
            HttpMethods.IsGet(context.Request.Method) && context.Request.Path == $"/openapi/{DocumentName}.json" ? sender.SendAsync(context) : next(context));
    }

    /// <summary>Security requirement: an API key or a bearer token.</summary>
    internal static IList<OpenApiSecurityRequirement> ApiKeyOrBearer(OpenApiDocument document) =>
        [.. new[] { ApiKeyScheme,
            BearerScheme }.Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, document)] = [] })];

    internal static JsonNode? ToJsonNode(string? text) => text is null ? null : JsonValue.Create(text);

    // Removes line breaks, so that each description is one line, and copies inherited comments, which Swashbuckle does not follow.
    private static XPathDocument ReadXmlComments()
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{typeof(OpenApiDocuments).Assembly.GetName().Name}.xml");
        var comments = XDocument.Parse(LineBreak().Replace(File.ReadAllText(path), " "));
        var members = comments.Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);
        foreach (var inherited in comments.Descendants("inheritdoc").ToList())
        {
            if (inherited.Attribute("cref") is { } source && members.TryGetValue(source.Value, out var original))
            {
                inherited.ReplaceWith(original.Elements());
            }
        }

        using var reader = comments.CreateReader();
        return new XPathDocument(reader);
    }

    [GeneratedRegex(@"\s*\n\s*", RegexOptions.None, 1000)]
    private static partial Regex LineBreak();
}

/// <summary>Describes the tags.</summary>
internal sealed class TagDescriptions : IDocumentFilter
{
    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context) => swaggerDoc.Tags = new HashSet<OpenApiTag>
    {
        new() { Name = "Analyse",
            Description =
                "Analyse stored or given effects: pooling, moderators, regression, bias, sensitivity and changes; and associations of your own sessions." },
        new() { Name = "Submit",
            Description = "Submit, replace and remove data: studies, session measurements, FHIR resources and instruments." },
        new() { Name = "Look",
            Description = "Read and export data: studies, effects, sessions, instruments, plots, reports and citations." },
        new() { Name = "Operate", Description = "Operate the service: health, metrics and problem types." },
    };
}
