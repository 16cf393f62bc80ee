using System.Text.Json.Nodes;

using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>The CapabilityStatement against the routes of the service.</summary>
public sealed class CapabilityStatementTests(EmptyService empty) : IClassFixture<EmptyService>
{
    [Fact]
    public async System.Threading.Tasks.Task The_statement_is_valid_R4_with_the_required_elements()
    {
        var statement = (await empty.Service.Get("/fhir/metadata")).ShouldBe(200);
        Assert.Equal("CapabilityStatement", statement.String("resourceType"));
        Assert.Equal("4.0.1", statement.String("fhirVersion"));
        Assert.Equal("instance", statement.String("kind"));
        Assert.Equal(["json", "application/fhir+json"], statement.At("format")!.AsArray().Select(f => f!.GetValue<string>()));
        Assert.Equal(["transaction", "batch"], Codes(statement.At("rest/0/interaction")!));
        // It is read by the same strict reader that reads what is sent.
        Assert.IsType<CapabilityStatement>(new FhirJsonDeserializer().DeserializeResource(statement.Text));
    }

    [Fact]
    public async System.Threading.Tasks.Task It_lists_exactly_the_resource_types_that_can_be_posted()
    {
        var statement = await empty.Service.Get("/fhir/metadata");
        var routes = empty.Service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(e => e.RoutePattern.RawText!).Where(r => r.StartsWith("/fhir/", StringComparison.Ordinal) && r.Length > 6 && char.IsUpper(r[6]))
            .Select(r => r[6..]).ToList();
        var types = statement.At("rest/0/resource")!.AsArray();
        Assert.Equal(routes.Select(r => r.Split('/')[0]).Distinct().Order(), types.Select(t => t.At("type")!.GetValue<string>()));
        Assert.All(types, type =>
        {
            var isCreated = routes.Contains(type.At("type")!.GetValue<string>());
            Assert.Equal(isCreated ? ["create"] : [], type!["interaction"] is { } interactions ? Codes(interactions) : []);
            Assert.Equal(isCreated, type.At("conditionalCreate")!.GetValue<bool>());
            Assert.Equal("validate", type.At("operation/0/name")!.GetValue<string>());
        });
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("https://portal.example", true)]
    public async System.Threading.Tasks.Task It_announces_CORS_where_origins_are_allowed(string? origins, bool cors)
    {
        await using var service = await Service.StartAsync([.. origins is null ? Array.Empty<(string, string)>() : [("Cors__AllowedOrigins", origins)]]);
        Assert.Equal(cors, (await service.Get("/fhir/metadata")).At("rest/0/security/cors")!.GetValue<bool>());
    }

    private static string[] Codes(JsonNode interactions) => [.. interactions.AsArray().Select(i => i.At("code")!.GetValue<string>())];
}
