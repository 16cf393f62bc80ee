using System.IO.Compression;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Exports;

/// <summary>The archive, and its script in R.</summary>
public sealed class ExportArchiveTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    // R takes a second to load metafor: one process runs the scripts of all folders, each in an environment of its own.
    private const string RunAllScripts = """
        quit <- function(status) stop(structure(class = c("quit", "condition"), list(message = "quit", call = NULL, status = status)))
        for (folder in commandArgs(trailingOnly = TRUE)) {
          setwd(folder)
          sink("output.txt")
          status <- tryCatch(source("reproduce.R", local = new.env()), quit = function(q) q$status)
          sink()
          writeLines(as.character(status), "status.txt")
        }
        """;

    [Fact]
    public async Task The_archive_has_effects_codebook_and_citation()
    {
        var files = Read(await _service.Get("/export.zip"));
        Assert.Equal(
            ["README.md", "answer.json", "bayes-inclusion.csv", "bayes-priors.csv", "bayes-studies.csv", "bayes.csv", "citation.bib", "citation.json",
                "citation.ris", "codebook.csv", "dataset.json", "diagnostics.csv", "effects.csv", "expected.csv", "registered.csv",
                "regression.csv", "report.md", "reproduce.R", "studies.bib", "studies.json", "studies.ris"], files.Keys.Order(StringComparer.Ordinal));
        var effects = files["effects.csv"].TrimEnd('\n').Split('\n');
        Assert.Equal(16, effects.Length - 1);
        var described = files["codebook.csv"].TrimEnd('\n').Split('\n').Skip(1).Select(line => line.Split(',')[0]);
        Assert.Equal(effects[0].Split(','), described);
        Assert.Contains("## How to cite", files["README.md"], StringComparison.Ordinal);
        Assert.Contains("asOf=39", files["README.md"], StringComparison.Ordinal);
        Assert.Contains("synthetic", files["README.md"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_queries_give_equal_bytes_with_only_the_included_effects()
    {
        var first = await _service.Get("/export.zip?outcomeType=sessionOutcome");
        Assert.Equal("application/zip", first.MediaType);
        Assert.Equal(first.Bytes, (await _service.Get("/export.zip?outcomeType=sessionOutcome")).Bytes);
        (await _service.Get("/export.zip?outcomeType=sessionOutcome", ("If-None-Match", first.ETag!))).ShouldBe(304);
        Assert.Equal(5, Read(first)["effects.csv"].TrimEnd('\n').Split('\n').Length - 1);
        (await _service.Get("/export.zip?country=XX")).ShouldBeProblem(422);
    }

    [SlowFact("R fits the models of many archives.")]
    public Task The_R_scripts_reproduce_the_results() => Reproduce(_service, "", "?test=z&estimator=dl", "?estimator=pm&test=knappHartung",
        "?estimator=common&test=z", "?measure=correlation", "?estimator=ml&test=t", "?estimator=sj&confidence=0.9", "?outcomeType=sessionOutcome",
        "?terms=year&terms=outcomeType&estimator=ml");

    [Fact]
    public async Task Tables_have_the_numbers_of_the_analyses_and_terms_are_checked()
    {
        const string priors = "priorTau=halfCauchy&priorMuSd=0.4";
        var files = Read(await _service.Get($"/export.zip?{priors}&terms=outcomeType"));
        Assert.Equal((await _service.Get($"/meta/bayes.csv?table=parts&{priors}")).ShouldBe(200).Text, files["bayes.csv"]);
        Assert.Equal((await _service.Get($"/meta/bayes.csv?{priors}")).ShouldBe(200).Text, files["bayes-studies.csv"]);
        Assert.Equal((await _service.Get($"/meta/bayes.csv?table=priorSensitivity&priorSensitivity=true&{priors}")).ShouldBe(200).Text,
            files["bayes-priors.csv"]);
        Assert.Equal((await _service.Get("/meta/regression.csv?terms=outcomeType")).ShouldBe(200).Text, files["regression.csv"]);
        Assert.Equal(16, files["diagnostics.csv"].TrimEnd('\n').Split('\n').Length - 1);
        (await _service.Get("/export.zip?terms=nothing")).ShouldBeProblem(422, "?terms", "unknownModerator");
    }

    [SlowFact("R fits the models of many archives.")]
    public async Task The_R_scripts_reproduce_results_of_dependent_effects()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        foreach (var (key, r) in new[] { ("x", 0.62), ("y", 0.31), ("z", 0.12) })
        {
            await service.SubmitStudy(
                TestData.Study(key, TestData.Effect(r, 90).With("sample", key),
                    TestData.Effect(r - 0.15, 90).With("sample", key).With("outcomeMeasure", "gad-7"),
                    TestData.Effect(r - 0.05, 90).With("sample", key).With("outcomeType", "treatmentProgress"),
                    TestData.Effect(r + 0.1, 70).With("sample", $"{key} 2").With("outcomeMeasure", "gad-7")));
        }

        await Reproduce(service, "", "?robust=none", "?test=z", "?dependence=threeLevel&robust=none", "?dependence=aggregate",
            "?dependence=aggregate&aggregation=simple", "?dependence=aggregate&measure=correlation",
            "?dependence=correlatedHierarchical&rho=0.3&estimator=ml&test=z", "?rho=0.4&rhoSameOutcome=0.8&robust=none", "?cluster=study",
            "?rhoSameForm=0.7&rhoSameRater=0.65&cluster=study", "?dependence=aggregate&rhoSameOutcome=0.9",
            "?dependence=aggregate&rhoSameOutcome=0.9&aggregation=simple", "?dependence=fourLevel", "?dependence=fourLevel&robust=none&rho=0.3",
            "?dependence=threeLevel&robust=none&terms=outcomeType", "?terms=outcomeMeasure");
    }

    [Fact]
    public async Task The_R_script_detects_a_modified_effect()
    {
        ExternalPrograms.SkipUnlessInstalled("R with metafor", ExternalPrograms.IsInstalled("Rscript"));
        using var folder = await Unpack(_service, "");
        var effects = Path.Combine(folder.Path, "effects.csv");
        await LeaveSelectionModelsOutAsync(folder);
        await File.WriteAllTextAsync(effects, (await File.ReadAllTextAsync(effects)).Replace("0.5999303447261809", "0.5", StringComparison.Ordinal));
        var (code, output) = await ExternalPrograms.RunAsync(folder.Path, "Rscript", "reproduce.R");
        Assert.Equal(1, code);
        Assert.Contains("DIFFERS", output, StringComparison.Ordinal);
    }

    private static async Task Reproduce(Service service, params string[] queries)
    {
        ExternalPrograms.SkipUnlessInstalled("R with metafor", ExternalPrograms.IsInstalled("Rscript"));
        var archives = await Task.WhenAll(queries.Select(query => Unpack(service, query)));
        // They do not depend on most options, and R takes seconds for them: the first archive has them.
        await Task.WhenAll(archives.Skip(1).Select(LeaveSelectionModelsOutAsync));
        using var folder = new TemporaryFolder();
        folder.Write("all.R", RunAllScripts);
        var (code, log) = await ExternalPrograms.RunAsync(folder.Path, "Rscript", ["all.R", .. archives.Select(a => a.Path)]);
        Assert.True(code == 0, log);
        foreach (var (query, archive) in queries.Zip(archives))
        {
            using (archive)
            {
                var output = await File.ReadAllTextAsync(archive.File("output.txt"));
                Assert.True((await File.ReadAllTextAsync(archive.File("status.txt"))).Trim() == "0", $"{query}\n{output}");
                Assert.Contains("The service and metafor agree.", output, StringComparison.Ordinal);
                Assert.InRange(output.Split(" agrees").Length - 1, 20, 70);
            }
        }
    }

    private static async Task LeaveSelectionModelsOutAsync(TemporaryFolder archive)
    {
        var script = archive.File("reproduce.R");
        var lines = await File.ReadAllLinesAsync(script);
        Assert.Contains(lines, IsSelectionModel);
        await File.WriteAllLinesAsync(script, lines.Where(line => !IsSelectionModel(line)));

        static bool IsSelectionModel(string line) => line.StartsWith("atLeast(\"selection.", StringComparison.Ordinal);
    }

    private static async Task<TemporaryFolder> Unpack(Service service, string question)
    {
        var folder = new TemporaryFolder();
        foreach (var (name, text) in Read(await service.Get($"/export.zip{question}")))
        {
            await File.WriteAllTextAsync(Path.Combine(folder.Path, name), text);
        }

        return folder;
    }

    private static Dictionary<string, string> Read(ServiceResponse answer)
    {
        using var archive = new ZipArchive(new MemoryStream(answer.ShouldBe(200).Bytes));
        return archive.Entries.ToDictionary(e => e.FullName, e =>
        {
            using var reader = new StreamReader(e.Open());
            return reader.ReadToEnd();
        });
    }
}
