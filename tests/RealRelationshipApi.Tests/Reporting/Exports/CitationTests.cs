using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Exports;

/// <summary>Citations, and the permanent links in them.</summary>
public sealed class CitationTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync();
        await _service.SubmitStudy(TestData.Study("a", TestData.Effect(0.3)));
        await _service.SubmitStudy(TestData.Study("b", TestData.Effect(0.5)));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Each_format_names_revision_fingerprint_and_permalink()
    {
        var fingerprint = (await _service.Get("/meta/pool?test=z")).String("data/fingerprint");
        foreach (var (path, type) in new[] { ("bib", "application/x-bibtex"), ("ris", "application/x-research-info-systems"),
            ("json", "application/vnd.citationstyles.csl+json") })
        {
            var answer = (await _service.Get($"/meta/citation.{path}?test=z")).ShouldBe(200);
            Assert.Equal(type, answer.MediaType);
            Assert.Contains("Evidence revision 2", answer.Text, StringComparison.Ordinal);
            Assert.Contains(fingerprint, answer.Text, StringComparison.Ordinal);
            Assert.Contains($"{_service.Client.BaseAddress}?test=z&asOf=2", answer.Text, StringComparison.Ordinal);
            Assert.Equal(answer.Text, (await _service.Get("/meta/citation?test=z", ("Accept", type))).Text);
        }
    }

    [Fact]
    public async Task Formats_are_readable_by_reference_managers()
    {
        Assert.Matches("^@misc\\{[a-z0-9-]+,\n( {2}\\w+ += \\{.*\\},?\n)+\\}\n$", (await _service.Get("/meta/citation.bib")).Text);
        var ris = (await _service.Get("/meta/citation.ris")).Text.Split("\r\n");
        Assert.Equal("TY  - DATA", ris[0]);
        Assert.Equal(["ER  - ", ""], ris[^2..]);
        Assert.All(ris[..^1], line => Assert.Matches("^[A-Z][A-Z0-9]  - ", line));
        var csl = (await _service.Get("/meta/citation.json")).Json.AsArray().Single();
        Assert.Equal("dataset", csl.At("type")!.GetValue<string>());
        Assert.Equal("RealRelationshipApi", csl.At("author/0/literal")!.GetValue<string>());
        Assert.Equal(3, csl.At("issued/date-parts/0")!.AsArray().Count);
    }

    [Fact]
    public async Task A_permalink_answers_the_same_after_new_evidence()
    {
        var link = new Uri((await _service.Get("/meta/report?test=z")).String("permalink")).PathAndQuery;
        var before = (await _service.Get($"/meta/pool{link[1..]}")).ShouldBe(200);
        await _service.SubmitStudy(TestData.Study("c", TestData.Effect(0.9)));
        Assert.Equal(before.Text, (await _service.Get($"/meta/pool{link[1..]}")).Text);
        Assert.Contains("<span class=\"r\">r = .40", (await _service.Get(link)).ShouldBe(200).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<span class=\"r\">r = .40", (await _service.Get("/")).Text, StringComparison.Ordinal);
    }
}
