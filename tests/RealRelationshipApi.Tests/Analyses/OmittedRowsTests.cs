using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses;

/// <summary>Long lists are left out of JSON by default: selected, or as CSV, they are complete.</summary>
public sealed class OmittedRowsTests(OmittedRowsTests.FewRows shared) : IClassFixture<OmittedRowsTests.FewRows>
{
    private readonly Service _service = shared.Service;

    [Theory]
    [InlineData("/meta/pool", "studies")]
    [InlineData("/meta/pool?asOf=39&estimator=dl", "studies")]
    [InlineData("/meta/sensitivity", "leaveOneOut influence cumulative shrunken")]
    [InlineData("/meta/diagnostics?subsets=100", "baujat radial.points")]
    [InlineData("/meta/bayes", "studies")]
    public async Task Long_lists_are_empty_with_a_link_to_all_of_their_rows(string path, string lists)
    {
        var answer = (await _service.Get(path)).ShouldBe(200);
        Assert.Equal(lists.Split(' '), answer.At("omitted")!.AsArray().Select(o => o.At("member")!.GetValue<string>()));
        Assert.Contains("rowsOmitted", answer.At("warnings")!.AsArray().Select(w => w.At("code")!.GetValue<string>()));
        foreach (var omitted in answer.At("omitted")!.AsArray())
        {
            var member = omitted.At("member")!.GetValue<string>();
            Assert.Empty(answer.At(member.Replace('.', '/'))!.AsArray());
            var csv = (await _service.Get(new Uri(omitted.At("csv")!.GetValue<string>()).PathAndQuery)).ShouldBe(200);
            Assert.Equal("text/csv", csv.MediaType);
            Assert.Equal(omitted.At("rows")!.GetValue<int>(), csv.Text.TrimEnd('\n').Split('\n').Length - 1);
            Assert.Equal(16, omitted.At("rows")!.GetValue<int>());
        }

        // The rest is as with all rows.
        var whole = (await shared.Whole.Get(path)).ShouldBe(200);
        foreach (var (name, value) in whole.Json.AsObject().Where(m => m.Key is not ("warnings" or "data") && !lists.Contains(m.Key, StringComparison.Ordinal)))
        {
            var given = answer.At(name);
            if (name == "gosh")
            {
                // The services have different addresses.
                Assert.True(value!.AsObject().Remove("csv") && given!.AsObject().Remove("csv"));
            }

            Assert.True(JsonNode.DeepEquals(value, given), name);
        }

        Assert.Null(whole.Json["omitted"]);
    }

    /// <summary>In every order of requests: selections and the whole are cached apart.</summary>
    [Theory]
    [InlineData("/meta/pool?rho=0.41", "studies.r")]
    [InlineData("/meta/sensitivity?rho=0.42", "influence")]
    [InlineData("/meta/diagnostics?subsets=101", "radial")]
    public async Task Selected_lists_are_complete(string path, string select)
    {
        foreach (var (query, rows) in new[] { ($"&select={select}", 16), ("", 0), ($"&select={select},counts", 16), ($"&select={select}", 16), ("", 0) })
        {
            var answer = (await _service.Get(path + query)).ShouldBe(200);
            var list = answer.At(select.Split('.')[0]) is JsonObject parent ? parent["points"]! : answer.At(select.Split('.')[0])!;
            Assert.Equal(rows, list.AsArray().Count);
        }

        var without = (await _service.Get($"{path}&select=omitted,warnings.code")).ShouldBe(200);
        Assert.NotEmpty(without.At("omitted")!.AsArray());
        (await _service.Get(new Uri(without.At("omitted/0/csv")!.GetValue<string>()).PathAndQuery)).ShouldBe(200);
    }

    [Fact]
    public async Task Effects_in_the_body_have_rows_by_selection_alone()
    {
        var effects = new JsonArray([.. Enumerable.Range(0, 12).Select(i => new JsonObject { ["r"] = 0.1 + (0.03 * i), ["n"] = 40 + i })]);
        var answer = (await _service.Post("/meta/pool", new JsonObject { ["effects"] = effects.DeepClone() })).ShouldBe(200);
        Assert.Empty(answer.At("studies")!.AsArray());
        Assert.Null(answer.At("omitted/0")!["csv"]);
        var selected = (await _service.Post("/meta/pool?select=studies", new JsonObject { ["effects"] = effects.DeepClone() })).ShouldBe(200);
        Assert.Equal(12, selected.At("studies")!.AsArray().Count);
        effects.RemoveAt(11);
        effects.RemoveAt(10);
        var few = (await _service.Post("/meta/pool", new JsonObject { ["effects"] = effects.DeepClone() })).ShouldBe(200);
        Assert.Equal(10, few.At("studies")!.AsArray().Count);
        Assert.Null(few.Json["omitted"]);
    }

    [Fact]
    public async Task Reports_and_pictures_have_all_rows() =>
        Assert.Equal((await shared.Whole.Get("/meta/forest.svg")).ShouldBe(200).Text, (await _service.Get("/meta/forest.svg")).ShouldBe(200).Text);

    /// <summary>The demonstration data, with lists of up to 10 rows, and with all.</summary>
    public sealed class FewRows : IAsyncLifetime
    {
        internal Service Service { get; private set; } = null!;

        internal Service Whole { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Service = await Service.StartAsync(("Demo__Load", "true"), ("Limits__MaxDefaultRows", "10"));
            Whole = await Service.StartAsync(("Demo__Load", "true"));
        }

        public async ValueTask DisposeAsync()
        {
            await Service.DisposeAsync();
            await Whole.DisposeAsync();
        }
    }
}
