using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>Five studies of different years, kinds and spellings.</summary>
public sealed class StudiesToFind : SharedService
{
    public long RevisionOfThird { get; private set; }

    protected override async Task SeedAsync()
    {
        await Service.SubmitStudy(Study("gelso-2005", 2005, "Gelso, C. J., & Kelley, F. A.", "The Real Relationship Inventory: Therapist form",
            ("journal", "Psychotherapy"), ("doi", "10.1037/0022-0167.52.4.640")));
        await Service.SubmitStudy(Study("lo-coco-2011", 2011, "Lo Coco, G., Gull\u00F2, S., & Prestano, C.",
            "The real relationship and the client\u2019s attachment \u2013 outcome"));
        await Service.SubmitStudy(Study("muller-2018", 2018, "M\u00FCller, \u00D8., & Stra\u00DFer, K.", "100%_Realism", ("journal", "\u00C9tudes")));
        RevisionOfThird = await Service.EvidenceRevision();
        var registered = Study("another-2018", 2018, "Gelso, C. J.", "A registered one");
        (registered["kind"], registered["effects"]) = ("registered", new JsonArray());
        registered["registered"] = new JsonObject { ["state"] = "awaitingData", ["direction"] = "unknown" };
        await Service.SubmitStudy(registered);
        await Service.SubmitStudy(Study("old-1999", 1999, "Old, A.", "Retracted"));
        (await Service.Delete("/studies/old-1999", ("If-Match", "*"))).ShouldBe(204);
        (await Service.Put("/studies/gelso-2005", Study("gelso-2005", 2006, "Gelso, C. J., & Kelley, F. A.", "The Real Relationship Inventory: Therapist form",
            ("journal", "Psychotherapy"), ("doi", "10.1037/0022-0167.52.4.640")), ("If-Match", "*"))).ShouldBe(200);
    }

    private static JsonObject Study(string key, int year, string authors, string title, params (string Name, string Value)[] more)
    {
        var study = TestData.Study(key);
        study["citation"] = new JsonObject { ["authors"] = authors, ["year"] = year, ["title"] = title };
        foreach (var (name, value) in more)
        {
            study["citation"]![name] = value;
        }

        return study;
    }
}

/// <summary>Filter, search, order and paging of <c>GET /studies</c>.</summary>
public sealed class StudySearchTests(StudiesToFind seeded) : IClassFixture<StudiesToFind>
{
    [Theory]
    [InlineData("q=GELSO", "another-2018 gelso-2005")]
    [InlineData("q=gelso+real", "gelso-2005")]
    [InlineData("q=gullo", "lo-coco-2011")]
    [InlineData("q=Gull%C3%B2", "lo-coco-2011")]
    [InlineData("q=Gullo%CC%80", "lo-coco-2011")]
    [InlineData("q=muller", "muller-2018")]
    [InlineData("q=strasser+etudes", "muller-2018")]
    [InlineData("q=client's+-", "lo-coco-2011")]
    [InlineData("q=100%25_", "muller-2018")]
    [InlineData("q=0%25r", "")]
    [InlineData("q=_", "muller-2018")]
    [InlineData("q=doi:10.1037/0022-0167.52.4.640", "gelso-2005")]
    [InlineData("q=https://doi.org/10.1037/0022-0167.52.4.640", "gelso-2005")]
    [InlineData("q='%20OR%201=1%20--", "")]
    [InlineData("q=2018", "another-2018 muller-2018")]
    [InlineData("kind=registered", "another-2018")]
    [InlineData("kind=registered&kind=primary&sort=-key", "muller-2018 lo-coco-2011 gelso-2005 another-2018")]
    [InlineData("status=retracted", "old-1999")]
    [InlineData("status=retracted&status=accepted&sort=year", "old-1999 gelso-2005 lo-coco-2011 another-2018 muller-2018")]
    [InlineData("status=pending", "")]
    [InlineData("sort=-year", "another-2018 muller-2018 lo-coco-2011 gelso-2005")]
    [InlineData("sort=recorded", "lo-coco-2011 muller-2018 another-2018 gelso-2005")]
    [InlineData("sort=-recorded", "gelso-2005 another-2018 muller-2018 lo-coco-2011")]
    [InlineData("since=3&sort=recorded", "another-2018 gelso-2005")]
    [InlineData("since=2&sort=key", "another-2018 gelso-2005 muller-2018")]
    [InlineData("since=99", "")]
    public async Task Studies_are_found_and_sorted(string query, string keys)
    {
        Assert.Equal(3, seeded.RevisionOfThird);
        var found = (await seeded.Service.Get($"/studies?{query}")).ShouldBe(200);
        Assert.Equal(keys, string.Join(' ', Keys(found)));
    }

    [Theory]
    [InlineData("sort=key")]
    [InlineData("sort=-key")]
    [InlineData("sort=recorded")]
    [InlineData("sort=-recorded&kind=primary&status=accepted&status=retracted")]
    [InlineData("sort=year")]
    [InlineData("sort=-year&q=e")]
    public async Task The_cursor_walks_every_order_once(string query)
    {
        var whole = Keys((await seeded.Service.Get($"/studies?{query}")).ShouldBe(200)).ToList();
        Assert.True(whole.Count >= 4);
        var walked = new List<string>();
        for (var path = $"/studies?{query}&limit=1"; path is not null;)
        {
            var page = (await seeded.Service.Get(path)).ShouldBe(200);
            walked.AddRange(Keys(page));
            path = page.Header("Link") is { } link ? link[1..link.IndexOf('>')] : null;
            Assert.True(walked.Count <= whole.Count);
        }

        Assert.Equal(whole, walked);
    }

    [Fact]
    public async Task A_cursor_belongs_to_its_filter_and_order()
    {
        var cursor = (await seeded.Service.Get("/studies?limit=1&sort=year")).ShouldBe(200).String("next");
        (await seeded.Service.Get($"/studies?limit=2&sort=year&cursor={cursor}")).ShouldBe(200);
        foreach (var other in new[] { "", "sort=key", "sort=-year", "sort=year&q=gelso", "sort=year&since=1" })
        {
            Assert.Equal(["?cursor notAValue"], (await seeded.Service.Get($"/studies?{other}&cursor={cursor}")).ShouldBeProblem(400).Errors);
        }
    }

    [Theory]
    [InlineData("q=", "?q notAValue", 400)]
    [InlineData("q=%20%CC%80", "?q notAValue", 400)]
    [InlineData("q=a+b+c+d+e+f+g+h+i+j+k", "?q notAValue", 400)]
    [InlineData("status=open", "?status notAValue", 400)]
    [InlineData("kind=book", "?kind notAValue", 400)]
    [InlineData("sort=title", "?sort notAValue", 400)]
    [InlineData("sort=key&sort=year", "?sort repeated", 400)]
    [InlineData("since=-1", "?since outOfRange", 422)]
    [InlineData("since=yesterday", "?since notAValue", 400)]
    public async Task An_invalid_question_is_refused(string query, string error, int status) =>
        Assert.Equal([error], (await seeded.Service.Get($"/studies?{query}")).ShouldBeProblem(status).Errors);

    [Fact]
    public async Task A_search_text_is_limited() =>
        Assert.Equal(["?q notAValue"], (await seeded.Service.Get($"/studies?q={new string('a', 201)}")).ShouldBeProblem(400).Errors);

    [Theory]
    [InlineData("%00")]
    [InlineData("%EF%BF%BE")]
    [InlineData("a%ED%A0%80")]
    public async Task Odd_characters_are_searched_or_refused(string text) =>
        Assert.InRange((await seeded.Service.Get($"/studies?q={text}")).Status, 200, 400);

    // A study that waits shows the revision at which it was sent, and came after it.
    [Fact]
    public async Task A_pending_study_is_later_than_the_revision_that_it_shows()
    {
        await using var service = await Service.StartAsync(("Evidence__Review", "true"), ("Evidence__SelfReview", "true"));
        await service.SubmitStudy(TestData.Study("first"));
        (await service.PostText("/studies/first/review", """{ "decision": "accept" }""")).ShouldBe(200);
        await service.SubmitStudy(TestData.Study("second"));
        Assert.Equal(["second"], Keys(await service.Get("/studies?since=1")));
        Assert.Equal(["second"], Keys(await service.Get("/studies?status=pending&sort=recorded")));
        Assert.Equal(["first", "second"], Keys(await service.Get("/studies?since=0")));
        Assert.Empty(service.FindIntegrityErrors());
    }

    private static IEnumerable<string> Keys(ServiceResponse response) =>
        response.At("studies")!.AsArray().Select(study => study.At("key")!.GetValue<string>());
}
