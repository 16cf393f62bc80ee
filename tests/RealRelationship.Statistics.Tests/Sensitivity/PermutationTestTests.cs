using CsCheck;

using RealRelationship.Testing;

namespace RealRelationship.Statistics.Tests;

public sealed class PermutationTestTests
{
    // The first seven trials of Colditz and others 1994 (metafor's dat.bcg): log risk ratios, and latitudes, of which 44 occurs twice.
    private static readonly double[] Y =
        [-0.88931133392020545, -1.5853886572014306, -1.3480731482996933, -1.4415511900213054, -0.21754732221129558, -0.78611558581886398, -1.6208982235983918];
    private static readonly double[] V =
        [0.32558476500396133, 0.19458112139814385, 0.41536796536796539, 0.020010031902247573, 0.051210172169630863, 0.0069056184559087574, 0.22301724757231517];
    private static readonly double[] Latitude = [44, 55, 42, 52, 13, 44, 19];

    private static readonly Gen<(double[] Y, double[] V, double[] X)> Data = Gen.Int[4, 5].SelectMany(k => Gen.Select(
        Gen.Double[-1.5, 1.5].Array[k].Where(y => y.Max() - y.Min() > 1e-3),
        Gen.Double[4, 3000].Select(n => 1 / (n - 3 + 0.5)).Array[k],
        Gen.Double[-2, 2].Array[k].Where(x => x.Max() - x.Min() > 0.5)));

    public static TheoryData<TauSquaredEstimator> Estimators => [.. Enum.GetValues<TauSquaredEstimator>()];

    [Theory] // metafor 3.8.1, permutest(rma(yi, vi, mods = ~ ablat, test = "knha"), exact = TRUE)
    [InlineData(TauSquaredEstimator.RestrictedMaximumLikelihood, 0.200396825396825)]
    [InlineData(TauSquaredEstimator.DerSimonianLaird, 0.205555555555556)]
    [InlineData(TauSquaredEstimator.MaximumLikelihood, 0.228571428571429)]
    public void All_2520_distinct_permutations_are_enumerated(TauSquaredEstimator estimator, double p)
    {
        var result = PermutationTest.Run(Y, V, Design(Latitude), new ModelOptions { Estimator = estimator, Test = CoefficientTest.KnappHartung });
        Assert.True(result.Exact);
        Assert.Equal(2520, result.Permutations);
        Assert.Equal(p, result.PValue, 1e-12);
    }

    [Fact] // metafor 3.8.1: 21 orders of five and two
    public void Equal_rows_count_as_one_permutation()
    {
        string[] allocation = ["random", "random", "random", "random", "alternate", "alternate", "random"];
        var design = DesignMatrix.WithIntercept(7).Add(new CategoricalTerm("allocation", allocation));
        var result = PermutationTest.Run(Y, V, design, new ModelOptions { Test = CoefficientTest.Normal });
        Assert.Equal(new PermutationTestResult(1 / 21.0, true, 21), result with { CoefficientPValues = [] });
    }

    [Fact]
    public void It_equals_refitting_every_permutation_for_every_estimator_and_test()
    {
        var compared = 0;
        Gen.Select(Data, Gen.Int[0, 11], Gen.Int[0, 3]).Sample((data, e, t) =>
        {
            var options = new ModelOptions { Estimator = (TauSquaredEstimator)e, Test = (CoefficientTest)t };
            double[] statistics = [.. Permutations(data.X).Select(x => MetaRegression.Fit(data.Y, data.V, Design(x), AsRequested(options)).Omnibus!.Statistic)];
            var observed = MetaRegression.Fit(data.Y, data.V, Design(data.X), AsRequested(options)).Omnibus!.Statistic;
            var near = 1e-6 * (1 + observed);
            if (observed > 1e5 || Array.Exists(statistics, statistic => Math.Abs(statistic - observed) < near && Math.Abs(statistic - observed) > 1e-5 * near))
            {
                return; // neither a tie nor clearly apart
            }
            var extreme = statistics.Count(statistic => statistic >= observed - near);
            Assert.Equal((double)extreme / statistics.Length, PermutationTest.Run(data.Y, data.V, Design(data.X), options).PValue, 1e-12);
            Interlocked.Increment(ref compared);
        }, iter: 60);
        Assert.True(compared > 40, $"only {compared} of 60 could be compared");
    }

    [Fact] // y turned about 0 is y in reverse: so is every order of x, with the same statistic
    public void Tied_permutations_count_together_despite_rounding() => Gen.Select(
        Gen.Double[0.001, 1.5].Array[2, 3], Gen.Double[0.2, 3], Gen.Double[-9, 0], Gen.Double[-6, 1], Gen.Int[0, 11], Gen.Int[0, 3])
        .Sample((half, slope, noise, logV, e, t) =>
        {
            double[] x = [.. half.Select(value => -value).Reverse(), .. half];
            double[] y =
                [.. x.Select(
                    (value, i) =>
                        slope * value + Math.Pow(10, noise) * Math.Sign(value) * Math.Cos(7 * half[i < half.Length ? half.Length - 1 - i : i - half.Length]))];
            var options = new ModelOptions { Estimator = (TauSquaredEstimator)e, Test = (CoefficientTest)t };
            var result = PermutationTest.Run(y, [.. y.Select(_ => Math.Pow(10, logV))], Design(x), options);
            var extreme = result.PValue * result.Permutations;
            Assert.Equal(2 * Math.Round(extreme / 2), extreme, 1e-9);
        }, iter: 100);

    /// <summary>Enough rows that sums run over several at once, with a remainder; all but two of one level, so that there are few orders.</summary>
    [SlowTheory("It refits every permutation.")]
    [MemberData(nameof(Estimators))]
    public void It_equals_refitting_every_permutation_of_twenty_rows(TauSquaredEstimator estimator)
    {
        var random = new Random(7);
        double[] y = [.. Enumerable.Range(0, 20).Select(_ => random.NextDouble())], v = [.. y.Select(_ => 0.01 + 0.1 * random.NextDouble())];
        (CoefficientTest, string)[] kinds =
            [(CoefficientTest.Normal, "b"), (CoefficientTest.KnappHartung, "b"), (CoefficientTest.Normal, "c"), (CoefficientTest.KnappHartungAdHoc, "c")];
        foreach (var (test, second) in kinds)
        {
            var options = new ModelOptions { Estimator = estimator, Test = test };
            DesignMatrix[] designs = [.. Pairs(bothOrders: second == "c").Select(pair => Design(pair, second))];
            double[] statistics = [.. designs.Select(design => MetaRegression.Fit(y, v, design, AsRequested(options)).Omnibus!.Statistic)];
            foreach (var index in new[] { 20, 90, 160 })
            {
                var extreme = statistics.Count(statistic => statistic >= statistics[index] * (1 - 1e-10));
                Assert.Equal(
                    new PermutationTestResult((double)extreme / designs.Length, true, second == "b" ? 190 : 380),
                    PermutationTest.Run(y, v, designs[index], options) with { CoefficientPValues = [] });
            }
        }

        static IEnumerable<(int A, int B)> Pairs(bool bothOrders) => Enumerable.Range(0, 20).SelectMany(
            a => Enumerable.Range(0, 20).Where(b => bothOrders ? b != a : b > a).Select(b => (a, b)));

        static DesignMatrix Design((int A, int B) pair, string second) => DesignMatrix.WithIntercept(20).Add(
            new CategoricalTerm("level", [.. Enumerable.Range(0, 20).Select(i => i == pair.A ? "b" : i == pair.B ? second : "a")]));
    }

    [Theory]
    [InlineData(CoefficientTest.Normal)]
    [InlineData(CoefficientTest.KnappHartung)] // whose statistic is 0/0
    public void Every_permutation_of_equal_effects_is_equally_extreme(CoefficientTest test) =>
        Assert.Equal(1,
            PermutationTest.Run([0, 0, 0, 0], [0.001, 0.0003, 0.0005, 0.001], Design([2, 0.2, 0.6, -1.6]), new ModelOptions { Test = test }).PValue);

    [Fact]
    public void Results_are_reproducible_by_seed()
    {
        var random = new Random(4);
        var (y, x) = (Enumerable.Range(0, 40).Select(_ => random.NextDouble()).ToArray(), Enumerable.Range(0, 40).Select(_ => random.NextDouble()).ToArray());
        var v = y.Select(_ => 0.02).ToArray();
        var (a, again, b) = (Run(1), Run(1), Run(2));
        Assert.Equivalent(a, again, strict: true);
        Assert.False(a.Exact);
        Assert.Equal(2000, a.Permutations);
        Assert.Equal(a.PValue, b.PValue, 0.06);
        Assert.Equal(MetaRegression.Fit(y, v, Design(x), AsRequested(new())).Omnibus!.PValue, a.PValue, 0.06);

        PermutationTestResult Run(int seed) => PermutationTest.Run(y, v, Design(x), null, 2000, seed);
    }

    [Fact]
    public void A_perfect_line_has_p_of_at_most_one_thousandth()
    {
        double[] x = [.. Enumerable.Range(0, 10).Select(i => (double)i)], v = [.. x.Select(_ => 0.01)];
        var result = PermutationTest.Run(x, v, Design(x), new ModelOptions { Test = CoefficientTest.KnappHartung }, 1000, 7);
        Assert.InRange(result.PValue, 0.001, 0.003);
    }

    [Fact]
    public void Equal_effects_have_no_permutation_test() =>
        Assert.Equal(1, PermutationTest.Run([0.3, 0.3, 0.3, 0.3], [0.01, 0.02, 0.03, 0.04], Design([1, 2, 3, 4])).PValue);

    [Fact]
    public void Invalid_designs_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PermutationTest.Run(Y, V, DesignMatrix.WithIntercept(7)));
        Assert.Throws<ArgumentException>(() => PermutationTest.Run(Y, V, Design([1, 2])));
        Assert.Throws<ArgumentOutOfRangeException>(() => PermutationTest.Run(Y, V, Design(Latitude), null, 0));
        Assert.Equal("rankDeficient", Assert.Throws<StatisticsException>(() => PermutationTest.Run(Y, V, Design([1, 1, 1, 1, 1, 1, 1]))).Code);
    }

    private static IEnumerable<double[]> Permutations(double[] x) => x.Length == 1
        ? [x]
        : x.SelectMany((first, i) => Permutations([.. x[..i], .. x[(i + 1)..]]).Select(rest => (double[])[first, .. rest]));

    private static DesignMatrix Design(double[] x) => DesignMatrix.WithIntercept(x.Length).Add(new ContinuousTerm("x", x));

    /// <summary>Permutations also vary coefficients identified by a single effect, so that all coefficients are tested.</summary>
    private static ModelOptions AsRequested(ModelOptions options) => options with { OneSample = OneSampleInference.AsRequested };
}
