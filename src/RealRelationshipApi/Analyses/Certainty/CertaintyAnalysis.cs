using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Sensitivity;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Certainty;

/// <summary><c>/meta/certainty</c>: what the data say of each domain, computed and shown with its numbers. <see cref="SignedCertainty"/> adds what people
/// signed.</summary>
internal sealed class CertaintyAnalysis
{
    private const double Power = 0.8;

    private static readonly Warning s_withoutHypothetical =
        new(HypotheticalEffects.Warning, "Certainty is that of the stored evidence: hypothetical effects do not enter it.");

    private readonly EffectSet _effects;
    private readonly ResolvedModel _model;
    private readonly PoolResponse _pool;
    private BiasResponse? _bias;

    private CertaintyAnalysis(EffectSet effects, ResolvedModel model, PoolResponse pool) => (_effects, _model, _pool) = (effects, model, pool);

    /// <summary>The certainty of the stored evidence: hypothetical effects do not enter it.</summary>
    public static (CertaintyResponse? Response, Problem? Problem) Run(EffectSet effects, CertaintyRequest request, ErrorLocation location)
    {
        var evidence = effects.WithoutHypothetical ?? effects;
        if (evidence.Count == 0)
        {
            return (null, Problem.NotComputable("noEffects", evidence.EmptyReason));
        }

        var (model, problem) = ResolvedModel.Resolve(request.Model, evidence, location);
        return model is null ? (null, problem)
            : (new CertaintyAnalysis(evidence, model, PoolAnalysis.Run(evidence, model)).Compute(request.IsSignedQuestion) is var response
                && evidence != effects ? response with { Warnings = [.. response.Warnings, s_withoutHypothetical] } : response, null);
    }

    /// <summary>The same beside a pool that was computed; null if all effects of the pool are hypothetical, or the others cannot be pooled alone.</summary>
    /// <param name="effects">The effects.</param>
    /// <param name="model">The model.</param>
    /// <param name="pool">Their pool.</param>
    /// <param name="isSignedQuestion">Whether it is the question that people sign.</param>
    /// <param name="bias">Their tests for small-study effects by default options, if they were computed, too.</param>
    public static CertaintyResponse? Of(EffectSet effects, ModelRequest? model, PoolResponse pool, bool isSignedQuestion, BiasResponse? bias = null)
    {
        if (effects.WithoutHypothetical is null)
        {
            var resolved = ResolvedModel.Resolve(model, effects, ErrorLocation.InQuery).Model!;
            return new CertaintyAnalysis(effects, resolved, pool) { _bias = bias }.Compute(isSignedQuestion);
        }

        try
        {
            return Run(effects, new CertaintyRequest { Model = model }, ErrorLocation.InQuery).Response is { } response
                ? response with { IsSignedQuestion = isSignedQuestion } : null;
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    private double Margin => _model.Equivalence ?? ResolvedModel.NegligibleCorrelation;

    private Bounds Interval => _pool.Correlation is { } r ? new(r.Lower, r.Upper) : new(_pool.Pooled.Lower, _pool.Pooled.Upper);

    private CertaintyResponse Compute(bool isSignedQuestion) => new()
    {
        Domains = [RiskOfBias(), Inconsistency(), Indirectness(), Imprecision(), PublicationBias()],
        IsSignedQuestion = isSignedQuestion,
        Synthetic = _effects.IsStored ? Count("synthetic", value => value == "true") : 0,
        Counts = _pool.Counts,
        Model = _pool.Model,
        Given = _pool.Given,
        Used = _pool.Used,
        Data = _pool.Data,
        Excluded = _pool.Excluded,
        Suppressed = _pool.Suppressed,
        Warnings = _pool.Warnings,
    };

    private CertaintyDomainResponse RiskOfBias()
    {
        var judgements = _effects.Assessments.Length == 0 ? new RiskJudgement?[_effects.Count] : [.. _effects.Assessments.Select(a => a?.Overall)];
        var weights = EffectWeights();
        var high = judgements.Contains(RiskJudgement.High) ? PoolWithout(judgements, RiskJudgement.High) : null;
        var numbers = new RiskOfBiasNumbers(
            _pool.Counts.Studies,
            _effects.Studies.Where((_, i) => judgements[i] is not null).Distinct(StringComparer.Ordinal).Count(),
            WeightOf(RiskJudgement.Low), WeightOf(RiskJudgement.Some), WeightOf(RiskJudgement.High),
            WeightOf(RiskJudgement.Unclear) + WeightOf(RiskJudgement.NotApplicable), WeightOf(null),
            high?.Estimate, high?.Bounds.Lower, high?.Bounds.Upper);
        return Respond(CertaintyDomain.RiskOfBias, CertaintyRules.RiskOfBias(numbers, Interval, Margin), new() { RiskOfBias = numbers });

        double WeightOf(RiskJudgement? judgement) => weights.Where((_, i) => judgements[i] == judgement).Sum();
    }

    private CertaintyDomainResponse Inconsistency()
    {
        var (r, pooled) = (_pool.Correlation, _pool.Pooled);
        var numbers = new InconsistencyNumbers(r is null ? pooled.PredictionLower : r.PredictionLower, r is null ? pooled.PredictionUpper : r.PredictionUpper,
            Margin, _pool.Heterogeneity.Tau2, _pool.Heterogeneity.I2);
        return Respond(CertaintyDomain.Inconsistency, CertaintyRules.Inconsistency(numbers), new() { Inconsistency = numbers });
    }

    private CertaintyDomainResponse Indirectness()
    {
        var numbers = new IndirectnessNumbers(
            Distinct("country"), Percent("country", value => value is null), Distinct("relationshipMeasure"), Distinct("outcomeMeasure"),
            SameSource(), Percent("design", value => value == "prospective"), Percent("adjusted", value => value == "true"));
        return Respond(CertaintyDomain.Indirectness, CertaintyRules.Indirectness(), new() { Indirectness = numbers });
    }

    private CertaintyDomainResponse Imprecision()
    {
        var numbers = new ImprecisionNumbers(Interval.Lower, Interval.Upper, Margin, _pool.Counts.Participants,
            _model.Measure == EffectMeasure.Raw ? null : SampleSize.ForCorrelation(Margin, _model.Confidence, Power));
        return Respond(CertaintyDomain.Imprecision, CertaintyRules.Imprecision(numbers), new() { Imprecision = numbers });
    }

    private CertaintyDomainResponse PublicationBias()
    {
        var egger = _bias is null ? BiasAnalysis.TryEgger(_effects, _model) : _bias.Egger;
        var pooled = _effects.Samples.ToHashSet(StringComparer.Ordinal);
        var registered = _effects.Registered.Where(study => study.Registered!.State != RegistrationState.Excluded)
            .GroupBy(RegisteredStudy.SampleOf).Where(sample => !pooled.Contains(sample.Key)).ToList();
        var numbers = new PublicationBiasNumbers(_pool.Counts.Samples, egger?.Statistic, egger?.P, egger?.Basis, registered.Count,
            registered.Sum(sample => sample.Max(study => study.Registered!.N) ?? 0));
        return Respond(CertaintyDomain.PublicationBias, CertaintyRules.PublicationBias(numbers), new() { PublicationBias = numbers });
    }

    private static CertaintyDomainResponse Respond(CertaintyDomain domain, (CertaintyJudgement Proposed, string Because) proposal,
        CertaintyNumbersResponse numbers) => new(domain, proposal.Proposed, proposal.Because, numbers, null);

    // A composite shares its weight among its effects.
    private double[] EffectWeights()
    {
        var weights = new double[_effects.Count];
        var frame = ModelFrame.Create(_effects, [.. Enumerable.Range(0, _effects.Count)], _model);
        for (var row = 0; row < frame.Count; row++)
        {
            foreach (var i in frame.Members[row])
            {
                weights[i] = _pool.Studies[row].Weight / frame.Members[row].Count;
            }
        }

        return weights;
    }

    private (double? Estimate, Bounds Bounds)? PoolWithout(RiskJudgement?[] judgements, RiskJudgement excluded)
    {
        int[] left = [.. Enumerable.Range(0, _effects.Count).Where(i => judgements[i] != excluded)];
        if (left.Length == 0)
        {
            return null;
        }

        try
        {
            var fit = SensitivityAnalysis.Pool(_effects, left, _model);
            return ResponseMapper.Correlation(fit) is { } r ? (r.R, new(r.Lower, r.Upper)) : (fit.Mean.Estimate, new(fit.Mean.Lower, fit.Mean.Upper));
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    private int Distinct(string field) => _effects.ModeratorValues(field)?.Where(value => value is not null).Select(value => value!.Value.Text)
        .Distinct(StringComparer.Ordinal).Count() ?? 0;

    private int Count(string field, Func<string?, bool> isCounted) => _effects.ModeratorValues(field)?.Count(value => isCounted(value?.Text)) ?? 0;

    // Null for effects in the body that lack the moderator.
    private double? Percent(string field, Func<string?, bool> isCounted) =>
        _effects.ModeratorValues(field) is null ? null : 100.0 * Count(field, isCounted) / _effects.Count;

    private double? SameSource() => _effects.ModeratorValues("relationshipRater") is { } relationship && _effects.ModeratorValues("outcomeRater") is { } outcome
        ? 100.0 * relationship.Zip(outcome).Count(raters => raters.First is { } rater && rater.Text == raters.Second?.Text) / _effects.Count : null;
}
