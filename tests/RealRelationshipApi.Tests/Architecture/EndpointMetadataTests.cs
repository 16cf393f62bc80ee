using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>Metadata of all operations.</summary>
public sealed class EndpointMetadataTests(EmptyService empty) : IClassFixture<EmptyService>
{
    // Whoever opens another one writes it here.
    private static readonly string[] s_anonymousOperations =
        ["getLiveness", "getReadiness", "explainProblem", "getFhirCapabilities", "getClinicPage", "getManual", "getManualPage"];

    private readonly List<RouteEndpoint> _endpoints = [.. empty.Service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    [Fact]
    public void Every_operation_has_a_unique_name_tags_a_summary_and_a_description()
    {
        Assert.True(_endpoints.Count > 15);
        Assert.Equal(_endpoints.Count, _endpoints.Select(NameOf).Distinct(StringComparer.Ordinal).Count());
        foreach (var endpoint in _endpoints)
        {
            Assert.NotEmpty(endpoint.Metadata.GetMetadata<ITagsMetadata>()?.Tags ?? []);
            Assert.False(string.IsNullOrWhiteSpace(endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary), NameOf(endpoint));
            Assert.False(string.IsNullOrWhiteSpace(endpoint.Metadata.GetMetadata<IEndpointDescriptionMetadata>()?.Description), NameOf(endpoint));
        }
    }

    [Fact]
    public void Only_the_listed_operations_are_anonymous() =>
        Assert.Equal(s_anonymousOperations.Order(), _endpoints.Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(NameOf).Order());

    [Fact]
    public void Every_other_operation_has_a_policy_and_a_scope()
    {
        foreach (var endpoint in _endpoints)
        {
            var description = endpoint.Metadata.GetRequiredMetadata<IEndpointDescriptionMetadata>().Description;
            if (s_anonymousOperations.Contains(NameOf(endpoint)))
            {
                Assert.Contains("Needs no key", description, StringComparison.Ordinal);
                continue;
            }
            var scope = endpoint.Metadata.GetMetadata<RequiredScope>()?.Scope;
            Assert.True(scope is not null && Scopes.All.Contains(scope), NameOf(endpoint));
            Assert.Contains(endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>(), a => a.Policy == scope);
            Assert.Contains($"eeds scope `{scope}`", description, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_operation_declares_its_problems()
    {
        foreach (var endpoint in _endpoints)
        {
            var declared = endpoint.Metadata.OfType<IProducesResponseTypeMetadata>().ToLookup(p => p.StatusCode);
            int[] needed = s_anonymousOperations.Contains(NameOf(endpoint)) ? [400, 406] : [400, 401, 403, 406];
            foreach (var status in needed)
            {
                Assert.True(declared[status].Any(p => IsFhir(endpoint)
                    ? p.Type == typeof(Hl7.Fhir.Model.OperationOutcome) && p.ContentTypes.Contains("application/fhir+json")
                    : p.Type == typeof(ProblemDocument) && p.ContentTypes.Contains("application/problem+json")), $"{NameOf(endpoint)} {status}");
            }

            Assert.Contains(declared, p => p.Key is >= 200 and < 300);
            if (endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null)
            {
                Assert.All([413, 415, 422], status => Assert.True(declared.Contains(status), $"{NameOf(endpoint)} {status}"));
            }
        }
    }

    [Fact]
    public void Every_declared_problem_has_an_explanation_page()
    {
        var declared = _endpoints.SelectMany(e => e.Metadata.OfType<IProducesResponseTypeMetadata>()).Select(p => p.StatusCode).Where(s => s >= 400).Distinct();
        Assert.Empty(declared.Except(ProblemKind.All.Select(k => k.Status)));
    }

    // FHIR clients read an OperationOutcome.
    private static bool IsFhir(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText?.StartsWith("/fhir", StringComparison.Ordinal) == true;

    private static string NameOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? $"({endpoint.DisplayName})";
}
