using RealRelationshipApi.Analyses;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>The traffic-light plot of risk of bias: a row for each assessed study, a column for each domain of its tool, the overall judgement last.</summary>
internal static class RiskOfBiasPlot
{
    private const string Overall = "overall";
    private const int MaxDomains = 12;
    private const double Width = 960;
    private const double Margin = 16;
    private const double LabelWidth = 240;
    private const double RowHeight = 26;
    private const double Radius = 9.5;
    private const double HeaderLine = 14;
    private const double SmallFont = 11.5;

    /// <summary>Colours that people with any colour vision can tell apart, each with a symbol of its own.</summary>
    private static readonly (RiskJudgement Judgement, string Name, string Symbol, string Style)[] s_judgements =
    [
        (RiskJudgement.Low, "low risk", "+", "low"), (RiskJudgement.Some, "moderate", "−", "some"), (RiskJudgement.High, "high risk", "×", "high"),
        (RiskJudgement.Unclear, "unclear", "?", "unclear"), (RiskJudgement.NotApplicable, "not applicable", "/", "none"),
    ];

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, RiskOfBiasPlotRequest request, ErrorLocation location)
    {
        var studies = Assessed(effects);
        var (page, problem) = RowPage.Of(request, studies.Count, location);
        return page is null ? (null, problem) : (Draw(effects, studies, page), null);
    }

    private static string Draw(EffectSet effects, IReadOnlyList<AssessedStudy> studies, RowPage page)
    {
        var title = PlotText.Title(effects, "risk of bias");
        var subtitle = Subtitle(effects, studies);
        var blocks = page.Of(studies).GroupBy(study => study.Assessment.Tool, StringComparer.Ordinal).Select(tool => new Block(tool.Key, [.. tool])).ToList();
        var subtitles = TextLayout.Wrap(subtitle, SmallFont, Width - (2 * Margin));
        string[] notes = [.. Notes(effects, studies, page, blocks).SelectMany(note => TextLayout.Wrap(note, SmallFont, Width - (2 * Margin)))];
        var top = 58 + (subtitles.Count * 16);
        var height = top + blocks.Sum(block => block.Height) + (blocks.Count > 0 ? 44 : 0) + (notes.Length * 16) + 24;
        var svg = new SvgWriter(title, $"{subtitle} {string.Join(' ', page.Of(studies).Select(Sentence))}".TrimEnd(), Width, height, SvgWriter.CellStyle);
        svg.Label(Margin, 34, title, "title");
        for (var i = 0; i < subtitles.Count; i++)
        {
            svg.Label(Margin, 56 + (i * 16), subtitles[i], "small");
        }

        var y = (double)top;
        foreach (var block in blocks)
        {
            DrawBlock(svg, block, y);
            y += block.Height;
        }

        if (blocks.Count > 0)
        {
            DrawLegend(svg, y + 20);
            y += 44;
        }

        for (var i = 0; i < notes.Length; i++)
        {
            svg.Label(Margin, y + 14 + (i * 16), notes[i], "small");
        }

        return svg.Finish();
    }

    private static IReadOnlyList<AssessedStudy> Assessed(EffectSet effects)
    {
        var studies = new Dictionary<string, AssessedStudy>(StringComparer.Ordinal);
        for (var i = 0; i < effects.Assessments.Length; i++)
        {
            if (effects.Assessments[i] is { } assessment)
            {
                studies.TryAdd(effects.Studies[i], new(effects.Studies[i], ShortCitation.Of(effects.Citations![i]), assessment));
            }
        }

        return [.. studies.Values.OrderBy(study => study.Assessment.Tool != RiskOfBiasValidator.Quips)
            .ThenBy(study => study.Assessment.Tool, StringComparer.Ordinal).ThenBy(study => study.Key, StringComparer.Ordinal)];
    }

    private static string Subtitle(EffectSet effects, IReadOnlyList<AssessedStudy> studies)
    {
        var all = effects.Studies.Distinct(StringComparer.Ordinal).Count();
        if (studies.Count == 0)
        {
            return all == 0 ? $"No study is selected. {effects.EmptyReason}"
                : $"None of {Phrasing.Plural(all, "study", "studies")} is assessed for risk of bias.";
        }

        var overall = s_judgements.Select(j => (j.Name, Count: studies.Count(study => study.Assessment.Overall == j.Judgement))).Where(j => j.Count > 0)
            .Select(j => $"{j.Count} {j.Name}").ToList();
        return $"{studies.Count} of {Phrasing.Plural(all, "study", "studies")} {(studies.Count == 1 ? "is" : "are")} assessed; overall: "
            + $"{(overall.Count > 0 ? string.Join(", ", overall) : "not judged")}.";
    }

    private static IEnumerable<string> Notes(EffectSet effects, IReadOnlyList<AssessedStudy> studies, RowPage page, List<Block> blocks)
    {
        if (studies.Count == 0)
        {
            yield return "Judgements come with a study: member riskOfBias of POST /studies.";
        }

        if (page.HiddenRowsNote(studies.Count) is { Length: > 0 } hidden)
        {
            yield return $"{hidden}.";
        }

        foreach (var block in blocks.Where(block => block.HiddenDomains > 0))
        {
            yield return $"{Phrasing.Plural(block.HiddenDomains, "domain")} of {block.Tool} not shown.";
        }

        if (blocks.Exists(block => block.Columns.Contains(RiskOfBiasValidator.SameSource)))
        {
            yield return "Same source: whether one person rated relationship and outcome; no domain of QUIPS.";
        }

        yield return Phrasing.Describe(ResponseMapper.Data(effects));
    }

    private static void DrawBlock(SvgWriter svg, Block block, double top)
    {
        svg.Label(Margin, top + block.HeaderHeight - 8, block.Tool, "strong");
        for (var c = 0; c < block.Columns.Count; c++)
        {
            var lines = block.Headers[c];
            for (var i = 0; i < lines.Count; i++)
            {
                svg.Label(block.Centre(c), top + block.HeaderHeight - 8 - ((lines.Count - 1 - i) * HeaderLine), lines[i],
                    block.Columns[c] == Overall ? "small strong" : "small", TextAnchor.Middle);
            }
        }

        for (var row = 0; row < block.Studies.Count; row++)
        {
            var (study, y) = (block.Studies[row], top + block.HeaderHeight + (row * RowHeight));
            svg.Line(Margin, y, Width - Margin, y, "rule");
            svg.Label(Margin, y + 18, TextLayout.TruncateMiddle(study.Name, 13, LabelWidth - 12));
            for (var c = 0; c < block.Columns.Count; c++)
            {
                DrawJudgement(svg, block.Centre(c), y + (RowHeight / 2), study, block.Columns[c]);
            }
        }
    }

    private static void DrawJudgement(SvgWriter svg, double x, double y, AssessedStudy study, string column)
    {
        var (judgement, reason) = study.Find(column);
        if (judgement is not { } known)
        {
            return;
        }

        var (_, name, symbol, style) = Array.Find(s_judgements, j => j.Judgement == known);
        svg.Group($"{study.Name}, {Phrasing.SplitCamelCase(column)}: {name}{(reason is null ? "" : $". {reason}")}", () =>
        {
            svg.Circle(x, y, Radius, $"risk {style}");
            svg.Label(x, y + 5, symbol, $"symbol on-{style}", TextAnchor.Middle);
        });
    }

    private static void DrawLegend(SvgWriter svg, double y)
    {
        var x = Margin + Radius;
        foreach (var (_, name, symbol, style) in s_judgements)
        {
            svg.Circle(x, y, Radius, $"risk {style}");
            svg.Label(x, y + 5, symbol, $"symbol on-{style}", TextAnchor.Middle);
            svg.Label(x + 16, y + 4.5, name);
            x += 16 + TextLayout.Width(name, 13) + 34;
        }
    }

    // For screen readers.
    private static string Sentence(AssessedStudy study) => $"{study.Name}: "
        + string.Join(", ", study.Assessment.Domains.Select(d => $"{Phrasing.SplitCamelCase(d.Name)} {NameOf(d.Judgement)}")
            .Concat(study.Assessment.Overall is { } overall ? [$"overall {NameOf(overall)}"] : [])) + ".";

    private static string NameOf(RiskJudgement judgement) => Array.Find(s_judgements, j => j.Judgement == judgement).Name;

    private sealed record AssessedStudy(string Key, string Name, RiskOfBias Assessment)
    {
        public (RiskJudgement? Judgement, string? Reason) Find(string column) => column == Overall ? (Assessment.Overall, null)
            : Assessment.Domains.FirstOrDefault(d => d.Name == column) is { } domain ? (domain.Judgement, domain.Reason) : (null, null);
    }

    /// <summary>The studies of one tool.</summary>
    private sealed class Block
    {
        public Block(string tool, IReadOnlyList<AssessedStudy> studies)
        {
            var domains = (tool == RiskOfBiasValidator.Quips ? RiskOfBiasValidator.QuipsDomains : [])
                .Concat(studies.SelectMany(study => study.Assessment.Domains).Select(domain => domain.Name))
                .Where(name => name != RiskOfBiasValidator.SameSource).Distinct(StringComparer.Ordinal).ToList();
            HiddenDomains = Math.Max(0, domains.Count - MaxDomains);
            Columns =
            [
                .. domains.Take(MaxDomains),
                .. studies.Any(study => study.Find(RiskOfBiasValidator.SameSource).Judgement is not null) ? [RiskOfBiasValidator.SameSource]
                    : Array.Empty<string>(),
                Overall,
            ];
            (Tool, Studies) = (tool, studies);
            Headers = [.. Columns.Select(name => TextLayout.Wrap(PlotText.Capitalize(Phrasing.SplitCamelCase(name)), SmallFont, ColumnWidth - 6))];
        }

        public string Tool { get; }

        public IReadOnlyList<AssessedStudy> Studies { get; }

        public IReadOnlyList<string> Columns { get; }

        public IReadOnlyList<IReadOnlyList<string>> Headers { get; }

        public int HiddenDomains { get; }

        public double HeaderHeight => 18 + (Headers.Max(lines => lines.Count) * HeaderLine);

        public double Height => HeaderHeight + (Studies.Count * RowHeight) + 18;

        private double ColumnWidth => (Width - (2 * Margin) - LabelWidth) / Columns.Count;

        public double Centre(int column) => Margin + LabelWidth + ((column + 0.5) * ColumnWidth);
    }
}
