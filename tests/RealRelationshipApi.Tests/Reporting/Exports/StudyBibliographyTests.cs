using System.Text.Json.Nodes;

using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Exports;

/// <summary>Four pooled studies, two of one publication, and a registered one.</summary>
public sealed class CitedStudies : SharedService
{
    protected override async Task SeedAsync()
    {
        var article = new JsonObject
        {
            ["journal"] = "Psychotherapy", ["volume"] = "52", ["issue"] = "4", ["pages"] = "434–444", ["doi"] = "10.1037/cou_0000012",
            ["pmid"] = "29698027", ["url"] = "https://example.org/{a}",
        };
        await Service.SubmitStudy(Study("zeta-2015", 0.3, "Kivlighan, D. M., Jr., Gelso, C. J., & Van Der Horn, R.", 2015,
            @"50% of {all} $ & #1_a ^~\ Größe", article));
        await Service.SubmitStudy(Study("alpha-2015", 0.4, "Kivlighan et al.", 2015, "The same paper", new() { ["doi"] = "10.1037/COU_0000012" }));
        await Service.SubmitStudy(Study("beta-2009", 0.2, "Marmarosh, C. L., et al.", 2009, "Another"));
        await Service.SubmitStudy(Study("site", 0.1, "Ministry of Health and Care", 2020, "A report"));
        var registered = Study("registered-2011", 0.3, "Fuertes, J. N., & Owen, J.", 2011, "Registered");
        (registered["kind"], registered["effects"]) = ("registered", new JsonArray());
        registered["registered"] = new JsonObject { ["state"] = "notReported", ["direction"] = "unknown" };
        await Service.SubmitStudy(registered);
        await Service.SubmitStudy(Study("gone-2001", 0.3, "Gone, A.", 2001, "Retracted"));
        (await Service.Delete("/studies/gone-2001", ("If-Match", "*"))).ShouldBe(204);
    }

    private static JsonObject Study(string key, double r, string authors, int year, string title, JsonObject? more = null)
    {
        var study = TestData.Study(key, TestData.Effect(r).With("outcomeType", key == "site" ? "sessionOutcome" : "treatmentOutcome"));
        var citation = more ?? [];
        (citation["authors"], citation["year"], citation["title"]) = (authors, year, title);
        study["citation"] = citation;
        return study;
    }
}

/// <summary>The bibliography of the pooled and the registered studies.</summary>
public sealed class StudyBibliographyTests(CitedStudies cited) : IClassFixture<CitedStudies>
{
    [Fact]
    public async Task BibTeX_escapes_what_it_would_read_otherwise()
    {
        var bib = (await cited.Service.Get("/meta/citation.bib?of=studies")).ShouldBe(200);
        Assert.Equal("application/x-bibtex", bib.MediaType);
        Assert.Equal(["registered-2011", "alpha-2015", "beta-2009", "site"],
            bib.Text.Split('\n').Where(line => line.StartsWith('@')).Select(line => line[(line.IndexOf('{') + 1)..^1]));
        Assert.Contains("author   = {Marmarosh, C. L. and others}", bib.Text, StringComparison.Ordinal);
        Assert.Contains("author   = {{Ministry of Health and Care}}", bib.Text, StringComparison.Ordinal);
        Assert.Contains("note     = {Registered, without a usable coefficient (notReported)}", bib.Text, StringComparison.Ordinal);

        var article = (await cited.Service.Get("/meta/citation.bib?of=studies&exclude=alpha-2015")).ShouldBe(200).Text.Split("\n\n")
            .Single(entry => entry.StartsWith("@article", StringComparison.Ordinal));
        Assert.Equal("""
            @article{zeta-2015,
              author   = {Kivlighan, Jr., D. M. and Gelso, C. J. and Van Der Horn, R.},
              title    = {{50\% of \textbraceleft{}all\textbraceright{} \$ \& \#1\_a \textasciicircum{}\textasciitilde{}\textbackslash{} Größe}},
              year     = {2015},
              journal  = {Psychotherapy},
              volume   = {52},
              number   = {4},
              pages    = {434--444},
              doi      = {10.1037/cou_0000012},
              pmid     = {29698027},
              url      = {https://example.org/%7Ba%7D}
            }
            """, article);
        Assert.Equal(article.Count(c => c == '{'), article.Count(c => c == '}'));
    }

    [Fact]
    public async Task RIS_has_a_line_for_each_author_and_field()
    {
        var ris = (await cited.Service.Get("/meta/citation.ris?of=studies&exclude=alpha-2015")).ShouldBe(200);
        Assert.Equal("application/x-research-info-systems", ris.MediaType);
        var entries = ris.Text.Split("\r\n\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, entries.Length);
        Assert.Equal(
            ["TY  - JOUR", "ID  - zeta-2015", "AU  - Kivlighan, D. M., Jr.", "AU  - Gelso, C. J.", "AU  - Van Der Horn, R.",
                @"TI  - 50% of {all} $ & #1_a ^~\ Größe", "PY  - 2015", "T2  - Psychotherapy", "VL  - 52", "IS  - 4", "SP  - 434", "EP  - 444",
                "DO  - 10.1037/cou_0000012", "AN  - 29698027", "UR  - https://example.org/{a}", "ER  - "],
            entries.Single(entry => entry.Contains("zeta", StringComparison.Ordinal)).Split("\r\n"));
        Assert.All(ris.Text.Split("\r\n").Where(line => line.Length > 0), line => Assert.Matches("^[A-Z][A-Z0-9]  - ", line));
    }

    [Fact]
    public async Task CSL_JSON_tells_persons_from_names()
    {
        var items = (await cited.Service.Get("/meta/citation?of=studies&exclude=alpha-2015", ("Accept", "application/vnd.citationstyles.csl+json")))
            .ShouldBe(200).Json.AsArray();
        var article = items.Single(item => item.At("id")!.GetValue<string>() == "zeta-2015")!;
        Assert.Equal("""
            {"id":"zeta-2015","type":"article-journal","author":[{"family":"Kivlighan","given":"D. M.","suffix":"Jr."},{"family":"Gelso","given":"C. J."},
            {"family":"Van Der Horn","given":"R."}],"title":"50% of {all} $ & #1_a ^~\\ Größe","issued":{"date-parts":[[2015]]},
            "container-title":"Psychotherapy","volume":"52","issue":"4","page":"434–444","DOI":"10.1037/cou_0000012","PMID":"29698027",
            "URL":"https://example.org/{a}"}
            """.ReplaceLineEndings(""), article.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("et al.", items.Single(item => item.At("id")!.GetValue<string>() == "beta-2009").At("author/1/literal")!.GetValue<string>());
        Assert.Equal("Ministry of Health and Care",
            items.Single(item => item.At("id")!.GetValue<string>() == "site").At("author/0/literal")!.GetValue<string>());
    }

    [Fact]
    public async Task The_filter_applies_and_nothing_pooled_is_no_error()
    {
        var selected = (await cited.Service.Get("/meta/citation.json?of=studies&outcomeType=sessionOutcome")).ShouldBe(200).Json.AsArray();
        Assert.Equal(["registered-2011", "site"], selected.Select(item => item.At("id")!.GetValue<string>()));
        var none = (await cited.Service.Get("/meta/citation.json?of=studies&outcomeType=followUp")).ShouldBe(200).Json.AsArray();
        Assert.Equal(["registered-2011"], none.Select(item => item.At("id")!.GetValue<string>()));
        (await cited.Service.Get("/meta/citation.json?outcomeType=followUp")).ShouldBeProblem(422);
        Assert.Equal(["?of notAValue"], (await cited.Service.Get("/meta/citation.bib?of=papers")).ShouldBeProblem(400).Errors);
        Assert.Equal((await cited.Service.Get("/meta/citation.bib")).Text, (await cited.Service.Get("/meta/citation.bib?of=evidence")).Text);
    }

    [Theory]
    [InlineData("Gelso, C. J.", "Gelso|C. J.")]
    [InlineData("Lo Coco, G., Gullo, S., Prestano, C., & Gelso, C. J.", "Lo Coco|G. Gullo|S. Prestano|C. Gelso|C. J.")]
    [InlineData("Busa-Knepp, J.-P.; O’Brien, K.", "Busa-Knepp|J.-P. O’Brien|K.")]
    [InlineData("Fuertes, J. N., Moore, M., & Ganley, J. [unconfirmed]", "Fuertes, J. N., Moore, M., & Ganley, J. [unconfirmed]|")]
    [InlineData("Gelso, Kivlighan & Markin", "Gelso, Kivlighan & Markin|")]
    [InlineData("Gelso, Charles", "Gelso, Charles|")]
    [InlineData("Marmarosh, C. L., et al.", "Marmarosh|C. L. et al.|")]
    [InlineData("Flückiger et al.", "Flückiger et al.|")]
    public void Authors_are_read_or_kept_as_a_whole(string authors, string names) =>
        Assert.Equal(names, string.Join(' ', AuthorList.Parse(authors).Select(author => $"{author.Family}|{author.Given}")));
}
