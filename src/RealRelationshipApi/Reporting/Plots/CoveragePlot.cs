using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Coverage;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>The coverage plot: which raters and types of outcome have how much evidence, over all countries. Empty cells are visibly empty.</summary>
internal static class CoveragePlot
{
    private const double Width = 960;
    private const double Margin = 16;
    private const double LabelWidth = 300;
    private const double RowHeight = 30;
    private const double HeaderHeight = 58;
    private const double SmallFont = 11.5;

    // Participants from which a cell is darker.
    private static readonly (double From, string Style)[] s_shades = [(1_000, "much"), (200, "more"), (0, "little")];

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, CoverageRequest request, ErrorLocation location)
    {
        var (coverage, problem) = CoverageAnalysis.Run(effects, request, location);
        return coverage is null ? (null, problem) : (Draw(effects, coverage, request.Filter), null);
    }

    private static string Draw(EffectSet effects, CoverageResponse coverage, FilterRequest? filter)
    {
        var cells = coverage.Cells
            .Where(cell => cell is { RelationshipRater: not null, OutcomeRater: not null, OutcomeType: not null, Level: not null }).ToList();
        var levels = cells.Select(cell => cell.Level!.Value).Distinct().ToList();
        List<EffectLevel> shown = [.. levels.Where(level => cells.Exists(cell => cell.Level == level && cell.Effects > 0))];
        shown = shown.Count > 0 ? shown : [.. levels.Take(1)];
        var (rows, columns) = (cells.Select(cell => (cell.RelationshipRater!.Value, cell.OutcomeRater!.Value)).Distinct().ToList(),
            cells.Select(cell => cell.OutcomeType!.Value).Distinct().ToList());
        var title = PlotText.Title(effects, "coverage");
        var subtitle = Subtitle(coverage, filter);
        var subtitles = TextLayout.Wrap(subtitle, SmallFont, Width - (2 * Margin));
        string[] notes = [.. Notes(effects, coverage, levels.Except(shown)).SelectMany(note => TextLayout.Wrap(note, SmallFont, Width - (2 * Margin)))];
        var (top, blockHeight) = (50 + (subtitles.Count * 16), HeaderHeight + (rows.Count * RowHeight) + 12);
        var svg = new SvgWriter(title, $"{subtitle} Each cell has its effects and participants; empty cells have a dashed border and say none.", Width,
            top + (shown.Count * blockHeight) + (notes.Length * 16) + 24, SvgWriter.CellStyle);
        svg.Label(Margin, 34, title, "title");
        for (var i = 0; i < subtitles.Count; i++)
        {
            svg.Label(Margin, 56 + (i * 16), subtitles[i], "small");
        }

        foreach (var (level, i) in shown.Select((level, i) => (level, i)))
        {
            DrawBlock(svg, [.. cells.Where(cell => cell.Level == level)], level, rows, columns, top + (i * blockHeight));
        }

        for (var i = 0; i < notes.Length; i++)
        {
            svg.Label(Margin, top + (shown.Count * blockHeight) + 14 + (i * 16), notes[i], "small");
        }

        return svg.Finish();
    }

    private static void DrawBlock(SvgWriter svg, List<CoverageCell> cells, EffectLevel level, List<(Rater Relationship, Rater Outcome)> rows,
        List<OutcomeType> columns, double top)
    {
        var width = (Width - (2 * Margin) - LabelWidth) / columns.Count;
        svg.Label(Margin, top + 24, PlotText.Capitalize(NameOf(level)), "strong");
        svg.Label(Margin, top + HeaderHeight - 8, "Relationship rated by / outcome rated by", "small");
        for (var c = 0; c < columns.Count; c++)
        {
            svg.Label(Margin + LabelWidth + ((c + 0.5) * width), top + HeaderHeight - 8, PlotText.Capitalize(NameOf(EnumNames<OutcomeType>.Of(columns[c]))),
                "small strong", TextAnchor.Middle);
        }

        for (var row = 0; row < rows.Count; row++)
        {
            var y = top + HeaderHeight + (row * RowHeight);
            var (relationship, outcome) = rows[row];
            svg.Label(Margin, y + 20, $"{PlotText.Capitalize(EnumNames<Rater>.Of(relationship))} / {EnumNames<Rater>.Of(outcome)}");
            for (var c = 0; c < columns.Count; c++)
            {
                var type = columns[c];
                DrawCell(svg, [.. cells.Where(cell => cell.RelationshipRater == relationship && cell.OutcomeRater == outcome && cell.OutcomeType == type)],
                    Margin + LabelWidth + (c * width), y, width);
            }
        }
    }

    // All countries together: samples are of one country each.
    private static void DrawCell(SvgWriter svg, List<CoverageCell> cells, double x, double y, double width)
    {
        var (effects, participants) = (cells.Sum(cell => cell.Effects), cells.Sum(cell => cell.Participants));
        var style = effects == 0 ? "empty" : s_shades.First(shade => participants >= shade.From).Style;
        svg.Rectangle(x + 2, y + 2, width - 4, RowHeight - 4, $"cell {style}");
        svg.Label(x + (width / 2), y + 19, effects == 0 ? "none" : $"{Phrasing.Plural(effects, "effect")}, N = {ApaFormat.Count(participants)}",
            $"small on-{style}", TextAnchor.Middle);
    }

    private static string Subtitle(CoverageResponse coverage, FilterRequest? filter)
    {
        var known = coverage.Cells.Where(cell => cell.Country is not null && cell.Effects > 0).Select(cell => cell.Country).Distinct().Count();
        return $"{Phrasing.DescribeCounts(coverage.Counts)}, of {Phrasing.Plural(known, "country", "countries")} as far as reported."
            + (Phrasing.Describe(filter) is { } chosen ? $" Only {chosen}." : "");
    }

    private static IEnumerable<string> Notes(EffectSet effects, CoverageResponse coverage, IEnumerable<EffectLevel> emptyLevels)
    {
        if (emptyLevels.Select(level => NameOf(level)).ToList() is { Count: > 0 } empty)
        {
            yield return $"No effect at all: {string.Join(", ", empty)}.";
        }

        if (coverage.Cells.Sum(cell => cell.Registered) is > 0 and var registered)
        {
            yield return $"{Phrasing.Plural(registered, "registered study", "registered studies")} without a usable coefficient "
                + $"{(registered == 1 ? "is" : "are")} in no cell: raters and outcome are those of effects.";
        }

        foreach (var warning in coverage.Warnings)
        {
            yield return warning.Finding;
        }

        yield return "Darker cells have more participants: from 200, from 1,000.";
        yield return Phrasing.Describe(ResponseMapper.Data(effects));
    }

    private static string NameOf(string camelCase) => Phrasing.SplitCamelCase(camelCase);

    private static string NameOf(EffectLevel level) => $"{Phrasing.SplitCamelCase(EnumNames<EffectLevel>.Of(level))}s";
}
