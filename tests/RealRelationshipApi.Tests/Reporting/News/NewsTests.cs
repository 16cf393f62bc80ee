using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.News;

/// <summary><c>/meta/news</c> and <c>/meta/revisions</c> of two synthetic studies (revisions 1 and 2), three real ones (3 to 5), another result of a (6), no b
/// any more (7), a registered study (8), one of Italy (9) and a note (10).</summary>
public sealed class NewsTests(NewsTests.Walk walk) : IClassFixture<NewsTests.Walk>
{
    private readonly Service _service = walk.Service;

    [Fact]
    public async Task News_are_per_revision_newest_first_and_end_where_synthetic_evidence_gave_way_to_real_evidence()
    {
        var news = await News("");
        Assert.Equal([9, 8, 7, 6, 5, 4, 3], Revisions(news));
        Assert.Null(news.At("next"));
        Assert.Equal([2, 1], Revisions(await News("?asOf=2")));
        Assert.Equal([9, 8, 7, 6, 5, 4, 3, 2, 1], Revisions(await News("?synthetic=include")));
        Assert.Equal([9], Revisions(await News("?country=IT")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&estimator=dl&test=z")]
    [InlineData("&synthetic=include&dependence=aggregate&confidence=0.9")]
    [InlineData("&measure=raw")]
    [InlineData("&measure=correlation")]
    public async Task Numbers_before_and_after_are_those_of_the_pool(string question)
    {
        foreach (var item in Items(await News($"?limit=100{question}")))
        {
            var revision = item.At("revision")!.GetValue<long>();
            foreach (var (member, asOf) in new[] { ("before", revision - 1), ("after", revision) })
            {
                if (item.At(member) is { } pool)
                {
                    var expected = (await _service.Get($"/meta/pool?asOf={asOf}{question}")).ShouldBe(200);
                    Assert.Equal(asOf, pool.At("revision")!.GetValue<long>());
                    Assert.Equal(expected.At("pooled")!.ToJsonString(), pool.At("pooled")!.ToJsonString());
                    Assert.Equal(expected.At("correlation")?.ToJsonString(), pool.At("correlation")?.ToJsonString());
                    Assert.Equal(expected.At("heterogeneity")!.ToJsonString(), pool.At("heterogeneity")!.ToJsonString());
                }
            }

            Assert.Equal(revision > 3 || (question.Contains("include", StringComparison.Ordinal) && revision > 1), item.At("before") is not null);
        }
    }

    [Fact]
    public async Task Each_kind_of_change_has_its_sentence_with_numbers_in_APA_style()
    {
        string[] expected =
        [
            "Lee et al. (2020) was added (1 effect, n = 80) and moved the estimate from r = .55, 95% CI [−.36, .92], to r = .48, [.04, .76]; it now rests on "
                + "3 effects of 3 studies; the confidence interval now lies above 0.",
            "Kim (2019) was registered as eligible, without a usable coefficient; the estimate stays at r = .55, 95% CI [−.36, .92].",
            "Lee et al. (2020) was retracted (1 effect, n = 80) and moved the estimate from r = .50, 95% CI [.22, .71], to r = .55, [−.36, .92]; it "
                + "now rests on 2 effects of 2 studies; the confidence interval now includes 0; the confidence interval now includes a limit of the margin "
                + "of a negligible effect.",
            "Lee et al. (2020) was replaced by a new version (1 effect, n = 90) and moved the estimate from r = .41, 95% CI [−.17, .78], to r = "
                + ".50, [.22, .71]; the confidence interval now lies above 0; the confidence interval now lies above the margin of a negligible effect.",
            "Lee et al. (2020) was added (1 effect, n = 80) and moved the estimate from r = .30, 95% CI [−.80, .94], to r = .41, [−.17, .78]; it now rests on "
                + "3 effects of 3 studies.",
            "Lee et al. (2020) was added (1 effect, n = 80) and moved the estimate from r = .20, 95% CI [−.02, .40], to r = .30, [−.80, .94]; it now rests on "
                + "2 effects of 2 studies.",
            "Lee et al. (2020) was added (1 effect, n = 80) and gave the first estimate from real studies, r = .20, 95% CI [−.02, .40]; 2 synthetic effects "
                + "of the illustration are left out; it rests on 1 effect of 1 study.",
        ];
        Assert.Equal(expected, Items(await News("")).Select(item => item.At("sentence")!.GetValue<string>()));
    }

    [Fact]
    public async Task Sentences_at_a_switch_between_synthetic_and_real_evidence_say_what_the_estimate_is_of()
    {
        await using var service = await Service.StartAsync();
        async Task<string> Sentence(long revision, string question = "") =>
            (await service.Get($"/meta/news?limit=1&asOf={revision}{question}")).ShouldBe(200).String("news/0/sentence");
        var s1 = TestData.Study("s1", TestData.Effect(r: 0.3)).With("synthetic", true);
        await service.SubmitStudy(s1);
        await service.SubmitStudy(TestData.Study("s2", TestData.Effect(r: 0.5)).With("synthetic", true));
        (await service.Put("/studies/s1", s1.With("synthetic", false), ("If-Match", "*"))).ShouldBe(200);
        (await service.Delete("/studies/s1", ("If-Match", "*"))).ShouldBe(204);
        await service.SubmitStudy(TestData.Study("x", TestData.Effect(r: 0.2)));
        await service.SubmitStudy(TestData.Study("it1", TestData.Effect(r: 0.4)).With("country", "IT"));
        (await service.Delete("/studies/it1", ("If-Match", "*"))).ShouldBe(204);
        await service.SubmitStudy(TestData.Study("it2", TestData.Effect(r: 0.4)).With("country", "IT"));

        Assert.Equal("Lee et al. (2020) was added (1 effect, n = 80) and gave the first estimate from real studies, r = .30, 95% CI [.09, .49]; 1 synthetic "
            + "effect of the illustration is left out; it rests on 1 effect of 1 study.", await Sentence(3));
        Assert.Contains("1 synthetic effect is left out", (await service.Get("/meta/pool?asOf=3")).ShouldBe(200).Text, StringComparison.Ordinal);
        Assert.Equal("Lee et al. (2020) was retracted (1 effect, n = 80); no real evidence is left, and the estimate is now of synthetic studies, r = .50, "
            + "95% CI [.31, .65]; it rests on 1 effect of 1 study.", await Sentence(4));
        Assert.StartsWith("Lee et al. (2020) was added (1 effect, n = 80) and gave an estimate from real studies, r = .20, ", await Sentence(5),
            StringComparison.Ordinal);

        // A study outside the question.
        Assert.Equal("With Lee et al. (2020), of which no effect meets the question, real evidence took the place of synthetic evidence, so that there is no "
            + "estimate; 1 synthetic effect of the illustration is left out.", await Sentence(3, "&exclude=s1"));
        Assert.StartsWith("Lee et al. (2020), of which no effect met the question, was the last real study; no real evidence is left, and the estimate is now "
            + "of synthetic studies, r = .50, ", await Sentence(4, "&exclude=s1"), StringComparison.Ordinal);

        // A question that had lost its estimate.
        Assert.Contains(" and gave the first estimate from real studies, r = .40, ", await Sentence(6, "&country=IT"), StringComparison.Ordinal);
        Assert.Contains(", was the last estimate, and none is left.", await Sentence(7, "&country=IT"), StringComparison.Ordinal);
        Assert.Contains(" and gave an estimate from real studies, r = .40, ", await Sentence(8, "&country=IT"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_conclusions_say_what_was_and_is()
    {
        var changes = Items(await News("")).ToDictionary(item => item.At("revision")!.GetValue<long>(),
            item => item.At("conclusionChanged")!.AsArray().Select(change => string.Join(' ', change!.AsObject().Select(member => member.Value))));
        Assert.Equal(["zero includes above interval", "margin includes above interval"], changes[6]);
        Assert.Equal(["zero above includes interval", "margin above includes interval"], changes[7]);
        Assert.Empty(changes[8]);
        // Against a margin of its own.
        Assert.Contains("\"what\":\"margin\"", (await News("?asOf=6&limit=1")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"what\":\"margin\"", (await News("?asOf=6&limit=1&equivalence=0.5")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_news_of_a_revision_are_the_same_whatever_came_since_and_however_they_are_paged()
    {
        var all = Items(await News("")).ToDictionary(item => item.At("revision")!.GetValue<long>(), item => item.ToJsonString());
        Assert.Equal(all[7], Items(await News("?asOf=7"))[0].ToJsonString());
        var (paged, next) = (new List<string>(), "");
        do
        {
            var page = await News($"?limit=3{next}&estimator=reml");
            paged.AddRange(Items(page).Select(item => item.ToJsonString()));
            Assert.Equal(page.At("next") is null, page.Header("Link") is null);
            next = page.At("next") is { } cursor ? $"&cursor={cursor}" : "";
        }
        while (next.Length > 0);
        Assert.Equal(all.Values, paged);
    }

    [Fact]
    public async Task Revisions_have_instants_changes_and_numbers_of_studies()
    {
        var all = (await _service.Get("/meta/revisions")).ShouldBe(200);
        string[] rows = [.. all.At("revisions")!.AsArray().Select(row =>
            string.Join(' ', row.At("revision"), row.At("change"), row.At("study"), row.At("studies")))];
        Assert.Equal(
            ["10 replaced it 5", "9 submitted it 5", "8 submitted kim 4", "7 retracted b 4", "6 replaced a 5", "5 submitted c 5", "4 submitted b 4",
                "3 submitted a 3", "2 submitted s2 2", "1 submitted s1 1"], rows);
        Assert.Equal((await _service.Get("/meta/pool?asOf=4")).String("data/asOf"), all.String("revisions/6/recordedAt"));
        Assert.Null(all.At("next"));

        var page = (await _service.Get("/meta/revisions?limit=4")).ShouldBe(200);
        var second = (await _service.Get($"/meta/revisions?limit=4&cursor={page.String("next")}")).ShouldBe(200);
        Assert.Equal(all.At("revisions")!.AsArray().Skip(4).Take(4).Select(row => row!.ToJsonString()),
            second.At("revisions")!.AsArray().Select(row => row!.ToJsonString()));
        Assert.Equal(304, (await _service.Get("/meta/revisions?limit=4", ("If-None-Match", page.ETag!))).Status);
    }

    [Theory]
    [InlineData("/meta/news?cursor=nonsense", "?cursor", 400)]
    [InlineData("/meta/news?cursor=!", "?cursor", 400)]
    [InlineData("/meta/revisions?cursor=nonsense", "?cursor", 400)]
    [InlineData("/meta/news?limit=0", "?limit", 422)]
    [InlineData("/meta/news?limit=101", "?limit", 422)]
    [InlineData("/meta/news?estimator=dl&dependence=threeLevel", "?estimator", 422)]
    public async Task Faults_are_named(string path, string pointer, int status) =>
        Assert.Contains(pointer, (await _service.Get(path)).ShouldBeProblem(status).Errors.Select(error => error.Split(' ')[0]));

    private async Task<ServiceResponse> News(string query) => (await _service.Get($"/meta/news{query}")).ShouldBe(200);

    private static JsonNode[] Items(ServiceResponse news) => [.. news.At("news")!.AsArray().Select(item => item!)];

    private static IEnumerable<long> Revisions(ServiceResponse news) => Items(news).Select(item => item.At("revision")!.GetValue<long>());

    public sealed class Walk : SharedService
    {
        protected override async Task SeedAsync()
        {
            await Service.SubmitStudy(TestData.Study("s1", TestData.Effect(r: 0.3)).With("synthetic", true));
            await Service.SubmitStudy(TestData.Study("s2", TestData.Effect(r: 0.5)).With("synthetic", true));
            await Service.SubmitStudy(TestData.Study("a", TestData.Effect(r: 0.2)));
            await Service.SubmitStudy(TestData.Study("b", TestData.Effect(r: 0.4)));
            await Service.SubmitStudy(TestData.Study("c", TestData.Effect(r: 0.6)));
            await Replace(TestData.Study("a", TestData.Effect(r: 0.5, n: 90)));
            (await Service.Delete("/studies/b", ("If-Match", "*"))).ShouldBe(204);
            var kim = TestData.Study("kim").With("citation/authors", "Kim").With("citation/year", 2019).With("kind", "registered")
                .With("registered", new JsonObject { ["state"] = "notReported", ["direction"] = "unknown" });
            kim["effects"] = new JsonArray();
            await Service.SubmitStudy(kim);
            await Service.SubmitStudy(TestData.Study("it", TestData.Effect(r: 0.3)).With("country", "IT"));
            await Replace(TestData.Study("it", TestData.Effect(r: 0.3)).With("country", "IT").With("note", "Seen again"));
        }

        private async Task Replace(JsonObject study) => (await Service.Put($"/studies/{study["key"]}", study, ("If-Match", "*"))).ShouldBe(200);
    }
}
