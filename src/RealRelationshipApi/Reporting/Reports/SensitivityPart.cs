using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Sensitivity;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>How far the pooled effect depends on single effects, estimators, assumptions and kinds of effects.</summary>
internal sealed class SensitivityPart
{
    private const int MaxNames = 10;

    private readonly SensitivityResponse _sensitivity;
    private readonly PoolResponse _pool;
    private readonly EffectScale _scale;
    private readonly EffectNames _names;

    private SensitivityPart(EffectSet effects, SensitivityResponse sensitivity, PoolResponse pool)
    {
        (_sensitivity, _pool, _scale) = (sensitivity, pool, EffectScale.Of(pool.Model));
        _names = new(effects, pool);
    }

    public static IEnumerable<RichText> Of(EffectSet effects, Computed<SensitivityResponse> computed, PoolResponse pool) =>
        computed.Response is not { } sensitivity
        ? [RichText.Of($"Sensitivity analyses cannot be computed: {computed.Reason}.")]
        : new SensitivityPart(effects, sensitivity, pool).Paragraphs();

    private IEnumerable<RichText> Paragraphs() =>
    [
        RichText.Join(" ", LeaveOneOut(), Influence()),
        RichText.Join(" ", Estimators(), Rho()),
        Subsets(),
        RichText.Of($"{Warnings()}"),
    ];

    private string Unit => _pool.Model.Dependence == Dependence.Independent ? "effect" : "sample";

    private RichText LeaveOneOut()
    {
        var rows = _sensitivity.LeaveOneOut;
        if (rows.Count < 2)
        {
            return RichText.Of($"With one {Unit}, none can be left out.");
        }

        var moves = rows.MaxBy(row => Math.Abs(row.Effect - (_pool.Pooled.Effect ?? row.Effect)))!;
        return RichText.Of($"Leaving out one {Unit} at a time, the pooled estimate was {_scale.Range([.. rows.Select(row => row.Effect)])}; it moved most "
            + $"without {Name(moves.Id)} ({_scale.Estimate(moves.Effect, moves.Lower, moves.Upper)}).");
    }

    private RichText Influence()
    {
        string[] names = [.. _sensitivity.Influence.Where(row => row.Influential).Select(row => _names.Of(row.Id))];
        var more = names.Length > MaxNames ? $"; and {ApaFormat.Count(names.Length - MaxNames)} more" : "";
        return _sensitivity.Influence.Count < 3 ? RichText.Of($"Diagnostics of influence need three {Unit}s.")
            : names.Length == 0 ? RichText.Of($"By the limits of Viechtbauer and Cheung (2010), none was influential.")
            : RichText.Of($"By the limits of Viechtbauer and Cheung (2010), {ApaFormat.Count(names.Length)} {(names.Length == 1 ? "was" : "were")} "
                + $"influential: {string.Join("; ", names.Take(MaxNames))}{more}.");
    }

    private RichText Estimators()
    {
        var rows = _sensitivity.Estimators;
        if (rows.Count < 2 || _pool.Heterogeneity.Df < 1)
        {
            return RichText.Empty;
        }

        var (least, most) = (rows.MinBy(row => row.Effect)!, rows.MaxBy(row => row.Effect)!);
        return RichText.Of($"By {ApaFormat.Count(rows.Count)} estimators of τ², the pooled estimate was {_scale.Range([.. rows.Select(row => row.Effect)])}"
            + $"{(least.Effect < most.Effect ? $", least by {Name(least.Estimator)} and most by {Name(most.Estimator)}" : "")}.");
    }

    private RichText Rho() => _sensitivity.Rho.Count == 0 ? RichText.Empty
        : RichText.Of($"For assumed correlations of sampling errors within samples from {ApaFormat.Correlation(_sensitivity.Rho.Min(row => row.Rho))} to "
            + $"{ApaFormat.Correlation(_sensitivity.Rho.Max(row => row.Rho))}, it was {_scale.Range([.. _sensitivity.Rho.Select(row => row.Effect)])}.");

    private RichText Subsets()
    {
        var smaller = _sensitivity.Subsets.Where(row => row.Counts.Effects < _sensitivity.Counts.Effects || row.Name == "withinClientByClients").ToList();
        return smaller.Count == 0 ? RichText.Of($"No effect is of a kind that a sensitivity analysis leaves out.")
            : RichText.Of($"Of subsets: {RichText.Join("; ", smaller.Select(Describe))}.");
    }

    private RichText Describe(SubsetResponse row) => row.Pooled is not { } pooled ? RichText.Of($"{SubsetName(row.Name)}, no effect is left")
        : RichText.Of($"{SubsetName(row.Name)}, {Symbols.K} = {ApaFormat.Count(row.Counts.Effects)}, "
            + $"{_scale.Estimate(pooled.Effect, pooled.Lower, pooled.Upper)}");

    private string Warnings()
    {
        const string ofRows = "some rows: ";
        var warnings = _sensitivity.Warnings.Except(_pool.Warnings).Select(warning => warning.Finding).ToList();
        var some = warnings.Where(detail => detail.StartsWith(ofRows, StringComparison.Ordinal)).Select(detail => detail[ofRows.Length..]).ToList();
        return string.Join(' ', [.. warnings.Where(detail => !detail.StartsWith(ofRows, StringComparison.Ordinal)),
            .. some.Count > 0 ? some.Prepend("For some of these estimates:") : []]);
    }

    // Nested effects are left out by sample.
    private string Name(string id) => _pool.Model.Dependence.IsNested() ? $"sample {id}" : _names.Of(id);

    private static string Name(Estimator estimator) => estimator == Estimator.Common ? "the common-effect model (τ² = 0)" : Phrasing.EstimatorName(estimator);

    private static string SubsetName(string subset) => subset switch
    {
        "withoutConverted" => "without converted effects",
        "withoutAdjusted" => "without effects adjusted for covariates",
        "withoutUnpublished" => "without unpublished studies",
        "withoutSynthetic" => "without synthetic effects",
        "withoutRetrospective" => "without retrospective studies",
        "withoutSingleSource" => "without effects whose relationship and outcome one source rated",
        "withoutHighRiskOfBias" => "without studies at high risk of bias",
        "withoutUpperBounds" => "without effects known as upper bounds only",
        "withinClientByClients" => "with within-client variances by clients",
        _ => Phrasing.SplitCamelCase(subset),
    };
}
