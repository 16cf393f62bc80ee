using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using RealRelationship.Storage.Writing;
using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Security.ApiKeys;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Tests.Security.Jwt;
using RealRelationshipApi.Tests.Support;

using static RealRelationshipApi.Tests.Support.SessionTestData;

namespace RealRelationshipApi.Tests.Sessions.Disclosure;

/// <summary>Attackers who send some of the patients themselves, or the same patients twice. They succeed under the rules of release 0.1.</summary>
public sealed class ProvenanceTests
{
    private const int MinPatients = 11;

    // Digits of pi: as good as random.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Six_patients_of_two_source_systems_are_six(bool asRelease01)
    {
        await using var service = await StartAsync(asRelease01);
        foreach (var system in new[] { "ehr", "rom" })
        {
            await service.PostSessions([.. Enumerable.Range(0, 6).Select(i => Session($"p{i}", i, Level(i), Level(i + 1), system))]);
        }

        Assert.Equal(asRelease01 ? 12 : null, await ReleasedPatients(service));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Invented_patients_do_not_reveal_a_real_one(bool asRelease01)
    {
        await using var service = await StartAsync(asRelease01);
        var (clinic, attacker) = (await KeyAsync(service), await KeyAsync(service));
        (await service.Post("/sessions", Session("real", 0, 4.4, 37), clinic)).ShouldBe(201);
        await SendAsync(service, attacker, "invented", 10);

        // The attacker knows ten of eleven patients, and finds the eleventh's outcome by the correlation.
        var released = await ReleasedEffect(service);
        Assert.Equal(asRelease01, released is not null);
        if (released is { } z)
        {
            Assert.Equal(37, Enumerable.Range(0, 41).MinBy(guess => Math.Abs(z - Correlation(10, 4.4, guess))));
        }
    }

    [Fact]
    public async Task Newcomers_count_for_their_own_sender_only()
    {
        await using var service = await StartAsync();
        var (clinic, attacker) = (await KeyAsync(service), await KeyAsync(service));
        await SendAsync(service, clinic, "real", MinPatients);
        Assert.Equal(MinPatients, await ReleasedPatients(service));
        var before = await ReleasedEffect(service);

        // Eleven of the attacker are released, without the clinic's newcomer, and what the clinic had released is as before.
        (await service.Post("/sessions", Session("newcomer", 0, 1, 40), clinic)).ShouldBe(201);
        await SendAsync(service, attacker, "invented", MinPatients);
        Assert.Equal(2 * MinPatients, await ReleasedPatients(service));
        Assert.Equal(before!.Value, (await ReleasedEffect(service))!.Value, 2e-3);
        Assert.Empty(service.FindIntegrityErrors());
    }

    [Fact]
    public async Task A_rotated_key_goes_on_for_the_same_patients_and_another_key_does_not()
    {
        await using var service = await StartAsync();
        var (first, other) = (await KeyAsync(service), await KeyAsync(service));
        await SendAsync(service, first, "p", 6);
        await SendAsync(service, other, "q", 5);
        Assert.Null(await ReleasedPatients(service));
        var now = TimeProvider.System.GetUtcNow();
        var rotated = await service.Services.GetRequiredService<GroupCommitWriter>()
            .WriteAsync(transaction => ApiKeyStore.Rotate(transaction, first.Value.Split('_')[1], now, now)!);
        for (var i = 6; i < MinPatients; i++)
        {
            (await service.Post("/sessions", Session($"p{i}", i, Level(i), Level(i + 1)), ("X-API-Key", rotated))).ShouldBe(201);
        }

        Assert.Equal(MinPatients, await ReleasedPatients(service));
    }

    [Theory]
    [InlineData("portal", MinPatients)]
    [InlineData("another", null)]
    public async Task Tokens_of_one_client_count_together_whoever_signed_in(string secondClient, int? released)
    {
        using var folder = new TemporaryFolder();
        using var issuer = new TestTokenIssuer();
        await using var service = await Service.StartInAsync(folder, "Development", issuer.Settings);
        for (var i = 0; i < MinPatients; i++)
        {
            var claims = issuer.Claims(scope: Scopes.SessionsWrite);
            (claims["client_id"], claims["sub"]) = i < 6 ? ("portal", "anna") : (secondClient, "ben");
            (await service.Post("/sessions", Session($"p{i}", i, Level(i), Level(i + 1)), ("Authorization", $"Bearer {issuer.RS256Token(claims)}")))
                .ShouldBe(201);
        }

        Assert.Equal(released, await ReleasedPatients(service));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_outlier_is_not_released(bool asRelease01)
    {
        await using var service = await StartAsync(asRelease01);
        await service.PostSessions(Session("outlier", 0, 1, 0));
        await service.PostSessions([.. Enumerable.Range(1, 12).Select(i => Session($"p{i}", i, 3 + (0.01 * ((i % 3 * 2) + (i % 2))), 30 + (0.1 * (i % 2))))]);
        Assert.Equal(asRelease01 ? 13 : null, await ReleasedPatients(service));
        if (!asRelease01)
        {
            var association = (await service.GetAssociations()).SingleAssociation("betweenClient", "observedMeans");
            Assert.Equal("dominated", association.At("suppressedBecause")!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Released_numbers_are_rounded_and_suppressed_cells_do_not_name_the_instruments_of_a_site()
    {
        await using var service = await StartAsync();
        (await service.Post("/instruments", JsonNode.Parse("""
            { "code": "secret-scale", "name": "Ours", "construct": "sessionOutcome", "raters": ["client"], "direction": "better",
              "scales": [{ "name": "total", "aggregation": "mean", "minimum": 1, "maximum": 5 }] }
            """)!)).ShouldBe(201);
        var own = Session("p0", 0, Level(0), Level(1));
        own["measures"]!.AsArray().Add(SessionTestData.Measure("p0.own", "secret-scale", 4));
        await service.PostSessions(own);
        await SendAsync(service, null, "q", 14);
        var pool = (await service.Get("/meta/pool?source=sessions&level=betweenClient")).ShouldBe(200);
        var effect = pool.Number("studies/0/effect");
        Assert.Equal(Math.Round(effect, 3), effect);
        var variance = Math.Pow(pool.Number("studies/0/standardError"), 2);
        Assert.Equal(double.Parse(variance.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), variance, 1e-12);
        Assert.DoesNotContain("secret-scale", pool.Text, StringComparison.Ordinal);
        Assert.Contains(pool.At("suppressed")!.AsArray(),
            s => s.At("cell")!.GetValue<string>().EndsWith(".own.total.client.betweenClient", StringComparison.Ordinal));
        Assert.Empty((await service.Get("/meta/pool?source=sessions&level=all&outcomeMeasure=secret-scale")).Json["suppressed"]?.AsArray() ?? []);
    }

    private static async Task<Service> StartAsync(bool asRelease01 = false)
    {
        var service = await Service.StartAsync();
        service.Services.GetRequiredService<IOptions<DisclosureOptions>>().Value.CountsAsRelease01 = asRelease01;
        return service;
    }

    private static async Task<(string Name, string Value)> KeyAsync(Service service) =>
        ("X-API-Key", await ProductionService.CreateKeyAsync(service, Caller.DevelopmentTenant, [Scopes.SessionsWrite]));

    private static async Task SendAsync(Service service, (string, string)? key, string prefix, int patients)
    {
        for (var i = 0; i < patients; i++)
        {
            (await service.Post("/sessions", Session($"{prefix}{i}", i, Level(i), Level(i + 1)), key is { } known ? [known] : [])).ShouldBe(201);
        }
    }

    // Of the relationship; the outcome is eight times the level of the next patient.
    private static JsonObject Session(string patient, int index, double relationship, double outcome, string system = SessionTestData.SourceSystem)
    {
        var session = SessionTestData.RelationshipAndOutcome(patient, $"t{index % 3}", 1, relationship, outcome < 6 ? outcome * 8 : outcome);
        session["sourceSystem"] = system;
        return session;
    }

    private static double Correlation(int invented, double relationship, double outcome)
    {
        var contributions = Enumerable.Range(0, invented).Select(i => (Index: i, X: Level(i), Y: Level(i + 1) * 8))
            .Append((Index: 0, X: relationship, Y: outcome))
            .Select(p => PatientContribution.Between(new([.. Enumerable.Repeat((byte)(1 + (p.Index % 3)), 20)]), 1, [p.X, p.Y]));
        const string Cell = "sessionOutcome|rri-c-sf/total/client|ses/total/client|betweenClient|";
        return AssociationSums.FromContributions(Cell, contributions).Correlation(0.95)!.Z;
    }

    private static async Task<double?> ReleasedEffect(Service service) => (await Pool(service)) is { } pool ? pool.Number("studies/0/effect") : null;

    private static async Task<int?> ReleasedPatients(Service service) =>
        (await Pool(service)) is { } pool ? (int)pool.Number("studies/0/n") : null;

    private static async Task<ServiceResponse?> Pool(Service service) =>
        await service.Get("/meta/pool?source=sessions&level=betweenClient") is { Status: 200 } pool ? pool : null;
}
