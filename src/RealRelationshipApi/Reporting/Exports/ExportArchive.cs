using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Reporting.Plots;
using RealRelationshipApi.Reporting.Reports;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>Archive to understand, cite and reproduce a result without this service. The same result gives the same bytes.</summary>
internal static class ExportArchive
{
    private const string HypotheticalNote = "hypothetical";

    private static readonly JsonSerializerOptions s_readable = new(StrictJson.Options) { WriteIndented = true };

    // The earliest date of the ZIP format, so that the bytes do not depend on the time of the request.
    private static readonly DateTimeOffset s_fixedTimestamp = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Columns of <c>effects.csv</c> in all exports, with their meanings.</summary>
    private static readonly (string Name, string Kind, string Meaning)[] s_columns =
    [
        ("id", "text", "The effect: key of its study, a slash, key of the effect"),
        ("study", "text", "Key of the study"),
        ("sample", "text", "The people; effects of one sample are dependent, over all studies"),
        ("yi", "number", "Effect on Fisher z; positive means stronger relationship, better outcome"),
        ("vi", "number", "Sampling variance of yi"),
        ("r", "number", "Correlation, tanh(yi)"),
        ("n", "number", "Participants; empty where not known"),
        ("authors", "text", "Authors of the study"),
        ("title", "text", "Title of the study"),
        ("doi", "text", "Digital object identifier of the study; empty where not known"),
        ("year", "number", "Year of publication"),
        ("notes", "text", $"Remarks on the conversion: {string.Join(", ", EffectNotes.Codes)}, or {HypotheticalNote} if it is no "
            + "evidence but was added to the question; several are separated by semicolons"),
    ];

    private static readonly Dictionary<string, string> s_meanings = FilterTable.Parameters.ToDictionary(p => p.Name, p => p.Description,
        StringComparer.Ordinal);

    /// <summary>The archive of a report.</summary>
    /// <param name="content">The report, of effects that can be pooled, and what is beside it.</param>
    /// <param name="certainty">The certainty with what people signed; null if it cannot be judged.</param>
    /// <param name="snapshot">Citation of the evidence.</param>
    public static byte[] Write(ArchiveAnalysis content, CertaintyResponse? certainty, EvidenceCitation snapshot)
    {
        var analysis = content.Report;
        var (effects, request, pool) = (analysis.Effects, analysis.Request, analysis.Pool!);
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            var moderators = Moderators(effects);
            var report = ApaReport.Of(analysis, certainty, snapshot);
            Add(archive, "README.md", ReadMe(pool, request, snapshot));
            Add(archive, "effects.csv", CsvTableWriter.ToBytes(Effects(effects, moderators)));
            if (effects.Registered.Count > 0)
            {
                Add(archive, "registered.csv", CsvTableWriter.ToBytes(Registered(effects)));
            }

            Add(archive, "codebook.csv", CsvTableWriter.ToBytes(Codebook(moderators)));
            Add(archive, "expected.csv", CsvTableWriter.ToBytes(Expected(pool, content)));
            Add(archive, "reproduce.R", ReproductionScript.For(content));
            foreach (var (name, rows) in ArchiveTables.Of(content))
            {
                Add(archive, name, CsvTableWriter.ToBytes(rows));
            }

            Add(archive, "answer.json", JsonSerializer.Serialize(pool, s_readable) + "\n");
            Add(archive, "report.md", report.ToMarkdown() + "\n");
            Add(archive, "citation.bib", CitationFormats.BibTex(snapshot));
            Add(archive, "citation.ris", CitationFormats.Ris(snapshot));
            Add(archive, "citation.json", CitationFormats.Csl(snapshot) + "\n");
            var studies = StudyBibliography.Of(effects);
            Add(archive, "studies.bib", StudyBibliography.BibTex(studies));
            Add(archive, "studies.ris", StudyBibliography.Ris(studies));
            Add(archive, "studies.json", StudyBibliography.Csl(studies) + "\n");
            Add(archive, "dataset.json", DatasetMetadata.ToFile(snapshot, pool));
            if (snapshot.About.Licence is { } licence)
            {
                Add(archive, "LICENCE.txt", $"Licence of the data: {licence}\n{string.Join("; ", snapshot.Authors)}\n");
            }
        }

        return stream.ToArray();
    }

    private static void Add(ZipArchive archive, string name, string text) => Add(archive, name, Encoding.UTF8.GetBytes(text));

    private static void Add(ZipArchive archive, string name, byte[] content)
    {
        var entry = archive.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = s_fixedTimestamp;
        using var stream = entry.Open();
        stream.Write(content);
    }

    private static IReadOnlyList<(string Name, string?[] Values)> Moderators(EffectSet effects) =>
        [.. EvidenceSnapshot.ModeratorFields.Concat(effects.FreeModerators.Select(name => EvidenceSnapshot.FreeModeratorPrefix + name))
            .Where(name => name != "year")
            .Select(name => (name, effects.ModeratorValues(name)?.Select(v => v?.ToString()).ToArray() ?? new string?[effects.Count]))];

    private static IEnumerable<IEnumerable<string?>> Effects(EffectSet effects, IReadOnlyList<(string Name, string?[] Values)> moderators)
    {
        yield return [.. s_columns.Select(c => c.Name), .. moderators.Select(m => m.Name)];
        for (var i = 0; i < effects.Count; i++)
        {
            var citation = effects.IsHypothetical(i) ? null : effects.Citations?[i];
            yield return
            [
                effects.Ids[i], effects.Studies[i], effects.Samples[i], Number(effects.Estimates[i]), Number(effects.Variances[i]),
                Number(FisherZ.ToCorrelation(effects.Estimates[i])),
                Number(effects.Participants[i]), citation?.Authors, citation?.Title, citation?.Doi, effects.Years[i]?.ToString(),
                string.Join(StudyCsvColumns.ListSeparator, effects.IsHypothetical(i) ? [.. effects.Notes[i], HypotheticalNote] : effects.Notes[i]),
                .. moderators.Select(m => m.Values[i]),
            ];
        }
    }

    private static IEnumerable<IEnumerable<string?>> Registered(EffectSet effects)
    {
        yield return ["study", "sample", "authors", "year", "title", "doi", "state", "direction", "significant", "n", "reason"];
        foreach (var study in effects.Registered)
        {
            var (citation, result) = (study.Citation, study.Registered!);
            yield return
            [
                study.Key, RegisteredStudy.SampleOf(study), citation.Authors, citation.Year?.ToString(), citation.Title, citation.Doi,
                EnumNames<RegistrationState>.Of(result.State), EnumNames<ReportedDirection>.Of(result.Direction),
                result.Significant is { } significant ? (significant ? "true" : "false") : null, result.N?.ToString(), result.Reason,
            ];
        }
    }

    private static IEnumerable<IEnumerable<string?>> Codebook(IReadOnlyList<(string Name, string?[] Values)> moderators)
    {
        yield return ["column", "kind", "meaning", "values"];
        foreach (var (name, kind, meaning) in s_columns)
        {
            yield return [name, kind, meaning, ""];
        }

        foreach (var (name, values) in moderators)
        {
            var known = FilterTable.Parameters.FirstOrDefault(p => p.Name == name);
            var numbers = values.OfType<string>().All(v => double.TryParse(v, out _)) && values.Any(v => v is not null);
            yield return [name, known is null && numbers ? "number" : "text", s_meanings.GetValueOrDefault(name, "A moderator that the study reports"),
                known is { Values.Count: > 0 } ? string.Join(" ", known.Values.Where(v => v != "all")) : known?.Kind == QueryParameterType.Boolean
                    ? "true false" : ""];
        }
    }

    /// <summary>Numbers that the script compares with, by their names in the response.</summary>
    private static IEnumerable<IEnumerable<string?>> Expected(PoolResponse pool, ArchiveAnalysis content)
    {
        yield return ["name", "value"];
        var json = JsonSerializer.SerializeToNode(pool, StrictJson.Options)!.AsObject();
        foreach (var part in new[] { "pooled", "heterogeneity", "counts" })
        {
            foreach (var (name, value) in json[part]!.AsObject().Where(m => m.Value is JsonValue v && v.GetValueKind() == JsonValueKind.Number))
            {
                yield return [$"{part}.{name}", value!.ToJsonString()];
            }
        }

        foreach (var (name, value) in ArchiveTables.Expected(content))
        {
            yield return [name, Number(value)];
        }
    }

    private static string LicenceLine(EvidenceCitation snapshot) => snapshot.About.Licence is { } licence
        ? $"Licence of the data: {licence} (`LICENCE.txt`)." : "No licence of the data is declared: ask who runs the service.";

    private static string SelectionLine(AnalysisRequest request) => Phrasing.Describe(request.Filter) is { } chosen ? $"\nSelected: {chosen}." : "";

    private static string WhatIfLine(PoolResponse pool) => WhatIfPhrasing.Sentence(pool) is { } sentence ? $"\n{sentence}" : "";

    private static string ReadMe(PoolResponse pool, AnalysisRequest request, EvidenceCitation snapshot) => $"""
        # {snapshot.Title}

        {snapshot.Edition}. {PlotText.Capitalize(PlotText.Estimate(pool))}; {Phrasing.DescribeCounts(pool.Counts)}.
        Model: {Phrasing.Describe(pool.Model)}; {Phrasing.DescribeTest(pool)}.{SelectionLine(request)}{WhatIfLine(pool)}
        Fingerprint of the effects: `{pool.Data.Fingerprint}`

        | file | what |
        |---|---|
        | `effects.csv` | the effects that entered, one row each |
        | `codebook.csv` | what each column means |
        | `reproduce.R` | computes pool, diagnostics, selection models and regression again with metafor and compares: `Rscript reproduce.R` |
        | `expected.csv` | the numbers that it is compared with |
        | `diagnostics.csv` | Baujat and radial plot, and influence of each effect or sample |
        | `regression.csv` | coefficients of the regression on `terms` (default: year) |
        | `bayes.csv`, `bayes-studies.csv` | posteriors, and each study drawn towards the mean |
        | `bayes-inclusion.csv`, `bayes-priors.csv` | Bayes factors, and the results under other priors |
        | `answer.json` | the whole answer of the service |
        | `report.md` | the answer as the results section of a paper |
        | `citation.bib`, `citation.ris`, `citation.json` | how to cite, for reference managers |
        | `studies.bib`, `studies.ris`, `studies.json` | the publications of the studies, and of the registered ones beside them |
        | `dataset.json` | the data set as schema.org metadata |

        {LicenceLine(snapshot)}

        ## How to cite

        {snapshot.ApaText}

        Cite the studies as well: they stand in `studies.bib`.

        ## What to know
        {string.Concat(pool.Warnings.Select(w => $"\n- {w.Detail}"))}
        - These are associations: they do not show that one thing brings about the other, and say nothing of a single person.

        """;

    private static string Number(double? value) => value?.ToString("R", System.Globalization.CultureInfo.InvariantCulture) ?? "";
}
