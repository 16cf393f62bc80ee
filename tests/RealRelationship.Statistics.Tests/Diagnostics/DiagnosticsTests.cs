namespace RealRelationship.Statistics.Tests;

/// <summary>Subsets, profiles and specification curves: what must hold of them, and hard data.</summary>
public sealed class DiagnosticsTests
{
    private static readonly double[] s_y = [0.62, 0.15, 0.41, 0.33, 0.28, 0.75, -0.05, 0.51, 0.22, 0.47, 0.02, 0.36];
    private static readonly double[] s_v = [0.03, 0.01, 0.02, 0.015, 0.012, 0.06, 0.02, 0.03, 0.008, 0.025, 0.04, 0.01];

    private static readonly (double[], double[])[] s_hard =
    [
        ([0.3, 0.5], [0.01, 0.02]), ([0.3, 0.3, 0.3], [0.01, 0.01, 0.01]), ([3, -3, 2, -2, 5], [1e-4, 1e-4, 1e-4, 1e-4, 1e-4]),
        ([0.2, 0.21, 0.19, 0.2], [1e-9, 1, 1e3, 0.1]), ([20, 21, 22, 19.5], [1e-6, 1e-6, 2e-6, 1e-6]),
    ];

    [Fact]
    public void All_subsets_are_fitted_once_each_as_the_model_fits_them()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var options = new ModelOptions { Test = CoefficientTest.Normal };
        Assert.Equal(4095, Gosh.Run(s_y, s_v, (members, subset) =>
        {
            Assert.True(seen.Add(string.Join(',', members.ToArray())));
            Assert.Equal(members.Length, subset.Size);
            if (seen.Count % 97 == 0)
            {
                var fit = RandomEffectsModel.Fit([.. members.ToArray().Select(i => s_y[i])], [.. members.ToArray().Select(i => s_v[i])], options);
                Assert.Equal(fit.Mean.Estimate, subset.Effect, 1e-12);
                Assert.Equal(fit.Heterogeneity.TauSquared ?? 0, subset.TauSquared, 1e-12);
            }
        }));
        Assert.Equal(4095, seen.Count);
    }

    [Fact]
    public void Above_20_effects_subsets_are_drawn_the_same_for_the_same_seed()
    {
        double[] y = [.. s_y, .. s_y.Select(x => x + 0.1)], v = [.. s_v, .. s_v];
        GoshSummary Draw(ulong seed)
        {
            var summary = new GoshSummary(y.Length);
            Assert.Equal(4000, Gosh.Run(y, v, summary.Add, samples: 4000, seed: seed));
            return summary;
        }
        var (first, again, other) = (Draw(1), Draw(1), Draw(2));
        Assert.Equal(first.Subsets, again.Subsets);
        Assert.NotEqual(first.Subsets, other.Subsets);
        Assert.InRange(first.Subsets.Average(subset => subset.Size), 11.8, 12.2);
        Assert.All(first.Members().Zip(s_y), pair => Assert.NotNull(pair.First.MeanWith));
        // Each effect is in half of the subsets: with and without average to the mean of all.
        Assert.Equal(first.Mean(subset => subset.Effect)!.Value, first.Members().Average(member => (member.MeanWith + member.MeanWithout) / 2)!.Value, 1e-3);
    }

    [Fact]
    public void An_outlier_shows_in_the_subsets_with_it()
    {
        var summary = new GoshSummary(4);
        Gosh.Run([0.1, 0.12, 0.11, 0.9], [0.01, 0.01, 0.01, 0.01], summary.Add);
        var members = summary.Members();
        Assert.True(members[3].ISquaredWith > 50 && members[3].ISquaredWithout == 0 && members[3].MeanWith > members[3].MeanWithout);
        Assert.Null(new GoshSummary(1).Quantiles(subset => subset.Effect, [0.5]));
    }

    [Fact]
    public void Hard_data_give_finite_numbers()
    {
        foreach (var (y, v) in s_hard)
        {
            Gosh.Run(y, v, (_, subset) => Assert.True(double.IsFinite(subset.Effect) && double.IsFinite(subset.ISquared) && subset.TauSquared >= 0));
            Assert.All(Baujat.Run(y, v), point => Assert.True(point.Heterogeneity >= 0 && point.Influence >= 0));
            foreach (var restricted in new[] { true, false })
            {
                var profile = TauSquaredProfile.Fit(y, v, restricted)!;
                Assert.True(profile.Lower <= profile.TauSquared && !(profile.Upper < profile.TauSquared));
                Assert.All(profile.Points, point => Assert.True(point.LogLikelihood <= profile.LogLikelihood + 1e-9));
            }
        }

        Assert.Empty(Baujat.Run([0.3], [0.01]));
        Assert.Null(TauSquaredProfile.Fit([0.3], [0.01]));
    }

    [Fact]
    public void Limits_of_the_profile_lie_on_the_cut()
    {
        var (narrow, wide) = (TauSquaredProfile.Fit(s_y, s_v, confidence: 0.8)!, TauSquaredProfile.Fit(s_y, s_v, confidence: 0.99)!);
        Assert.True(wide.Lower <= narrow.Lower && wide.Upper > narrow.Upper);
        Assert.Equal(narrow.LogLikelihood - 0.8211872075, narrow.Cut, 1e-8); // half the .80 quantile of χ²₁
        Assert.True(narrow.Points[^1].TauSquared > narrow.Upper && narrow.Points[0].TauSquared == 0);
    }

    [Fact]
    public void Several_modes_are_enclosed_by_the_limits()
    {
        double[] y = [0.0498363659350279, 0.298088146720953, -0.326010430857922, -0.602586543764002, 0.25403501137368, 0.291598711641876];
        double[] v = [.. new[] { 40, 5000, 15, 15, 5000, 5000 }.Select(n => 1.0 / (n - 3))];
        var profile = TauSquaredProfile.Fit(y, v)!;
        Assert.True(profile.SeveralModes);
        Assert.Equal(0.000442470533633, profile.TauSquared, 1e-10);
        Assert.True(profile.Upper > 0.05470389); // the other mode is within the cut
    }

    [Fact]
    public void The_test_of_the_median_is_exact_for_few_samples_and_the_sign_test_for_equal_effects()
    {
        // Five equal effects: only all + and all − are as far from 0.
        var five = SpecificationCurveTest.Run([0.3, 0.3, 0.3, 0.3, 0.3], [0, 1, 2, 3, 4], [[0.2, 0.2, 0.2, 0.2, 0.2]]);
        Assert.Equal((true, 32, 2.0 / 32), (five.IsExact, five.Permutations, five.PValue));
        // Effects of one sample change sign together.
        Assert.Equal(0.5, SpecificationCurveTest.Run([0.3, 0.3, 0.1], [7, 7, 9], [[0.4, 0.4, 0.2]]).PValue);
        var median = SpecificationCurveTest.Run([1, 2, 3], [0, 1, 2], [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]]);
        Assert.Equal(2.5, median.Median);
    }

    [Fact]
    public void The_test_of_the_median_has_its_size()
    {
        var rejected = 0;
        const int Sets = 400;
        var chance = new Random(5);
        for (var set = 0; set < Sets; set++)
        {
            double[] y = [.. Enumerable.Range(0, 14).Select(_ => Normal.Quantile((chance.NextDouble() + 1e-12) / (1 + 2e-12)))];
            double[][] weights = [.. Enumerable.Range(0, 9).Select(s => y.Select((_, i) => (i + s) % 3 == 0 ? 0.0 : 1.0 / 9).ToArray())];
            rejected += SpecificationCurveTest.Run(y, [.. Enumerable.Range(0, 14)], weights, 199, (ulong)set).PValue <= 0.05 ? 1 : 0;
        }

        Assert.InRange(rejected / (double)Sets, 0.02, 0.085);
    }
}
