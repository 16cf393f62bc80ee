using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Multiverse;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

/// <summary>The specification curve: estimates in ascending order with intervals, and below them the choices that made each.</summary>
internal static class MultiversePlot
{
    private const double CurveHeight = 260;
    private const double Gap = 18;
    private const double LineHeight = 15;
    private const int MaxLines = 60;

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, MultiverseRequest request, ErrorLocation location)
    {
        var (response, problem) = MultiverseAnalysis.Run(effects, request, location);
        return response is null ? (null, problem) : (Draw(effects, request, response), null);
    }

    private static string Draw(EffectSet effects, MultiverseRequest request, MultiverseResponse response)
    {
        var specifications = response.Specifications;
        var isCorrelation = specifications[0].R is not null;
        var lines = Lines(request, response);
        var shown = lines.Take(MaxLines).ToList();
        var height = CurveHeight + Gap + (shown.Count * LineHeight) + 6;
        var effect = Axis.Covering([0, .. specifications.SelectMany(s => new[] { s.Lower, s.Upper, s.Effect }).OfType<double>()], CurveHeight, 0);
        var frame = new PlotFrame
        {
            Title = PlotText.Title(effects, "specification curve"),
            Subtitle = Subtitle(response, isCorrelation),
            X = new Axis(0.5, Math.Max(1.5, specifications.Count + 0.5), PlotFrame.Left, PlotFrame.Right),
            XLabel = "Specifications by ascending effect",
            Height = height,
            Notes = [.. Notes(response, lines.Count - shown.Count)],
            Legend = [(Mark.Point, "point", "pooled effect"), (Mark.Line, "range", "confidence interval"), (Mark.Line, "guide", "median"),
                (Mark.Area, "level", "choice made")],
        };
        double PositionOf(double value) => frame.FromTop(effect.Position(value));
        var step = (PlotFrame.Right - PlotFrame.Left) / Math.Max(1, specifications.Count);
        return frame.Draw(svg =>
        {
            svg.Line(PlotFrame.Left, PositionOf(0), PlotFrame.Right, PositionOf(0), "zero");
            svg.Line(PlotFrame.Left, PositionOf(response.Curve.Median), PlotFrame.Right, PositionOf(response.Curve.Median), "guide");
            foreach (var (i, s) in specifications.Index())
            {
                var x = frame.PositionX(i + 1);
                if (s is { Lower: { } lower, Upper: { } upper })
                {
                    svg.Line(x, PositionOf(lower), x, PositionOf(upper), specifications.Count > 150 ? "rule" : "range");
                }

                svg.Circle(x, PositionOf(s.Effect), specifications.Count > 150 ? 1.6 : 3.2, "point", Describe(request, s));
                foreach (var (row, line) in shown.Index())
                {
                    if (line.Holds(s))
                    {
                        svg.Rectangle(x - (step * 0.4), frame.FromTop(CurveHeight + Gap + (row * LineHeight) + 4), Math.Max(0.6, step * 0.8), LineHeight - 6,
                            "level");
                    }
                }
            }
        }, svg =>
        {
            foreach (var tick in isCorrelation ? effect.CorrelationTicks(22) : effect.Ticks())
            {
                var y = PositionOf(isCorrelation ? Math.Atanh(tick) : tick);
                svg.Line(PlotFrame.Left - 5, y, PlotFrame.Left, y, "axis");
                svg.Label(PlotFrame.Left - 9, y + 4, isCorrelation ? PlotFrame.TickOfCorrelation(tick) : effect.FormatTick(tick, false), "small",
                    TextAnchor.End);
            }

            svg.VerticalLabel(18, frame.FromTop(CurveHeight / 2), isCorrelation ? "Correlation r" : "Effect", "small");
            foreach (var (row, line) in shown.Index())
            {
                svg.Label(PlotFrame.Left - 6, frame.FromTop(CurveHeight + Gap + ((row + 1) * LineHeight) - 3), TextLayout.Truncate(line.Name, 11.5, 68),
                    "small", TextAnchor.End);
            }
        });
    }

    private sealed record Line(string Name, Func<SpecificationResponse, bool> Holds);

    /// <summary>Choices of the dimensions that have more than one.</summary>
    private static List<Line> Lines(MultiverseRequest request, MultiverseResponse response)
    {
        var by = request.By ?? [];
        return
        [
            .. response.Choices.GroupBy(choice => choice.Dimension, StringComparer.Ordinal).Where(group => group.Count() > 1).SelectMany(group =>
                group.Select(choice => group.Key switch
                {
                    "estimator" => new Line(choice.Value!, s => EnumNames<Estimator>.Of(s.Estimator) == choice.Value),
                    "dependence" => new Line(Short(choice.Value!), s => EnumNames<Dependence>.Of(s.Dependence) == choice.Value),
                    "rho" when !by.Contains("rho") => new Line($"rho {choice.Value ?? "–"}", s => $"{s.Rho:R}" == (choice.Value ?? "")),
                    _ => new Line(choice.Value ?? $"all, {group.Key.Split('.')[^1]}", s => s.Selection[IndexOf(by, group.Key)] == choice.Value),
                })),
        ];
    }

    private static int IndexOf(IReadOnlyList<string> names, string name) => names.Index().First(n => n.Item == name).Index;

    private static string Short(string dependence) => dependence switch
    {
        "correlatedHierarchical" => "correlated",
        "threeLevel" => "three-level",
        "fourLevel" => "four-level",
        _ => dependence,
    };

    private static string Subtitle(MultiverseResponse response, bool isCorrelation)
    {
        var curve = response.Curve;
        string Format(double effect) => isCorrelation ? ApaFormat.Correlation(Math.Tanh(effect)) : ApaFormat.Number(effect);
        return $"{Phrasing.Plural(curve.Count, "specification")}: median {(isCorrelation ? "r = " : "")}{Format(curve.Median)}, "
            + $"from {Format(curve.Minimum)} to {Format(curve.Maximum)}; test that the median is 0: p {ApaFormat.PValue(curve.Test.P)}.";
    }

    private static IEnumerable<string> Notes(MultiverseResponse response, int hidden)
    {
        var curve = response.Curve;
        yield return $"{ApaFormat.Percent(100 * curve.ShareSignificantPositive)} of the intervals are above 0, "
            + $"{ApaFormat.Percent(100 * curve.ShareSignificantNegative)} below.";
        if (response.LeftOut.Count > 0)
        {
            yield return $"{Phrasing.Plural(response.LeftOut.Sum(reason => reason.Count), "specification")} without an estimate: "
                + $"{string.Join(", ", response.LeftOut.Select(reason => $"{reason.Reason} {reason.Count}"))}.";
        }

        if (hidden > 0)
        {
            yield return $"{Phrasing.Plural(hidden, "choice")} more below these.";
        }

        yield return "Specifications share their data: the number of intervals that exclude 0 is no test, and the curve is as good as the declared choices.";
        yield return Phrasing.Describe(response.Data);
    }

    private static string Describe(MultiverseRequest request, SpecificationResponse s) => string.Join(", ",
    [
        EnumNames<Estimator>.Of(s.Estimator), EnumNames<Dependence>.Of(s.Dependence),
        .. s.Rho is { } rho ? [$"rho {ApaFormat.Number(rho)}"] : Array.Empty<string>(),
        .. (request.By ?? []).Select((name, i) => $"{name}: {s.Selection[i] ?? "all"}"),
        s.R is { } r ? $"r = {ApaFormat.Correlation(r)}" : ApaFormat.Number(s.Effect),
    ]);
}
