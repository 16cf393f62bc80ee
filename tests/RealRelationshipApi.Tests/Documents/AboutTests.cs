using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Documents;

/// <summary><c>/about</c>: a document of the operator, and what shows it.</summary>
public sealed class AboutTests
{
    [Fact]
    public async Task Versions_are_conditional_chained_and_verified()
    {
        await using var service = await Service.StartAsync();
        var empty = (await service.Get("/about")).ShouldBe(200);
        Assert.Equal((0, "The real relationship in psychotherapy: A living meta-analysis", 0),
            (empty.Number("version"), empty.String("title"), empty.At("curators")!.AsArray().Count));
        Assert.All(["contact", "licence", "doi", "protocol", "search", "stoppingRule", "conflicts", "recordedAt"], name => Assert.Null(empty.At(name)));
        (await service.Get("/about", ("If-None-Match", empty.ETag!))).ShouldBe(304);
        (await service.Put("/about", Declaration())).ShouldBeProblem(428);
        (await service.Put("/about", Declaration(), ("If-Match", "\"7-0\""))).ShouldBeProblem(412);
        Assert.Equal(1, (await service.Put("/about?validateOnly=true", Declaration(), ("If-Match", empty.ETag!))).ShouldBe(200).Number("version"));
        Assert.Equal(empty.ETag, (await service.Get("/about")).ETag);

        var first = (await service.Put("/about", Declaration(), ("If-Match", empty.ETag!))).ShouldBe(200);
        Assert.Equal((1, "10.5281/zenodo.1234567"), (first.Number("version"), first.String("doi")));
        Assert.NotNull(first.At("recordedAt"));
        Assert.Equal((first.Text, first.ETag), ((await service.Get("/about")).Text, (await service.Get("/about")).ETag));
        // What was read can be sent back, and makes no version.
        Assert.Equal(1, (await service.Put("/about", first.Json, ("If-Match", first.ETag!))).ShouldBe(200).Number("version"));
        (await service.Put("/about", Declaration(), ("If-Match", empty.ETag!))).ShouldBeProblem(412);
        Assert.Equal(2, (await service.Put("/about", Declaration().With("licence", "CC0-1.0"), ("If-Match", "*"))).ShouldBe(200).Number("version"));
        Assert.Empty(service.FindIntegrityErrors());

        foreach (var (edit, error) in new[]
        {
            ("UPDATE document_version SET content = replace(content, 'CC-BY', 'CC-XX') WHERE version = 1", "Version 1 of the document 'about' is not what"),
            ("DELETE FROM document_version WHERE version = 2", "Version 2 of the document 'about' is missing"),
        })
        {
            await service.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(transaction =>
            {
                transaction.Enqueue(edit);
                return true;
            });
            Assert.Contains(service.FindIntegrityErrors(), e => e.StartsWith(error, StringComparison.Ordinal));
            (await service.Get("/about")).ShouldBeProblem(503);
            (await service.Put("/about", Declaration(), ("If-Match", "*"))).ShouldBeProblem(503);
        }
    }

    [Fact]
    public async Task Citations_metadata_archive_and_page_show_it_at_once()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(TestData.Study("a", TestData.Effect(0.3)));
        string[] paths = ["/meta/citation.bib", "/meta/citation.ris", "/meta/citation.json", "/meta/report", "/export.zip", "/"];
        var before = new Dictionary<string, ServiceResponse>();
        foreach (var path in paths)
        {
            before[path] = (await service.Get(path)).ShouldBe(200);
        }

        var pool = (await service.Get("/meta/pool")).ETag!;
        Assert.Contains("No licence of the data is declared", before["/"].Text, StringComparison.Ordinal);
        (await service.Put("/about", Declaration(), ("If-Match", "*"))).ShouldBe(200);
        (await service.Get("/meta/pool", ("If-None-Match", pool))).ShouldBe(304);
        var after = new Dictionary<string, ServiceResponse>();
        foreach (var path in paths)
        {
            after[path] = (await service.Get(path, ("If-None-Match", before[path].ETag!))).ShouldBe(200);
        }

        var bib = after["/meta/citation.bib"].Text;
        Assert.Contains("  author       = {Curator, A. and {Real \\& Co}},\n", bib, StringComparison.Ordinal);
        Assert.Contains("  title        = {Relationships \\& outcomes},\n", bib, StringComparison.Ordinal);
        Assert.Contains("  doi          = {10.5281/zenodo.1234567},\n", bib, StringComparison.Ordinal);
        var ris = after["/meta/citation.ris"].Text.Split("\r\n");
        Assert.Equal(["AU  - Curator, A.", "AU  - Real & Co", "TI  - Relationships & outcomes", "N1  - Licence CC-BY-4.0", "DO  - 10.5281/zenodo.1234567"],
            ris.Where(line => line.Split(' ')[0] is "AU" or "TI" or "DO" || line.Contains("Licence", StringComparison.Ordinal)));
        var csl = after["/meta/citation.json"].Json.AsArray().Single()!;
        Assert.Equal(("Curator", "A.", "Real & Co"), (Text(csl, "author/0/family"), Text(csl, "author/0/given"), Text(csl, "author/1/literal")));
        Assert.Equal(("10.5281/zenodo.1234567", "CC-BY-4.0"), (Text(csl, "DOI"), Text(csl, "license")));
        Assert.Contains("Source: Curator, A., & Real & Co. (", after["/meta/report"].String("text"), StringComparison.Ordinal);

        var files = Read(after["/export.zip"].Bytes);
        Assert.StartsWith("Licence of the data: CC-BY-4.0\n", files["LICENCE.txt"], StringComparison.Ordinal);
        Assert.StartsWith("# Relationships & outcomes\n", files["README.md"], StringComparison.Ordinal);
        var page = after["/"].Text;
        const string Script = "<script type=\"application/ld+json\">";
        foreach (var metadata in new[] { files["dataset.json"], page[(page.IndexOf(Script, StringComparison.Ordinal) + Script.Length)..].Split("</script>")[0] }
            .Select(text => JsonNode.Parse(text)!))
        {
            Assert.Equal(("CC-BY-4.0", "Relationships & outcomes", "https://doi.org/10.5281/zenodo.1234567"),
                (Text(metadata, "license/name"), Text(metadata, "name"), Text(metadata, "identifier")));
            Assert.Equal(("Person", "A. Curator", "Organization"), (Text(metadata, "creator/0/@type"), Text(metadata, "creator/0/name"),
                Text(metadata, "creator/1/@type")));
        }

        Assert.Contains("<h1>Relationships &amp; outcomes</h1>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Last searched</dt><dd>2026-06-01</dd>", page, StringComparison.Ordinal);
        Assert.Equal(after["/"].Text, (await service.Get("/")).Text);
    }

    [Fact]
    public async Task All_faults_are_listed_and_only_the_operator_may_replace_it()
    {
        await using var service = await Service.StartAsync();
        var faults = (await service.Put("/about", JsonNode.Parse("""
            { "title": " ", "curators": ["", "two\nlines"], "doi": "zenodo", "licence": "", "conflicts": "bell \u0007",
              "search": { "sources": ["PubMed"], "strings": [""], "lastSearched": "2999-01-01" } }
            """)!, ("If-Match", "*"))).ShouldBeProblem(422);
        Assert.Equal(
            ["#/title empty", "#/curators/0 empty", "#/curators/1 controlCharacter", "#/licence empty", "#/doi badFormat", "#/search/strings/0 empty",
                "#/search/lastSearched future", "#/conflicts controlCharacter"], faults.Errors.Distinct());
        foreach (var (body, pointer) in new[]
        {
            ("""{ "title": "x", "curator": [] }""", "#/curator"), ("""{ "curators": [] }""", "#/title"), ("""{ "title": null }""", "#/title"),
            ("""{ "title": "x", "curators": null }""", "#/curators"), ("""{ "title": "x", "curators": [null] }""", "#/curators/0"),
            ("""{ "title": "x", "search": { "lastSearched": "yesterday" } }""", "#/search/lastSearched"),
        })
        {
            Assert.Contains(pointer, (await service.Put("/about", JsonNode.Parse(body)!, ("If-Match", "*"))).ShouldBeProblem(400).Text,
                StringComparison.Ordinal);
        }

        (await service.Put("/about?validate=true", Declaration(), ("If-Match", "*"))).ShouldBeProblem(400);
        foreach (var (scope, status) in new[] { (Scopes.Admin, 403), (Scopes.Operator, 200) })
        {
            var key = await ProductionService.CreateKeyAsync(service, "host", [scope]);
            (await service.Put("/about", Declaration(), ("If-Match", "*"), ("X-API-Key", key))).ShouldBe(status);
        }
    }

    private static JsonNode Declaration() => JsonNode.Parse("""
        { "title": "Relationships & outcomes", "curators": ["Curator, A.", "Real & Co"], "contact": "curators@review.example", "licence": "CC-BY-4.0",
          "doi": "https://doi.org/10.5281/zenodo.1234567", "search": { "sources": ["PubMed"], "lastSearched": "2026-06-01" }, "conflicts": "None." }
        """)!;

    private static string Text(JsonNode node, string path) => node.At(path)!.GetValue<string>();

    private static Dictionary<string, string> Read(byte[] archive)
    {
        using var zip = new ZipArchive(new MemoryStream(archive));
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
            return reader.ReadToEnd();
        });
    }
}
