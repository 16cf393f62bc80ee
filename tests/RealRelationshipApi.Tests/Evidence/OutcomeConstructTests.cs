using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Evidence;

/// <summary>An association with the alliance or with satisfaction is none with an outcome, whatever a study calls it.</summary>
public sealed class OutcomeConstructTests(OutcomeConstructTests.Store store) : IClassFixture<OutcomeConstructTests.Store>
{
    [Theory]
    [InlineData("", "ors phq")]
    [InlineData("&outcomeConstruct=outcome", "ors phq")]
    [InlineData("&outcomeConstruct=alliance", "srs")]
    [InlineData("&outcomeConstruct=satisfaction", "csq")]
    [InlineData("&outcomeConstruct=all", "csq ors phq srs")]
    [InlineData("&defaults=0.1", "csq ors phq srs")]
    [InlineData("&defaults=0.1&outcomeConstruct=outcome", "ors phq")]
    public async Task Pools_are_of_one_construct_unless_asked_otherwise(string query, string studies)
    {
        var pool = (await store.Service.Get($"/meta/pool?outcomeType=treatmentOutcome{query}")).ShouldBe(200);
        Assert.Equal(studies, string.Join(' ', pool.At("studies")!.AsArray().Select(s => s.At("study")!.GetValue<string>()).Order(StringComparer.Ordinal)));
        Assert.Equal(4 - studies.Split(' ').Length, pool.At("excluded")!.AsArray().Sum(e => e.At("count")!.GetValue<int>()));
    }

    [Theory]
    [InlineData("srs", "SRS", "allianceAsOutcome")]
    [InlineData("csq", "csq-8", "satisfactionAsOutcome")]
    [InlineData("ors", "ors", null)]
    public async Task A_submitter_is_warned(string key, string measure, string? code)
    {
        var answer = (await store.Service.Post("/studies?validateOnly=true", TestData.Study(key + "-2", TestData.Effect().With("outcomeMeasure", measure))))
            .ShouldBe(200);
        Assert.Equal(code is null ? [] : new[] { code }, answer.Warnings.Where(w => w.EndsWith("AsOutcome", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_is_a_moderator()
    {
        var answer = (await store.Service.Get("/meta/moderators?by=outcomeConstruct&outcomeConstruct=all")).ShouldBe(200);
        Assert.Equal(["alliance", "outcome", "satisfaction"], answer.At("moderators/0/levels")!.AsArray().Select(l => l.At("level")!.GetValue<string>()));
    }

    /// <summary>Four studies, of an outcome each.</summary>
    public sealed class Store : IAsyncLifetime
    {
        internal Service Service { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Service = await Service.StartAsync();
            foreach (var (key, measure) in new[] { ("ors", "ors"), ("phq", "PHQ-9"), ("srs", "SRS"), ("csq", "csq-8") })
            {
                await Service.SubmitStudy(TestData.Study(key, TestData.Effect().With("outcomeMeasure", measure).With("sample", key)
                    .With("outcomeType", "treatmentOutcome")));
            }
        }

        public ValueTask DisposeAsync() => Service.DisposeAsync();
    }
}
