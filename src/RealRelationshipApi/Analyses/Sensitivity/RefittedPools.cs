using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.Sensitivity;

/// <summary>The pools of a sensitivity analysis that differ in the effects, in ρ or in the estimator. Several of them can be that of all effects under the
/// model that was asked for, such as the subsets that leave nothing out: it is fitted once.</summary>
internal sealed class RefittedPools(EffectSet effects, ModelFrame frame, ResolvedModel model)
{
    private readonly int[] _all = [.. Enumerable.Range(0, effects.Count)];
    private ModelFit? _whole;

    /// <summary>The pool of some effects.</summary>
    /// <param name="chosen">Their indices, each once, in order.</param>
    public ModelFit Of(IReadOnlyList<int> chosen) => chosen.Count == effects.Count ? Whole() : SensitivityAnalysis.Pool(effects, chosen, model);

    /// <summary>The pool with another ρ.</summary>
    public ModelFit WithRho(double rho) => rho == model.Rho ? Whole() : SensitivityAnalysis.Pool(effects, _all, model with { Rho = rho });

    /// <summary>The nested pool with another estimator; null if it cannot be fitted.</summary>
    public ModelFit? TryWithEstimator(Estimator estimator)
    {
        if (estimator != model.Estimator)
        {
            return SensitivityAnalysis.TryPool(frame, model with { Estimator = estimator });
        }

        _whole ??= SensitivityAnalysis.TryPool(frame, model);
        return _whole is { Nested: not null } ? _whole : null;
    }

    private ModelFit Whole() => _whole ??= SensitivityAnalysis.Pool(effects, _all, model);
}
