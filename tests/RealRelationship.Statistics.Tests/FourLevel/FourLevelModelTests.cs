using System.Text.Json;

namespace RealRelationship.Statistics.Tests.FourLevel;

/// <summary>Random effects of studies, samples and effects against R, see Reference/fourLevel.R.</summary>
public sealed class FourLevelModelTests
{
    private const double Tolerance = 1e-8;

    /// <summary>Variance components, as METHODS.md has it.</summary>
    private const double ComponentTolerance = 2e-6;

    private static readonly JsonElement s_root = JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("fourLevel.json"))).RootElement;

    public static TheoryData<string, bool> Fits => [.. from name in new[] { "schools", "made", "boundary" } from x in new[] { false, true } select (name, x)];

    [Theory]
    [MemberData(nameof(Fits))]
    public void Fits_agree_with_dense_matrices(string name, bool hasModerator)
    {
        var (fit, label) = (Fit(name, hasModerator, new() { Robust = RobustVariance.None }), Label(name, hasModerator));
        var p = fit.Coefficients.Count;
        var expected = Numbers(label);
        Close(expected[p..(p + 3)], [fit.StudyVariance!.Value, fit.BetweenVariance, fit.WithinVariance], ComponentTolerance);
        Close([.. expected[..p], .. expected[(p + 3)..]],
            [.. fit.Coefficients.Select(c => c.Estimate), fit.LogLikelihood, .. fit.Coefficients.Select(c => c.StandardError)]);
        Close(Numbers($"{label} weights"), [.. fit.Weights]);
        Close(Numbers($"{label} intervals"), [.. new[] { fit.StudyInterval, fit.BetweenInterval, fit.WithinInterval }
            .SelectMany(interval => new[] { interval!.Value.Lower, interval.Value.Upper })], ComponentTolerance);
        Assert.True(fit.Converged);
    }

    [Theory]
    [MemberData(nameof(Fits))]
    public void Robust_variances_agree_with_dense_matrices(string name, bool hasModerator)
    {
        foreach (var robust in new[] { RobustVariance.CR0, RobustVariance.CR1, RobustVariance.CR2 })
        {
            var fit = Fit(name, hasModerator, new() { Robust = robust, OneSample = OneSampleInference.AsRequested, ProfileIntervals = false });
            Close(Numbers($"{Label(name, hasModerator)} {robust}"),
                [.. fit.Coefficients.SelectMany(c => new[] { c.StandardError, c.DegreesOfFreedom!.Value })]);
        }
    }

    [Theory]
    [InlineData("schools")]
    [InlineData("made")]
    [InlineData("boundary")]
    public void I_squared_and_Q_agree_with_metafor(string name)
    {
        var fit = Fit(name, hasModerator: false, new() { ProfileIntervals = false });
        Close(Numbers($"{name} mean I2"), [fit.ISquaredStudy!.Value, fit.ISquaredBetween, fit.ISquaredWithin], ComponentTolerance);
        Close(Numbers($"{name} mean Q"), [fit.Q]);
        Close([fit.StudyVariance!.Value + fit.BetweenVariance + fit.WithinVariance, fit.ISquaredStudy!.Value + fit.ISquaredBetween + fit.ISquaredWithin],
            [fit.TauSquared, fit.ISquared]);
    }

    /// <summary>Rows turned by the eigenvectors of V, as of correlations by kind of pair, have the fit of rows as they are.</summary>
    [Fact]
    public void One_correlation_for_all_pairs_is_rho()
    {
        var set = Set("made");
        foreach (var restricted in new[] { true, false })
        {
            var options = set.Options with { Restricted = restricted };
            var (own, turned) = (MultilevelModel.Fit(set.Y, set.V, set.Samples, Design(set, true), options),
                MultilevelModel.Fit(set.Y, set.V, set.Samples, Design(set, true), options with { Correlations = new SamplingCorrelations(0.6), Rho = 0 }));
            Close([.. Values(own), own.LogLikelihood, .. own.Weights, own.StudyInterval!.Value.Upper, own.BetweenInterval!.Value.Upper],
                [.. Values(turned), turned.LogLikelihood, .. turned.Weights, turned.StudyInterval!.Value.Upper, turned.BetweenInterval!.Value.Upper]);
        }
    }

    [Fact]
    public void Results_do_not_depend_on_the_order()
    {
        var set = Set("made");
        int[] order = [.. Enumerable.Range(0, set.Y.Length).OrderBy(i => (i * 29) % 31).ThenBy(i => i)];
        var fit = Fit("made", hasModerator: false, new());
        var other = MultilevelModel.Fit([.. order.Select(i => set.Y[i])], [.. order.Select(i => set.V[i])], [.. order.Select(i => 100 - set.Samples[i])],
            set.Options with { Clusters = [.. order.Select(i => -set.Options.Clusters![i])] });
        Close([.. Values(fit), .. order.Select(i => fit.Weights[i])], [.. Values(other), .. other.Weights]);
    }

    /// <summary>Where every study has one sample, the likelihood tells the sum of both variances, and everything that rests on it.</summary>
    [Fact]
    public void One_sample_a_study_leaves_the_sum_of_two_variances()
    {
        var set = Set("made");
        var options = set.Options with { Clusters = set.Samples };
        var (four, three) = (MultilevelModel.Fit(set.Y, set.V, set.Samples, options),
            MultilevelModel.Fit(set.Y, set.V, set.Samples, options with { Model = DependenceModel.CorrelatedHierarchical, Clusters = null }));
        Close(Values(three)[..4], Values(four)[..4]);
        Close([three.WithinVariance, three.TauSquared, three.ISquaredWithin, three.LogLikelihood, three.PredictionInterval!.Value.Lower,
            three.SampleMeanPredictionInterval!.Value.Lower],
            [four.WithinVariance, four.TauSquared, four.ISquaredWithin, four.LogLikelihood, four.PredictionInterval!.Value.Lower,
                four.SampleMeanPredictionInterval!.Value.Lower], 1e-7);
        Assert.Equal((0, true), (four.StudyRange!.Value.Lower, four.BetweenRange!.Value.Lower == 0));
        Close([three.BetweenVariance, three.BetweenVariance], [four.StudyRange.Value.Upper, four.BetweenRange!.Value.Upper], ComponentTolerance);
        Assert.Null(four.WithinRange);
        Assert.Null(four.StudyMeanPredictionInterval);
        Assert.Null(four.StudyInterval);
        Assert.Contains("varianceNotIdentified", four.Notes);
    }

    /// <summary>Where every sample has one effect, too, only τ² is known.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_effect_a_sample_leaves_the_variance_of_studies(bool isOneSampleAStudy)
    {
        double[] y = [0.1, 0.5, 0.3, 0.7, 0.2, 0.45, 0.05, 0.6], v = [0.01, 0.02, 0.01, 0.015, 0.01, 0.02, 0.03, 0.01];
        int[] samples = [0, 1, 2, 3, 4, 5, 6, 7], studies = isOneSampleAStudy ? samples : [0, 0, 1, 1, 2, 3, 3, 4];
        var fit = MultilevelModel.Fit(y, v, samples, new() { Model = DependenceModel.FourLevel, Clusters = studies });
        var single = MultilevelModel.Fit(y, v, studies, new() { Model = DependenceModel.ThreeLevel });
        Close([single.TauSquared, single.LogLikelihood, single.Mean.Estimate, single.Mean.StandardError],
            [fit.TauSquared, fit.LogLikelihood, fit.Mean.Estimate, fit.Mean.StandardError], 1e-7);
        Assert.Equal(isOneSampleAStudy, fit.StudyRange is not null);
        Assert.NotNull(fit.BetweenRange);
        Assert.NotNull(fit.WithinRange);
        Assert.Null(fit.TauSquaredRange);
        Assert.Contains("varianceNotIdentified", fit.Notes);
    }

    [Fact]
    public void One_study_and_missing_studies_are_refused()
    {
        double[] y = [0.1, 0.2, 0.3], v = [0.01, 0.01, 0.01];
        Assert.Throws<ArgumentException>(() => MultilevelModel.Fit(y, v, [1, 2, 3], new() { Model = DependenceModel.FourLevel }));
        var options = new MultilevelOptions { Model = DependenceModel.FourLevel, Clusters = [7, 7, 7], Robust = RobustVariance.None };
        Assert.Equal("oneStudy", Assert.Throws<StatisticsException>(() => MultilevelModel.Fit(y, v, [1, 1, 2], options)).Code);
        Assert.Equal("oneSample", Assert.Throws<StatisticsException>(() => MultilevelModel.Fit(y, v, [1, 1, 1], options)).Code);
    }

    [Fact]
    public void Few_effects_have_a_fit_or_a_reason()
    {
        var options = new MultilevelOptions { Model = DependenceModel.FourLevel, Clusters = [0, 1] };
        var two = MultilevelModel.Fit([0.1, 0.3], [0.01, 0.02], [0, 1], options);
        Assert.Contains("varianceNotIdentified", two.Notes);
        Assert.True(double.IsFinite(two.Mean.StandardError));
        var equal = MultilevelModel.Fit([0.2, 0.2, 0.2, 0.2], [0.01, 0.01, 0.01, 0.01], [0, 0, 1, 2], options with { Clusters = [0, 0, 0, 1] });
        Assert.Equal(0, equal.TauSquared);
    }

    [Fact]
    public void Deletions_are_refits()
    {
        var set = Set("made");
        var without = MultilevelMean.WithoutEachSample(set.Y, set.V, set.Samples, set.Options);
        int[] left = [.. Enumerable.Range(0, set.Y.Length).Where(i => set.Samples[i] != set.Samples[0])];
        var fit = MultilevelModel.Fit([.. left.Select(i => set.Y[i])], [.. left.Select(i => set.V[i])], [.. left.Select(i => set.Samples[i])],
            set.Options with { Clusters = [.. left.Select(i => set.Options.Clusters![i])] });
        Close([fit.Mean.Estimate, fit.Mean.StandardError, fit.TauSquared], [without[0]!.Mean.Estimate, without[0]!.Mean.StandardError,
            without[0]!.TauSquared!.Value]);
    }

    /// <summary>A moderator of studies explains variance between them.</summary>
    [Fact]
    public void Explained_variance_has_a_part_of_studies()
    {
        var (mean, fit) = (Fit("made", hasModerator: false, new()), Fit("made", hasModerator: true, new()));
        Close([100 * Math.Max(0, 1 - (fit.TauSquared / mean.TauSquared)), 100 * Math.Max(0, 1 - (fit.StudyVariance!.Value / mean.StudyVariance!.Value))],
            [fit.RSquared!.Value, fit.RSquaredStudy!.Value]);
        Assert.Null(Fit("made", hasModerator: true, new() { Model = DependenceModel.CorrelatedHierarchical }, keepModel: true).RSquaredStudy);
    }

    /// <summary>The interval of a new study's mean is the shortest, that of a new effect the longest.</summary>
    [Fact]
    public void Prediction_intervals_have_the_variances_of_what_is_new()
    {
        var fit = Fit("made", hasModerator: false, new());
        Interval study = fit.StudyMeanPredictionInterval!.Value, sample = fit.SampleMeanPredictionInterval!.Value, effect = fit.PredictionInterval!.Value;
        var (half, squaredError) = ((effect.Upper - effect.Lower) / 2, fit.Mean.StandardError * fit.Mean.StandardError);
        Close([Math.Sqrt((fit.StudyVariance!.Value + squaredError) / (fit.TauSquared + squaredError)),
                Math.Sqrt((fit.StudyVariance!.Value + fit.BetweenVariance + squaredError) / (fit.TauSquared + squaredError))],
            [(study.Upper - study.Lower) / 2 / half, (sample.Upper - sample.Lower) / 2 / half]);
    }

    private static double[] Values(MultilevelFit fit) => [fit.Mean.Estimate, fit.Mean.StandardError, fit.Mean.DegreesOfFreedom!.Value, fit.Q,
        fit.TauSquared, fit.StudyVariance ?? 0, fit.ISquared];

    private static (double[] Y, double[] V, int[] Samples, double[] X, MultilevelOptions Options) Set(string name)
    {
        int[] Codes(string column) => [.. Numbers($"{name} {column}").Select(x => (int)x)];
        return (Numbers($"{name} yi"), Numbers($"{name} vi"), Codes("sample"), Numbers($"{name} x"), new()
        {
            Model = DependenceModel.FourLevel,
            Rho = Numbers($"{name} rho")[0],
            Clusters = Codes("study"),
        });
    }

    private static MultilevelFit Fit(string name, bool hasModerator, MultilevelOptions options, bool keepModel = false)
    {
        var set = Set(name);
        options = options with { Model = keepModel ? options.Model : set.Options.Model, Rho = set.Options.Rho, Clusters = set.Options.Clusters };
        return MultilevelModel.Fit(set.Y, set.V, set.Samples, Design(set, hasModerator), options);
    }

    private static DesignMatrix Design((double[] Y, double[] V, int[] Samples, double[] X, MultilevelOptions Options) set, bool hasModerator)
    {
        var design = DesignMatrix.WithIntercept(set.Y.Length);
        return hasModerator ? design.Add(new ContinuousTerm("x", set.X)) : design;
    }

    private static string Label(string name, bool hasModerator) => $"{name} {(hasModerator ? "regression" : "mean")}";

    private static void Close(double[] expected, double[] actual, double tolerance = Tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= tolerance * Math.Max(Math.Abs(pair.First), 1e-2),
            $"{pair.Second:R}, reference {pair.First:R}"));
    }

    private static double[] Numbers(string name) => [.. s_root.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
}
