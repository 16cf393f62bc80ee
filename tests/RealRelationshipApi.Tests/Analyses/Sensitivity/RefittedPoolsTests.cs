using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Sensitivity;

/// <summary>Rows of a sensitivity analysis that are the pool of all effects under the same model.</summary>
public sealed class RefittedPoolsTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Theory]
    [InlineData("")]
    [InlineData("dependence=aggregate&estimator=pm")]
    [InlineData("dependence=independent&test=z")]
    public async Task A_subset_is_the_pool_of_its_own_effects(string model)
    {
        var pool = (await _service.Get($"/meta/pool?{model}")).ShouldBe(200);
        var answer = (await _service.Get($"/meta/sensitivity?{model}")).ShouldBe(200);
        var subsets = answer.At("subsets")!.AsArray().Where(subset => subset!.At("pooled") is not null).ToList();
        Assert.Contains(subsets, subset => subset.At("counts/effects")!.GetValue<int>() < 16);
        Assert.All(subsets, subset => Assert.Equal(subset.At("counts/effects")!.GetValue<int>() == 16,
            subset.At("pooled/effect")!.GetValue<double>() == pool.Number("pooled/effect")
                && subset.At("pooled/lower")!.GetValue<double>() == pool.Number("pooled/lower")));
    }

    [Theory]
    [InlineData(0.6)]
    [InlineData(0.3)]
    public async Task The_row_of_the_rho_asked_for_is_the_pool(double rho)
    {
        var question = new JsonObject
        {
            ["effects"] = new JsonArray([.. Enumerable.Range(0, 12).Select(i => new JsonObject
            {
                ["r"] = 0.2 + (0.07 * (i % 5)), ["n"] = 40 + (9 * i), ["sample"] = $"s{i / 2}",
            })]),
            ["model"] = new JsonObject { ["rho"] = rho },
        };
        var pool = (await _service.PostText("/meta/pool", question.ToJsonString())).ShouldBe(200);
        var answer = (await _service.PostText("/meta/sensitivity", question.ToJsonString())).ShouldBe(200);
        var rows = answer.At("rho")!.AsArray();
        Assert.Equal(10, rows.Select(row => row.At("effect")!.GetValue<double>()).Distinct().Count());
        var same = rows.Single(row => row.At("rho")!.GetValue<double>() == rho);
        Assert.Equal(pool.Number("pooled/effect"), same.At("effect")!.GetValue<double>());
        Assert.Equal(pool.Number("pooled/standardError"), same.At("standardError")!.GetValue<double>());
        var estimators = answer.At("estimators")!.AsArray();
        Assert.Equal(pool.Number("pooled/lower"), estimators.Single(row => row.At("estimator")!.GetValue<string>() == "reml").At("lower")!.GetValue<double>());
    }
}
