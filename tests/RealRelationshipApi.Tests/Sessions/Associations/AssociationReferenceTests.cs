using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Associations;

/// <summary>Numbers computed elsewhere (R's rmcorr and cor), through the door.</summary>
public sealed class AssociationReferenceTests
{
    private static readonly double[][] s_x = [[3, 3.25, 3.5, 3.75], [4, 4, 4.25, 4.5], [2.5, 2.75, 2.5, 3], [3.5, 3.25, 3.75, 4]];
    private static readonly double[][] s_y = [[3.2, 3.4, 3.6, 4], [4.2, 4, 4.4, 4.6], [3, 2.8, 3, 3.4], [3.6, 3.4, 4, 4.2]];

    [Fact]
    public async Task Four_clients_with_four_sessions()
    {
        await using var service = await Service.StartAsync();
        (await service.PostSessions([.. Sessions("ses", y => y)])).ShouldBe(201);
        var associations = await service.GetAssociations();
        var raw = associations.SingleAssociation("withinClient", "raw");
        Assert.Equal(0.9158882, raw.At("r")!.GetValue<double>(), 5e-8);
        Assert.Equal(0.7366432, raw.At("lower")!.GetValue<double>(), 5e-8);
        Assert.Equal(0.9748994, raw.At("upper")!.GetValue<double>(), 5e-8);
        Assert.Equal(11, raw.At("df")!.GetValue<double>());
        Assert.Equal((4, 1, 16), (raw.At("patients")!.GetValue<int>(), raw.At("therapists")!.GetValue<int>(), raw.At("sessions")!.GetValue<int>()));
        var means = associations.SingleAssociation("betweenClient", "observedMeans");
        Assert.Equal(0.9977961, means.At("r")!.GetValue<double>(), 5e-8);
        Assert.Equal(2, means.At("df")!.GetValue<double>());
        Assert.False(means.At("released")!.GetValue<bool>());
        Assert.Equal("tooFewPatients", means.At("suppressedBecause")!.GetValue<string>());
        Assert.Equal("basisNotReleased", raw.At("suppressedBecause")!.GetValue<string>());
    }

    [Fact]
    public async Task An_outcome_where_higher_is_worse_is_sign_reversed_before_correlating()
    {
        await using var service = await Service.StartAsync();
        await Declare(service, "distress", "worse");
        (await service.PostSessions([.. Sessions("distress", y => 10 - y)])).ShouldBe(201);
        Assert.Equal(0.9158882, (await service.GetAssociations()).SingleAssociation("withinClient", "raw", "distress").At("r")!.GetValue<double>(), 5e-8);
    }

    [Fact]
    public async Task Measures_are_paired_by_session_key_not_by_time()
    {
        await using var service = await Service.StartAsync();
        foreach (var session in Sessions("ses", y => y))
        {
            // The outcome of a session comes a day late and on its own.
            var late = session.With("measures", new JsonArray(session.At("measures/1")!.DeepClone()))
                .With("occurredAt", session.At("occurredAt")!.GetValue<string>().Replace("T10:", "T23:", StringComparison.Ordinal));
            (await service.PostSessions(session.With("measures", new JsonArray(session.At("measures/0")!.DeepClone())), late)).ShouldBe(201);
        }

        Assert.Equal(0.9158882, (await service.GetAssociations()).SingleAssociation("withinClient", "raw").At("r")!.GetValue<double>(), 5e-8);
    }

    [Fact]
    public async Task Above_the_bootstrap_limit_a_latent_correlation_has_no_interval_and_a_warning()
    {
        await using var service = await Service.StartAsync();
        (await service.PostSessions([.. Sessions("ses", y => y, clients: 12)])).ShouldBe(201);
        var few = (await service.Get("/associations")).ShouldBe(200);
        var options = service.Services.GetRequiredService<IOptions<AssociationOptions>>().Value;
        options.MaxBootstrapPatients = 12;
        Assert.Equal(few.Text, (await service.Get("/associations")).Text);
        options.MaxBootstrapPatients = 11;
        var many = (await service.Get("/associations")).ShouldBe(200);
        Assert.Contains("noLatentInterval", many.Text, StringComparison.Ordinal);
        var latent = many.At("associations")!.AsArray().SingleAssociation("betweenClient", "latent");
        // Beyond 1 there is no correlation, and the interval ends there.
        var beyond = few.At("associations")!.AsArray().SingleAssociation("betweenClient", "latent");
        Assert.Null(beyond.At("r"));
        Assert.True(beyond.At("outsideRange")!.GetValue<bool>());
        Assert.Contains("\"outsideRange\"", few.At("warnings")!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal((true, 1), (beyond.At("lower")!.GetValue<double>() <= 1, beyond.At("upper")!.GetValue<double>()));
        Assert.Null(latent.At("lower"));
        Assert.Null(latent.At("upper"));
        // Nothing else is another.
        var known = few.Json.DeepClone();
        foreach (var name in new[] { "lower", "upper", "replicatesOutsideRange" })
        {
            known.At("associations")!.AsArray().SingleAssociation("betweenClient", "latent")[name] = null;
        }

        Assert.Equal(known.At("associations")!.ToJsonString(), many.At("associations")!.ToJsonString());
        (await service.Get("/associations?window=allMean")).ShouldBe(200);
    }

    private static IEnumerable<JsonObject> Sessions(string outcome, Func<double, double> scored, int clients = 4) =>
        from client in Enumerable.Range(0, clients)
        from session in Enumerable.Range(0, 4)
        select SessionTestData.RelationshipAndOutcome($"p{client}", "t1", session + 1, s_x[client % 4][session], scored(s_y[client % 4][session]), outcome);

    private static async Task Declare(Service service, string code, string direction) => (await service.Post("/instruments", new JsonObject
    {
        ["code"] = code, ["name"] = "Distress after sessions", ["construct"] = "sessionOutcome", ["raters"] = new JsonArray("client"),
        ["direction"] = direction,
        ["scales"] = new JsonArray(new JsonObject { ["name"] = "total", ["aggregation"] = "mean", ["minimum"] = 0, ["maximum"] = 10 }),
    })).ShouldBe(201);
}
