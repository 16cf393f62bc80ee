using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

internal sealed record OrchardRequest : AnalysisRequest
{
    internal static IReadOnlyList<RequestOption<OrchardRequest>> Options { get; } =
    [
        RequestOption<OrchardRequest>.Text("by", "Categorical moderator with one row per level: a filter field or `moderators.NAME`.",
            (r, v) => r with { By = v }) with
        { Rule = rules => rules.RuleFor(q => q.By).NotEmptyIfGiven() },
    ];

    /// <summary>Categorical moderator with one row per level.</summary>
    public string? By { get; init; }

    internal override IReadOnlyList<string> ModeratorNames => By is { } by ? [by] : [];
}

/// <summary>Effects sized by precision around the pooled effect, with confidence and prediction intervals (Nakagawa et al. 2021, Research Synthesis
/// Methods 12).</summary>
internal static class OrchardPlot
{
    private const int MaxLevels = 20;
    private const double RowHeight = 110;
    private const double Spread = 66; // of points in a row
    private const double GoldenRatio = 0.6180339887498949;

    private sealed record Row(string Name, int[] Points, PooledEffectResponse Pooled);

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, OrchardRequest request, ErrorLocation location)
    {
        ModeratorResponse? moderator = null;
        if (request.By is { } by)
        {
            var (response, problem) = ModeratorsAnalysis.Run(effects, new ModeratorsRequest { By = [by], Model = request.Model }, location);
            if (response is null)
            {
                return (null, problem);
            }

            moderator = response.Moderators[0];
            if (moderator.Levels.Count is 0 or > MaxLevels)
            {
                return (null, Problem.Invalid([new FieldError(location.Member("by"), moderator.Levels.Count == 0 ? "notCategorical" : "tooManyLevels",
                    $"must be a categorical moderator with at most {MaxLevels} levels")]));
            }
        }

        return DiagnosticPlot.Render(effects, request, location, plot => Draw(plot, Rows(plot, moderator)));
    }

    private static IReadOnlyList<Row> Rows(DiagnosticPlot plot, ModeratorResponse? moderator)
    {
        int[] all = [.. Enumerable.Range(0, plot.Effects.Count)];
        if (moderator is null)
        {
            return [new("", all, plot.Pool.Pooled)];
        }

        var values = plot.Effects.ModeratorValues(moderator.Name)!;
        return [.. moderator.Levels.Select(level => new Row(level.Level, [.. all.Where(i => values[i]?.Text == level.Level)], level.Pooled))];
    }

    private static string Draw(DiagnosticPlot plot, IReadOnlyList<Row> rows)
    {
        var (y, v) = ModelFrame.Columns(plot.Effects, [.. Enumerable.Range(0, plot.Effects.Count)], plot.Pool.Model.Measure);
        var largest = 1 / v.Min();
        var frame = new PlotFrame
        {
            Title = plot.Title("orchard plot"),
            Subtitle = plot.Subtitle(),
            X = Axis.Covering([0, .. rows.SelectMany(row => row.Points.Select(i => y[i])), .. rows.SelectMany(row => Limits(row.Pooled))],
                PlotFrame.Left, PlotFrame.Right),
            XLabel = plot.EffectAxis,
            IsCorrelation = plot.IsCorrelation,
            Height = (rows.Count * RowHeight) + 20,
            Notes = [.. plot.Notes("The area of a circle is its precision; thick line: confidence interval, thin line: prediction interval of the true effect "
                + "of a new study.").Where(note => !note.Contains("are drawn as one composite", StringComparison.Ordinal))],
            Legend = [(Mark.Point, "dot", "effect"), (Mark.Point, "pooled", "pooled effect"), (Mark.Line, "bar", "confidence interval"),
                (Mark.Line, "funnel", "prediction interval")],
        };
        return frame.Draw(svg =>
        {
            svg.Line(frame.PositionX(0), frame.FromTop(0), frame.PositionX(0), frame.FromTop(frame.Height), "guide");
            foreach (var (index, row) in rows.Index())
            {
                var middle = frame.FromTop(((index + 0.5) * RowHeight) + 14);
                foreach (var (order, i) in row.Points.Index())
                {
                    // Multiples of the golden ratio scatter evenly, however many there are.
                    var jitter = ((order * GoldenRatio % 1) - 0.5) * Spread * Math.Min(1, (row.Points.Length - 1) / 12.0);
                    svg.Circle(frame.PositionX(y[i]), middle + jitter, 2 + (7 * Math.Sqrt(1 / v[i] / largest)),
                        plot.Effects.IsHypothetical(i) ? "hollow" : "dot", $"{plot.Effects.Ids[i]}: {plot.Format(y[i])}");
                }

                if (row.Pooled is { Effect: { } effect } pooled)
                {
                    Interval(svg, frame, middle, pooled.PredictionLower, pooled.PredictionUpper, "funnel");
                    Interval(svg, frame, middle, pooled.Lower, pooled.Upper, "bar");
                    svg.Circle(frame.PositionX(effect), middle, 7, "pooled", $"pooled: {plot.Format(effect)}");
                }
            }
        }, svg =>
        {
            foreach (var (index, row) in rows.Index())
            {
                var text = $"{(row.Name.Length > 0 ? $"{TextLayout.Truncate(row.Name, 13, 260)}: " : "")}{Phrasing.Plural(row.Points.Length, "effect")}"
                    + (row.Pooled.Effect is { } effect ? $", {plot.Format(effect)}" : "");
                svg.Label(PlotFrame.Left + 4, frame.FromTop((index * RowHeight) + 14), text, "small");
            }
        });
    }

    private static IEnumerable<double> Limits(PooledEffectResponse pooled) =>
        new[] { pooled.Lower, pooled.Upper, pooled.PredictionLower, pooled.PredictionUpper }.OfType<double>();

    private static void Interval(SvgWriter svg, PlotFrame frame, double y, double? lower, double? upper, string style)
    {
        if (lower is { } left && upper is { } right)
        {
            svg.Line(frame.PositionX(left), y, frame.PositionX(right), y, style);
        }
    }
}
