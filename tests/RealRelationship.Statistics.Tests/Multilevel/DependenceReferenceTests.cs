using System.Text.Json;

namespace RealRelationship.Statistics.Tests.Multilevel;

/// <summary>Correlations by kind of pair and robust variances by study against R, see Reference/dependence.R.</summary>
public sealed class DependenceReferenceTests
{
    private const double Tolerance = 1e-8;

    private static readonly JsonElement s_root = JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("dependence.json"))).RootElement;
    private static readonly double[] s_y = Numbers("yi");
    private static readonly double[] s_v = Numbers("vi");
    private static readonly int[] s_samples = Codes("sample");
    private static readonly int[] s_studies = Codes("study");

    public static TheoryData<string, bool> Fits => [.. from v in new[] { "single", "outcome", "both", "none" } from x in new[] { false, true } select (v, x)];

    [Theory]
    [MemberData(nameof(Fits))]
    public void Fits_agree_with_dense_matrices(string v, bool hasModerator)
    {
        var name = $"{v} {(hasModerator ? "regression" : "mean")}";
        var fit = Fit(v, hasModerator, RobustVariance.None, byStudy: false);
        Close(Numbers(name), [.. fit.Coefficients.Select(c => c.Estimate), fit.BetweenVariance, fit.WithinVariance, fit.LogLikelihood,
            .. fit.Coefficients.Select(c => c.StandardError)]);
        Close(Numbers($"{name} weights"), [.. fit.Weights]);
    }

    [Theory]
    [MemberData(nameof(Fits))]
    public void Robust_variances_agree_with_dense_matrices(string v, bool hasModerator)
    {
        foreach (var robust in new[] { RobustVariance.CR0, RobustVariance.CR1, RobustVariance.CR2 })
        {
            foreach (var byStudy in new[] { false, true })
            {
                var fit = Fit(v, hasModerator, robust, byStudy);
                Close(Numbers($"{v} {(hasModerator ? "regression" : "mean")} {robust} {(byStudy ? "study" : "sample")}"),
                    [.. fit.Coefficients.SelectMany(c => new[] { c.StandardError, c.DegreesOfFreedom!.Value })]);
            }
        }
    }

    [Theory]
    [InlineData("outcome")]
    [InlineData("both")]
    public void Composites_agree_with_metafor(string v)
    {
        foreach (var (name, weights) in new[] { ("composites", AggregationWeights.InverseVariance), ("means", AggregationWeights.Simple) })
        {
            var aggregated = Aggregation.Aggregate(s_y, s_v, s_samples, Correlations(v)!, weights);
            Close(Numbers($"{v} {name}"), [.. aggregated.Estimates, .. aggregated.Variances]);
        }
    }

    [Fact]
    public void One_correlation_for_all_pairs_is_rho()
    {
        var options = Options("single", RobustVariance.CR2, byStudy: true);
        Close(Values(MultilevelModel.Fit(s_y, s_v, s_samples, options)),
            Values(MultilevelModel.Fit(s_y, s_v, s_samples, options with { Correlations = new SamplingCorrelations(0.6), Rho = 0 })));
        var (one, every) = (Aggregation.Aggregate(s_y, s_v, s_samples, 0.6), Aggregation.Aggregate(s_y, s_v, s_samples, new SamplingCorrelations(0.6)));
        Close([.. one.Estimates, .. one.Variances], [.. every.Estimates, .. every.Variances]);

        static double[] Values(MultilevelFit fit) => [fit.Mean.Estimate, fit.Mean.StandardError, fit.Mean.DegreesOfFreedom!.Value, fit.TauSquared,
            fit.BetweenInterval!.Value.Upper, fit.WithinInterval!.Value.Upper, fit.ISquared, fit.Q, .. fit.Weights];
    }

    /// <summary>Neither the order of effects nor the numbers of samples, studies and kinds matter.</summary>
    [Fact]
    public void Results_do_not_depend_on_the_order()
    {
        int[] order = [.. Enumerable.Range(0, s_y.Length).OrderBy(i => (i * 29) % 31).ThenBy(i => i)];
        var options = Options("both", RobustVariance.CR2, byStudy: true);
        var reordered = options with { Correlations = options.Correlations!.Select(order), Clusters = [.. order.Select(i => -s_studies[i])] };
        var (fit, other) = (MultilevelModel.Fit(s_y, s_v, s_samples, options),
            MultilevelModel.Fit([.. order.Select(i => s_y[i])], [.. order.Select(i => s_v[i])], [.. order.Select(i => 100 - s_samples[i])], reordered));
        Close([fit.Mean.Estimate, fit.Mean.StandardError, fit.Mean.DegreesOfFreedom!.Value, fit.TauSquared, .. order.Select(i => fit.Weights[i])],
            [other.Mean.Estimate, other.Mean.StandardError, other.Mean.DegreesOfFreedom!.Value, other.TauSquared, .. other.Weights]);
    }

    [Fact]
    public void Deletions_and_additions_are_refits()
    {
        var options = Options("both", RobustVariance.CR2, byStudy: true);
        var without = MultilevelMean.WithoutEachSample(s_y, s_v, s_samples, options);
        int[] left = [.. Enumerable.Range(0, s_y.Length).Where(i => s_samples[i] != s_samples[0])];
        Close(Values(Refit(left)), Values(without[0]!));
        var cumulative = MultilevelMean.Cumulative(s_y, s_v, s_samples, options);
        Close(Values(Refit([.. Enumerable.Range(0, s_y.Length)])), Values(cumulative[^1]!));
        Assert.Null(cumulative[0]);

        MultilevelFit Refit(int[] rows) => MultilevelModel.Fit([.. rows.Select(i => s_y[i])], [.. rows.Select(i => s_v[i])],
            [.. rows.Select(i => s_samples[i])], options with
            {
                Correlations = options.Correlations!.Select(rows),
                Clusters = [.. rows.Select(i => s_studies[i])],
            });

        static double[] Values(object fit) => fit switch
        {
            MultilevelFit f => [f.Mean.Estimate, f.Mean.StandardError, f.Mean.DegreesOfFreedom!.Value, f.TauSquared, f.Q, f.ISquared],
            MultilevelMean m => [m.Mean.Estimate, m.Mean.StandardError, m.Mean.DegreesOfFreedom!.Value, m.TauSquared!.Value, m.Q, m.ISquared!.Value],
            _ => [],
        };
    }

    /// <summary>Of a level in several samples of one study nothing says how far another study would lie.</summary>
    [Fact]
    public void A_level_of_one_study_rests_on_one_cluster()
    {
        var study = s_studies.GroupBy(code => code).First(group => group.Select((_, i) => i).Any()
            && s_samples.Where((_, i) => s_studies[i] == group.Key).Distinct().Count() > 1).Key;
        string[] levels = [.. s_studies.Select(code => code == study ? "only" : "others")];
        var bySample = ModeratorModel.FitCategoricalNested("level", s_y, s_v, s_samples, levels, Options("single", RobustVariance.CR2, byStudy: false));
        var byStudy = ModeratorModel.FitCategoricalNested("level", s_y, s_v, s_samples, levels, Options("single", RobustVariance.CR2, byStudy: true));
        Assert.False(bySample.Contrasts[0].RestsOnOneSample);
        Assert.True(byStudy.Contrasts[0].RestsOnOneSample);
        Assert.Equal(ModeratorVerdict.CannotTell, byStudy.Verdict);
    }

    [Fact]
    public void Crossed_kinds_can_contradict_each_other()
    {
        SharedTrait outcome = new([1, 1, 2, 2], 0.8), rater = new([1, 2, 1, 2], 0.8);
        Assert.True(new SamplingCorrelations(0, outcome).IsPositiveDefinite(0, 1, 2, 3));
        var crossed = new SamplingCorrelations(0.2, outcome, rater);
        Assert.False(crossed.IsPositiveDefinite(0, 1, 2, 3));
        Assert.True(crossed.IsPositiveDefinite(0, 1));
        double[] y = [0.1, 0.2, 0.3, 0.2, 0.4], v = [0.01, 0.01, 0.01, 0.01, 0.01];
        var five = new SamplingCorrelations(0.2, outcome with { Values = [1, 1, 2, 2, 1] }, rater with { Values = [1, 2, 1, 2, 1] });
        Assert.Equal("correlationsContradict",
            Assert.Throws<StatisticsException>(() => MultilevelModel.Fit(y, v, [1, 1, 1, 1, 2], new() { Correlations = five })).Code);
        Assert.Equal("correlationsContradict",
            Assert.Throws<StatisticsException>(() => Aggregation.Aggregate(y, v, [1, 1, 1, 1, 2], five)).Code);
    }

    [Fact]
    public void Invalid_clusters_and_correlations_are_refused()
    {
        Assert.Throws<ArgumentException>(() => MultilevelModel.Fit([0.1, 0.2, 0.3], [0.01, 0.01, 0.01], [1, 1, 2], new() { Clusters = [1, 2, 2] }));
        Assert.Equal("oneCluster", Assert.Throws<StatisticsException>(
            () => MultilevelModel.Fit([0.1, 0.2, 0.3], [0.01, 0.01, 0.01], [1, 1, 2], new() { Clusters = [7, 7, 7] })).Code);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingCorrelations(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingCorrelations(0, new SharedTrait([1], -0.1)));
        Assert.Throws<ArgumentException>(() => new SamplingCorrelations(0, new SharedTrait([1], 0.1), new SharedTrait([1, 2], 0.1)));
        Assert.Throws<ArgumentException>(() => new IncrementalMean(s_y, s_v, s_samples, Options("both", RobustVariance.None, byStudy: false)));
    }

    private static MultilevelFit Fit(string v, bool hasModerator, RobustVariance robust, bool byStudy)
    {
        var design = DesignMatrix.WithIntercept(s_y.Length);
        return MultilevelModel.Fit(s_y, s_v, s_samples, hasModerator ? design.Add(new ContinuousTerm("x", Numbers("x"))) : design, Options(v, robust, byStudy));
    }

    private static MultilevelOptions Options(string v, RobustVariance robust, bool byStudy) => new()
    {
        Model = v == "none" ? DependenceModel.ThreeLevel : DependenceModel.CorrelatedHierarchical,
        Rho = 0.6,
        Correlations = Correlations(v),
        Clusters = byStudy ? s_studies : null,
        Robust = robust,
        OneSample = OneSampleInference.AsRequested,
    };

    private static SamplingCorrelations? Correlations(string v) => v switch
    {
        "outcome" => new(0.4, Trait("outcome", 0.8)),
        "both" => new(0.5, Trait("outcome", 0.7), Trait("rater", 0.6)),
        "none" => new(0.9), // which the three-level model does not use
        _ => null,
    };

    private static SharedTrait Trait(string name, double rho) => new([.. Codes(name).Select(code => (int?)code)], rho);

    private static void Close(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= Tolerance * Math.Max(Math.Abs(pair.First), 1e-2),
            $"{pair.Second:R}, reference {pair.First:R}"));
    }

    private static double[] Numbers(string name) => [.. s_root.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];

    private static int[] Codes(string name) => [.. s_root.GetProperty(name).EnumerateArray().Select(number => number.GetInt32())];
}
