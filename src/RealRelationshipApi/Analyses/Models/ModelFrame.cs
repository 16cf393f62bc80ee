using System.Runtime.InteropServices;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Models;

/// <summary>Rows of the model frame: one per effect, or one per sample when effects are aggregated.</summary>
internal sealed class ModelFrame
{
    private readonly bool _isComposite;

    private ModelFrame(EffectSet effects, IReadOnlyList<IReadOnlyList<int>> members, double[] estimates, double[] variances, AggregatedEffects? composite)
    {
        _isComposite = composite is not null;
        Effects = effects;
        Members = members;
        Estimates = estimates;
        Variances = variances;
        HasNegativeWeights = composite?.NegativeWeights ?? false;
    }

    public EffectSet Effects { get; }

    /// <summary>Indices of the effects of each row.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Members { get; }

    public double[] Estimates { get; }

    public double[] Variances { get; }

    public bool HasNegativeWeights { get; }

    public int Count => Estimates.Length;

    /// <summary>Whether effects of one sample are in several rows.</summary>
    public bool HasSplitSamples => Count > 0 && SampleCodes().Max() + 1 < Count;

    /// <summary>Creates the rows for a set of effects. When samples are aggregated, effects of one sample in different <paramref name="groups"/> are kept
    /// separate.</summary>
    /// <param name="effects">The whole set.</param>
    /// <param name="chosen">Indices of the effects to include.</param>
    /// <param name="model">The model, which determines the treatment of dependence.</param>
    /// <param name="groups">The group of each effect of the set; null for no groups.</param>
    public static ModelFrame Create(EffectSet effects, IReadOnlyList<int> chosen, ResolvedModel model, Func<int, string>? groups = null)
    {
        CancellationScope.ThrowIfCancelled();
        var (y, v) = Columns(effects, chosen, model.Measure);
        if (model.Dependence != Dependence.Aggregate)
        {
            return new(effects, chosen.Map((i, _) => new[] { i }), y, v, null);
        }

        var numbers = effects.SampleNumbers;
        var samples = groups is null ? numbers.Of(chosen)
            : NameNumbers.Number(chosen.Count, i => (numbers.Numbers[chosen[i]], groups(chosen[i])), EqualityComparer<(int, string)>.Default).Numbers;
        var composite = PairCorrelations.Of(effects, chosen, model) is { } correlations
            ? Aggregation.Aggregate(y, v, samples, correlations, model.AggregationWeights)
            : Aggregation.Aggregate(y, v, samples, model.Rho, model.AggregationWeights);
        return new(effects, [.. composite.Rows.Select(rows => rows.Select(r => chosen[r]).ToArray())],
            [.. composite.Estimates], [.. composite.Variances], composite);
    }

    /// <summary>Options of a nested model of the rows, each of which is one effect.</summary>
    public MultilevelOptions NestedOptions(ResolvedModel model)
    {
        if (model.Cluster == ClusterChoice.Sample && !PairCorrelations.Given(model).Any())
        {
            return model.MultilevelOptions;
        }

        int[] rows = [.. Members.Select(m => m[0])];
        return model.MultilevelOptions with
        {
            Correlations = PairCorrelations.Of(Effects, rows, model),
            Clusters = model.Cluster == ClusterChoice.Study ? StudyClusters.Of(Effects, rows) : null,
        };
    }

    /// <summary>Effects and their variances on the scale of analysis.</summary>
    public static (double[] Estimates, double[] Variances) Columns(EffectSet effects, IReadOnlyList<int> chosen, EffectMeasure measure)
    {
        double[] y = [.. chosen.Select(i => effects.Estimates[i])];
        double[] v = [.. chosen.Select(i => effects.Variances[i])];
        for (var row = 0; measure == EffectMeasure.Correlation && row < y.Length; row++)
        {
            (y[row], v[row]) = EffectSizeConversion.ToUntransformedCorrelation(y[row], v[row], effects.Participants[chosen[row]]);
        }

        return (y, v);
    }

    /// <summary>Warnings about the scale and the aggregation of effects.</summary>
    public IEnumerable<Warning> Warnings(ResolvedModel model)
    {
        if (model.Measure == EffectMeasure.Correlation)
        {
            yield return FitWarnings.Of(FitWarnings.UntransformedCorrelations);
        }

        if (Members.Count(m => m.Count > 1) is > 0 and var several)
        {
            yield return new("aggregated", $"{Members.Where(m => m.Count > 1).Sum(m => m.Count)} effects of {several} {(several == 1 ? "sample" : "samples")} "
                + $"enter as one composite each, with sampling errors correlated by rho = {model.Rho:0.###}"
                + $"{string.Concat(PairCorrelations.Given(model).Select(g => FormattableString.Invariant($", {g.Rho:0.###} with the same {g.Kind.Shared}")))}. "
                + "What is predicted is the composite of a new sample.");
        }

        if (HasNegativeWeights)
        {
            yield return Warning.WithAdvice("negativeWeights",
                "Inside a sample some effect has a negative weight, because rho exceeds the ratio of standard errors.",
                "aggregation=simple takes the plain mean.");
        }

        foreach (var warning in ClusterWarnings(model))
        {
            yield return warning;
        }
    }

    /// <summary>The warning that composites of one study enter as independent, although robust variances by study were asked for.</summary>
    public IEnumerable<Warning> ClusterWarnings(ResolvedModel model)
    {
        if (!_isComposite || !(model.IgnoresCluster || model.Cluster == ClusterChoice.Study))
        {
            yield break;
        }

        var studies = StudyClusters.Of(Effects, Members.Map((members, _) => members[0])).Distinct().Count();
        if (studies < Count)
        {
            yield return Warning.WithAdvice("clusterIgnored",
                $"What is computed from composites has no robust variance: {Count} samples of {studies} "
                + $"{(studies == 1 ? "study" : "studies")} enter as independent, so that its intervals can be too short.",
                "cluster=study is for robust variances.");
        }
    }

    /// <summary>What the rows of a whole set are.</summary>
    /// <param name="model">The model that is asked for, which may treat dependent effects in another way than these rows.</param>
    public EffectBasis BasisOf(ResolvedModel model) =>
        Count < Effects.Count || model.Dependence == Dependence.Aggregate ? EffectBasis.Aggregated : EffectBasis.Effects;

    /// <summary>Id of the effect, or of the sample if rows are composites.</summary>
    public string IdOf(int row) => _isComposite ? SampleOf(row) : Effects.Ids[Members[row][0]];

    public string SampleOf(int row) => Effects.Samples[Members[row][0]];

    /// <summary>Study of a row, or studies of a composite.</summary>
    public string StudiesOf(int row) => Members[row] is [var only] ? Effects.Studies[only]
        : string.Join(", ", Members[row].Select(i => Effects.Studies[i]).Distinct(StringComparer.Ordinal));

    /// <summary>Largest known number of participants among the effects of a row.</summary>
    public double? ParticipantsOf(int row) => Members[row] is [var only] ? Effects.Participants[only] : Members[row].Max(i => Effects.Participants[i]);

    /// <summary>Distinct notes of the effects of a row.</summary>
    public IReadOnlyList<string> NotesOf(int row) => Effects.Notes.Length == 0 ? []
        : Members[row] is [var only] ? Effects.Notes[only] : [.. Members[row].SelectMany(i => Effects.Notes[i]).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether a row is a hypothetical effect, or a composite with one.</summary>
    public bool IsHypothetical(int row) => Members[row].Any(Effects.IsHypothetical);

    /// <summary>Rows by year of publication, hypothetical ones without a year last; in the given order for effects in the body.</summary>
    public int[] RowsByYear() =>
        [.. Enumerable.Range(0, Count).OrderBy(row => Effects.IsStored ? Effects.Years[Members[row][0]] ?? long.MaxValue : 0)];

    /// <summary>One code per row, equal for rows of the same sample.</summary>
    public int[] SampleCodes() => Effects.SampleNumbers.Of(Members.Map((members, _) => members[0]));

    /// <summary>One code per row, equal for rows of the same cluster of robust variances.</summary>
    public int[] ClusterCodes(ResolvedModel model) => model.Cluster == ClusterChoice.Study ? StudyClusters.Of(Effects, [.. Members.Select(m => m[0])])
        : SampleCodes();

    public CountsResponse Counts(IEnumerable<int> rows)
    {
        var (effects, hypothetical) = (0, 0);
        var (sampleOf, studyOf) = (Effects.SampleNumbers.Numbers, Effects.StudyNumbers.Numbers);
        var (studies, largest) = (new HashSet<int>(), new Dictionary<int, double?>());
        foreach (var row in rows)
        {
            CancellationScope.ThrowIfCancelled(row);
            foreach (var i in Members[row])
            {
                effects++;
                hypothetical += Effects.IsHypothetical(i) ? 1 : 0;
                studies.Add(studyOf[i]);
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(largest, sampleOf[i], out _);
                known = Effects.Participants[i] > (known ?? double.NegativeInfinity) ? Effects.Participants[i] : known;
            }
        }

        return new(effects, largest.Count, studies.Count, largest.Values.Sum(n => n ?? 0), largest.Values.Count(n => n is null))
        {
            Hypothetical = hypothetical > 0 ? hypothetical : null,
        };
    }

    public CountsResponse Counts() => Counts(Enumerable.Range(0, Count)) with { Registered = Effects.IsStored ? Effects.Registered.Count : null };
}
