using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Limits;

/// <summary>What the cost of an analysis depends on.</summary>
/// <param name="Effects">Number of effects k.</param>
/// <param name="Samples">Number of samples m.</param>
/// <param name="LargestSample">Number of effects of the largest sample.</param>
/// <param name="LargestVariances">Largest number of different variances within a sample.</param>
/// <param name="IsNested">Whether effects are nested in samples.</param>
/// <param name="IsRobust">Whether variances are cluster-robust.</param>
/// <param name="Columns">Number of columns of each moderator with the intercept: its levels, or two if it is continuous.</param>
internal sealed record AnalysisSize(double Effects, double Samples, double LargestSample, double LargestVariances, bool IsNested, bool IsRobust,
    IReadOnlyList<double> Columns)
{
    /// <summary>Whether deletions and additions are fits of all others: correlations by kind of pair, and clusters of several samples.</summary>
    public bool NeedsRefits { get; init; }

    /// <summary>Whether studies have random effects above samples.</summary>
    public bool IsFourLevel { get; init; }

    /// <summary>Numbers of effects of clusters of several samples, the largest first, and how many clusters have them; none if every sample is a
    /// cluster.</summary>
    public IReadOnlyList<(double Effects, double Count)> Clusters { get; init; } = [];

    /// <summary>The size of a question; null if the analysis will reject its model or moderators.</summary>
    /// <param name="effects">The selected effects.</param>
    /// <param name="request">The model.</param>
    /// <param name="moderators">Names of moderators.</param>
    public static AnalysisSize? Of(EffectSet effects, ModelRequest? request, IReadOnlyList<string> moderators) =>
        ModeratorColumn.Find(effects, moderators, "", ErrorLocation.InBody) is { Problem: null, Columns: var columns }
            ? Of(effects, request, [.. columns.Select(column => column.IsContinuous ? 2.0 : LevelsOf(column.Values))])
            : null;

    /// <summary>The size of a regression; null if the analysis will reject its model or terms.</summary>
    public static AnalysisSize? Of(EffectSet effects, RegressionRequest request) =>
        RegressionTerms.Find(effects, request.AllTerms, request.Kind, "", ErrorLocation.InBody).Terms is { } terms
            ? Of(effects, request.Model, [.. terms.Terms.Select(term => 1 + terms.ColumnsOf(term))])
            : null;

    private static double LevelsOf(ModeratorValue?[] values) => values.Where(value => value is not null).Distinct().Count();

    private static AnalysisSize? Of(EffectSet effects, ModelRequest? request, double[] columnCounts)
    {
        if (ResolvedModel.Resolve(request, effects, ErrorLocation.InBody).Model is not { } model)
        {
            return null;
        }

        if (!model.IsNested)
        {
            return new(effects.Count, effects.Count, 1, 1, false, false, columnCounts);
        }

        // With correlations by kind of pair every effect has an eigenvalue of its own.
        var hasPairs = PairCorrelations.Given(model).Any() && model.UsesRho;
        var samples = effects.SampleNumbers;
        var counts = new int[samples.Count];
        foreach (var sample in samples.Numbers)
        {
            counts[sample]++;
        }

        var largest = counts.Max();
        var hasClusters = model.Cluster == ClusterChoice.Study && model.Robust != RobustVarianceChoice.None;
        return new(effects.Count, samples.Count, largest, hasPairs ? largest : CountVariances(effects, counts), true,
            model.Robust != RobustVarianceChoice.None, columnCounts)
        {
            NeedsRefits = hasPairs || hasClusters || model.Dependence == Dependence.FourLevel,
            IsFourLevel = model.Dependence == Dependence.FourLevel,
            Clusters = !hasClusters ? [] : [.. StudyClusters.Of(effects, [.. Enumerable.Range(0, effects.Count)]).CountBy(code => code)
                .CountBy(cluster => cluster.Value).OrderByDescending(size => size.Key).Select(size => ((double)size.Key, (double)size.Value))],
        };
    }

    private static int CountVariances(EffectSet effects, int[] counts)
    {
        var (numbers, different, variances) = (effects.SampleNumbers.Numbers, new HashSet<(int, double)>(), new int[counts.Length]);
        for (var i = 0; i < numbers.Length; i++)
        {
            var sample = numbers[i];
            variances[sample] += counts[sample] == 1 || different.Add((sample, effects.Variances[i])) ? 1 : 0;
        }

        return variances.Max();
    }

    /// <summary>A question with a fraction of the effects and samples, and the same moderators.</summary>
    public AnalysisSize Scaled(double fraction) => this with
    {
        Effects = Math.Max(1, Effects * fraction),
        Samples = Math.Max(1, Samples * fraction),
        LargestSample = Math.Max(1, LargestSample * fraction),
        LargestVariances = Math.Max(1, LargestVariances * fraction),
        Clusters = [.. Clusters.Select((cluster, i) => i == 0 ? (Math.Max(1, cluster.Effects * fraction), cluster.Count)
            : (cluster.Effects, cluster.Count * fraction))],
    };
}
