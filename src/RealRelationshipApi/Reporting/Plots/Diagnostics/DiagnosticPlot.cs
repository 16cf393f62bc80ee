using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Diagnostics;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

/// <summary>A picture without options of its own.</summary>
internal sealed record DiagnosticPlotRequest : AnalysisRequest;

/// <summary>Subsets of a GOSH plot.</summary>
internal sealed record GoshPlotRequest : AnalysisRequest, ISubsetRequest
{
    internal static IReadOnlyList<RequestOption<GoshPlotRequest>> Options { get; } = SubsetOptions.Of<GoshPlotRequest>(
        (r, v) => r with { Subsets = v }, (r, v) => r with { Seed = v });

    /// <summary>Number of subsets drawn if there are more than 20 rows, 1 to 100,000; default 10,000, fewer above 1,000 rows. Of up to 20 rows all subsets are
    /// fitted.</summary>
    public long? Subsets { get; init; }

    /// <summary>Seed of the random number generator; default 1.</summary>
    public long? Seed { get; init; }
}

/// <summary>What the pictures share: the pooled result, and one row per effect, or per sample if effects are dependent.</summary>
internal sealed record DiagnosticPlot(EffectSet Effects, FilterRequest? Filter, PoolResponse Pool, ModelFrame Frame, ResolvedModel Flat,
    IReadOnlyList<string> Labels)
{
    private const double NoteFontSize = 11.5;
    private const double NoteLabelWidth = 260;

    public bool IsCorrelation => Pool.Correlation is not null;

    public string RowName => Frame.Count == Effects.Count ? "effect" : "sample";

    public TauSquaredEstimator Estimator => Flat.RandomEffectsOptions.Estimator;

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, AnalysisRequest request, ErrorLocation location,
        Func<DiagnosticPlot, string> draw)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        if (model is null)
        {
            return (null, problem);
        }

        var frame = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model.Flattened);
        return (draw(new(effects, request.Filter, PoolAnalysis.Run(effects, model), frame, model.Flattened, RowLabels.Of(frame))), null);
    }

    public string Title(string kind) => PlotText.Title(Effects, kind);

    public string Subtitle() => PlotText.Subtitle(Pool, Filter);

    /// <summary>Label of a row in a sentence.</summary>
    public string ShortLabel(int row) => TextLayout.TruncateMiddle(Labels[row], NoteFontSize, NoteLabelWidth);

    public string EffectAxis => IsCorrelation ? "Correlation r, on the scale of Fisher z" : "Effect";

    public string Format(double effect) => IsCorrelation ? $"r = {ApaFormat.Correlation(Math.Tanh(effect))}" : ApaFormat.Number(effect);

    public IReadOnlyList<string> Notes(params IEnumerable<string> own) =>
    [
        .. own,
        .. Frame.Count == Effects.Count ? Array.Empty<string>()
            : [$"{ApaFormat.Count(Effects.Count)} effects are drawn as one composite each of {Phrasing.Plural(Frame.Count, "sample")}."],
        .. Frame.ClusterWarnings(Flat).Select(warning => warning.Finding),
        .. PlotText.Notes(Pool),
    ];
}
