using System.Globalization;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Multiverse;

/// <summary><c>/meta/multiverse</c>: the pooled effect under every combination of declared models and selections, as a specification curve.</summary>
internal sealed class MultiverseAnalysis
{
    private static readonly Estimator[] s_estimators = [Estimator.Reml, Estimator.Ml, Estimator.Dl, Estimator.Pm, Estimator.Common];

    private readonly EffectSet _effects;
    private readonly MultiverseRequest _request;
    private readonly ErrorLocation _location;
    private readonly IReadOnlyList<ModeratorColumn> _columns;
    private readonly Dictionary<string, int> _leftOut = new(StringComparer.Ordinal);
    private readonly List<(SpecificationResponse Response, double[] Terms)> _specifications = [];
    private readonly Dictionary<string, int> _samples = new(StringComparer.Ordinal);

    private MultiverseAnalysis(EffectSet effects, MultiverseRequest request, ErrorLocation location, IReadOnlyList<ModeratorColumn> columns)
    {
        (_effects, _request, _location, _columns) = (effects, request, location, columns);
        foreach (var sample in effects.Samples)
        {
            _samples.TryAdd(sample, _samples.Count);
        }
    }

    public static (MultiverseResponse? Answer, Problem? Problem) Run(EffectSet effects, MultiverseRequest request, ErrorLocation location)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        var (columns, unknown) = ModeratorColumn.Find(effects, request.By ?? [], "by", location);
        if (problem is not null || unknown is not null)
        {
            return (null, problem ?? unknown);
        }

        FieldError[] continuous = [.. columns.Index().Where(column => column.Item.IsContinuous).Select(column =>
            new FieldError(location.Item("by", column.Index), "notCategorical", "is a number: only levels of a categorical moderator can be selected"))];
        return continuous.Length > 0 ? (null, Problem.Invalid(continuous))
            : new MultiverseAnalysis(effects, request, location, columns).Compute(model!);
    }

    /// <summary>Numbers of combinations of a request: of models of rows, and of models of nested effects, which have two estimators at most.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isNested">Whether effects are nested in samples, where the request leaves that open.</param>
    /// <param name="levels">Number of levels of each moderator.</param>
    public static (double OfRows, double Nested) CountOf(MultiverseRequest request, bool isNested, IEnumerable<double> levels)
    {
        var selections = (request.Rhos?.Count ?? 1) * levels.Aggregate(1.0, (count, level) => count * (level + 1));
        var estimators = request.Estimators ?? s_estimators;
        var dependences = request.Dependences ?? (isNested ? [Dependence.Auto, Dependence.Aggregate, Dependence.ThreeLevel] : [Dependence.Independent]);
        var flat = dependences.Count(dependence => dependence is Dependence.Independent or Dependence.Aggregate
            || (dependence == Dependence.Auto && !isNested));
        return (selections * flat * estimators.Count,
            selections * (dependences.Count - flat) * estimators.Count(estimator => estimator is Estimator.Reml or Estimator.Ml));
    }

    private (MultiverseResponse? Answer, Problem? Problem) Compute(ResolvedModel model)
    {
        var models = Models(model);
        var levels = _columns.Select(column => (string?[])[null, .. column.Values.Select(value => value?.Text).OfType<string>()
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]).ToList();
        var count = levels.Aggregate((double)models.Count, (product, values) => product * values.Length);
        if (count > MultiverseRequest.MaxSpecifications)
        {
            return (null, Problem.Invalid([new FieldError(_location.Member(_columns.Count > 0 ? "by" : "rhos"), "tooManySpecifications",
                $"makes {count:N0} specifications; {MultiverseRequest.MaxSpecifications:N0} are the most: leave out choices")]));
        }

        foreach (var selection in Combine(levels))
        {
            int[] rows = [.. Enumerable.Range(0, _effects.Count).Where(i =>
                selection.Index().All(level => level.Item is null || level.Item == _columns[level.Index].Values[i]?.Text))];
            if (rows.Length == 0)
            {
                LeaveOut("noEffects", models.Count);
                continue;
            }

            foreach (var choice in models)
            {
                Add(choice, selection, rows);
            }
        }

        return _specifications.Count == 0 ? (null, new Problem(ProblemKind.NotComputable, "No specification has an estimate."))
            : (Respond(model), null);
    }

    private MultiverseResponse Respond(ResolvedModel model)
    {
        SpecificationResponse[] ordered = [.. _specifications.Select(s => s.Response).OrderBy(s => s.Effect)];
        var frame = ModelFrame.Create(_effects, [.. Enumerable.Range(0, _effects.Count)], model);
        return new()
        {
            Specifications = ordered,
            LeftOut = [.. _leftOut.OrderBy(reason => reason.Key, StringComparer.Ordinal).Select(reason => new LeftOutResponse(reason.Key, reason.Value))],
            Curve = Curve(ordered),
            Choices = [.. Choices(ordered)],
            Counts = frame.Counts(),
            Model = ResponseMapper.Model(model),
            Given = _effects.Given,
            Used = _effects.Count,
            Data = ResponseMapper.Data(_effects),
            Excluded = _effects.Excluded,
            Suppressed = _effects.Suppressed,
            Warnings = [.. _effects.Warnings, .. frame.Warnings(model).Where(warning => warning.Code == FitWarnings.UntransformedCorrelations),
                .. ordered.SelectMany(s => s.WarningCodes).Distinct(StringComparer.Ordinal).Where(FitWarnings.HasWords)
                .Select(code => FitWarnings.Of(code, "some specifications"))],
        };
    }

    /// <summary>The models that the effects can take, each once.</summary>
    private List<ResolvedModel> Models(ResolvedModel own)
    {
        var dependences = _request.Dependences
            ?? (_effects is { HasDependentEffects: true, HasSeveralSamples: true }
                ? [own.Dependence, Dependence.Aggregate, Dependence.ThreeLevel] : [own.Dependence]);
        var models = new List<ResolvedModel>();
        foreach (var dependence in dependences.Distinct())
        {
            foreach (var estimator in _request.Estimators ?? s_estimators)
            {
                foreach (var rho in _request.Rhos ?? [own.Rho])
                {
                    var request = (_request.Model ?? new()) with { Dependence = dependence, Estimator = estimator, Rho = rho };
                    if (ResolvedModel.Resolve(request, _effects, _location).Model is not { } model)
                    {
                        LeaveOut("notAvailable", 1);
                    }
                    else if (!models.Exists(other => (other.Estimator, other.Dependence) == (model.Estimator, model.Dependence)
                        && (!model.UsesRho || other.Rho.Equals(model.Rho))))
                    {
                        models.Add(model);
                    }
                }
            }
        }

        return models;
    }

    private void Add(ResolvedModel model, IReadOnlyList<string?> selection, int[] rows)
    {
        try
        {
            var frame = ModelFrame.Create(_effects, rows, model);
            var fit = AnalysisMetrics.TimeFit(model, () => ModelFit.Pool(frame, model, profileIntervals: false));
            var mean = fit.Mean;
            if (!mean.IsIdentified)
            {
                LeaveOut("varianceNotIdentified", 1);
                return;
            }

            var terms = new double[_samples.Count];
            for (var row = 0; row < frame.Count; row++)
            {
                terms[_samples[frame.SampleOf(row)]] += fit.Weights[row] / 100 * frame.Estimates[row];
            }

            var counts = frame.Counts();
            _specifications.Add((new(model.Estimator, model.Dependence, model.UsesRho ? model.Rho : null, selection, mean.Estimate, mean.StandardError,
                mean.Lower, mean.Upper, mean.PValue, fit.Heterogeneity.TauSquared, model.Measure == EffectMeasure.FisherZ ? Math.Tanh(mean.Estimate) : null,
                counts.Effects, counts.Samples, FitWarnings.CodesOf(fit)), terms));
        }
        catch (StatisticsException error)
        {
            LeaveOut(error.Code, 1);
        }
    }

    private void LeaveOut(string reason, int count) => _leftOut[reason] = _leftOut.GetValueOrDefault(reason) + count;

    private CurveResponse Curve(SpecificationResponse[] ordered)
    {
        var seed = _request.Seed ?? 1;
        double[] ones = [.. Enumerable.Repeat(1.0, _samples.Count)];
        // An estimate is a sum over samples, whatever the model: each term takes the place of an effect.
        var test = SpecificationCurveTest.Run(ones, [.. Enumerable.Range(0, ones.Length)], [.. _specifications.Select(s => s.Terms)],
            (int)(_request.Permutations ?? MultiverseRequest.DefaultPermutations), (ulong)seed);
        double Share(Func<SpecificationResponse, bool> holds) => ordered.Count(holds) / (double)ordered.Length;
        var median = Quantile(ordered, 0.5);
        return new(ordered.Length, ordered[0].Effect, Quantile(ordered, 0.25), median, Quantile(ordered, 0.75), ordered[^1].Effect,
            ordered[0].R is null ? null : Math.Tanh(median), Share(s => s.Effect > 0), Share(s => s.Lower > 0), Share(s => s.Upper < 0),
            new(test.PValue, test.Permutations, test.IsExact, test.IsExact ? null : seed));
    }

    private IEnumerable<ChoiceResponse> Choices(SpecificationResponse[] ordered)
    {
        (string Name, Func<SpecificationResponse, string?> Value)[] dimensions =
        [
            ("estimator", s => EnumNames<Estimator>.Of(s.Estimator)),
            ("dependence", s => EnumNames<Dependence>.Of(s.Dependence)),
            ("rho", s => s.Rho?.ToString(CultureInfo.InvariantCulture)),
            .. _columns.Select((column, i) => (column.Name, (Func<SpecificationResponse, string?>)(s => s.Selection[i]))),
        ];
        return dimensions.SelectMany(dimension => ordered.GroupBy(dimension.Value, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
                new ChoiceResponse(dimension.Name, group.Key, group.Count(), Quantile([.. group], 0.5))));
    }

    /// <summary>R's type 7.</summary>
    private static double Quantile(SpecificationResponse[] ordered, double p)
    {
        var at = p * (ordered.Length - 1);
        var below = (int)at;
        return below + 1 < ordered.Length ? ordered[below].Effect + ((at - below) * (ordered[below + 1].Effect - ordered[below].Effect)) : ordered[^1].Effect;
    }

    private static IEnumerable<IReadOnlyList<string?>> Combine(List<string?[]> levels) => levels.Aggregate(
        (IEnumerable<IReadOnlyList<string?>>)[[]], (combinations, values) =>
            combinations.SelectMany(head => values.Select(value => (string?[])[.. head, value])));
}
