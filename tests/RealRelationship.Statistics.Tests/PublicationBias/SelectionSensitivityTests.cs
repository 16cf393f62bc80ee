using System.Text.Json;

using CsCheck;

using MathNet.Numerics.LinearAlgebra;

namespace RealRelationship.Statistics.Tests;

/// <summary>Sensitivity to selection against clubSandwich, against k × k matrices, and what must hold of it whatever the effects.</summary>
public sealed class SelectionSensitivityTests
{
    private const double Critical = 1.959963984540054;

    /// <summary>A favoured mean, effects on both sides of significance: 4 to 9 samples of 1 to 4.</summary>
    private static readonly Gen<NestedEffects> Selected = Samples(4, 9);

    [Theory]
    [MemberData(nameof(ReferenceFile.WithNestedModels), MemberType = typeof(ReferenceFile))]
    public void Means_and_S_values_agree_with_clubSandwich(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-8);
        foreach (var answer in file.Properties("dependent", "selectionSensitivity"))
        {
            var direction = answer.Name.StartsWith("less", StringComparison.Ordinal) ? SelectionDirection.Less : SelectionDirection.Greater;
            var fit = SelectionSensitivity.Fit(file.Estimates, file.Variances, file.Samples(), double.Parse(answer.Name.Split('/')[1]), direction);
            Check(agreement, answer.Name, fit.Corrected, answer.Value);
            Check(agreement, $"{answer.Name} worst", fit.WorstCase!, answer.Value.GetProperty("worst"));
            agreement.Compare(answer.Name, fit.Affirmative, answer.Value, "affirmative");
            agreement.Compare(answer.Name, fit.TauSquared, answer.Value, "tau2");
            agreement.Compare(answer.Name, fit.SValue, answer.Value, "sValue");
            agreement.Compare(answer.Name, fit.SValueOfLimit, answer.Value, "sValueOfLimit");
            Assert.Equal(answer.Value.GetProperty("sValue").ValueKind == JsonValueKind.Null, fit.SValue is null);
            Assert.Equal(answer.Value.GetProperty("sValueOfLimit").ValueKind == JsonValueKind.Null, fit.SValueOfLimit is null);
        }
        agreement.AssertAgreement(atLeast: 4 * 12);
    }

    [Fact]
    public void It_agrees_with_dense_matrices() => Gen.Select(Selected, Gen.Double[1, 30], Gen.Bool).Sample((effects, ratio, less) =>
    {
        var fit = Fit(effects, ratio, less ? SelectionDirection.Less : SelectionDirection.Greater);
        var affirmative = effects.Y.Zip(effects.V, (y, v) => (less ? -y : y) / Math.Sqrt(v) > Critical).ToArray();
        var weights = effects.V.Select((v, i) => (affirmative[i] ? 1 : ratio) / (v + fit.TauSquared)).ToArray();
        CheckDense(fit.Corrected, effects, weights, fit.TauSquared);
        var seen = Enumerable.Range(0, affirmative.Length).Where(i => !affirmative[i]).ToArray();
        Assert.Equal(affirmative.Length - seen.Length, fit.Affirmative);
        if (seen.Select(i => effects.Samples[i]).Distinct().Count() > 1)
        {
            CheckDense(fit.WorstCase!, effects.Reordered(seen), [.. seen.Select(i => 1 / (effects.V[i] + fit.TauSquared))], fit.TauSquared);
        }
    }, iter: 300);

    [Fact]
    public void Without_selection_it_equals_the_weighted_mean() => Selected.Sample(effects =>
    {
        var fit = Fit(effects, 1);
        var w = effects.V.Select(v => 1 / (v + fit.TauSquared)).ToArray();
        Assert.Equal(RandomEffectsModel.Fit(effects.Y, effects.V).Mean.Estimate, fit.Corrected.Estimate, 1e-12);
        CheckDense(fit.Corrected, effects, w, fit.TauSquared);
    }, iter: 100);

    [Fact]
    public void Larger_ratios_approach_the_worst_case() => Selected.Sample(effects =>
    {
        var fit = Fit(effects, 1e6);
        if (fit.WorstCase is { } worst)
        {
            Assert.Equal(worst.Estimate, fit.Corrected.Estimate, 1e-4);
            var (two, four) = (Fit(effects, 2).Corrected.Estimate, Fit(effects, 4).Corrected.Estimate);
            Assert.InRange(four, Math.Min(worst.Estimate, two) - 1e-12, Math.Max(worst.Estimate, two) + 1e-12);
        }
    }, iter: 100);

    [Fact]
    public void At_the_S_value_the_estimate_vanishes()
    {
        var (ofMean, ofLimit) = (0, 0);
        Samples(8, 30).Sample(effects =>
        {
            var fit = Fit(effects, 1);
            if (fit.SValue is <= 1e6 and var mean)
            {
                Assert.Equal(0, Fit(effects, mean).Corrected.Estimate, 1e-10);
                Assert.True(Fit(effects, Math.Min(1e6, 1.01 * mean)).Corrected.Estimate < 0);
                Interlocked.Increment(ref ofMean);
            }
            if (fit.SValueOfLimit is { } limit)
            {
                Assert.Equal(0, Fit(effects, limit).Corrected.Lower!.Value, 1e-10);
                Assert.True(fit.SValue is not { } largest || limit <= largest);
                Interlocked.Increment(ref ofLimit);
            }
        }, iter: 300);
        Assert.True(ofMean > 30 && ofLimit > 30, $"{ofMean} and {ofLimit} S-values were found");
    }

    [Fact]
    public void Reversing_signs_reverses_the_result() => Gen.Select(Selected, Gen.Double[1, 30]).Sample((effects, ratio) =>
    {
        var (greater, less) = (Fit(effects, ratio), Fit(effects with { Y = [.. effects.Y.Select(y => -y)] }, ratio, SelectionDirection.Less));
        Assert.Equal(-greater.Corrected.Estimate, less.Corrected.Estimate, 1e-12);
        Assert.Equal(-greater.Corrected.Lower!.Value, less.Corrected.Upper!.Value, 1e-10 * (1 + Math.Abs(less.Corrected.Upper.Value)));
        Assert.Equal(greater.WorstCase is null, less.WorstCase is null);
        Assert.Equal(-greater.WorstCase?.Estimate ?? 0, less.WorstCase?.Estimate ?? 0, 1e-12);
        Assert.Equal(greater.SValue ?? 0, less.SValue ?? 0, 1e-8 * (greater.SValue ?? 1));
        Assert.Equal(greater.SValueOfLimit ?? 0, less.SValueOfLimit ?? 0, 1e-8 * (greater.SValueOfLimit ?? 1));
        Assert.Equal((greater.Affirmative, string.Join(' ', greater.Notes)), (less.Affirmative, string.Join(' ', less.Notes)));
    }, iter: 100);

    [Fact]
    public void The_order_of_effects_does_not_matter() => Gen.Select(Selected, Gen.Int[0, int.MaxValue]).Sample((effects, seed) =>
    {
        var order = Enumerable.Range(0, effects.Y.Length).ToArray();
        new Random(seed).Shuffle(order);
        var (given, other) = (Fit(effects, 4), Fit(effects.Reordered(order), 4));
        Assert.Equal((given.Corrected, given.WorstCase, given.SValue, given.SValueOfLimit),
            (other.Corrected, other.WorstCase, other.SValue, other.SValueOfLimit));
    }, iter: 100);

    [Theory]
    [InlineData(new[] { 0.9, 0.8, 0.7, 0.6 }, "allAffirmative", false)]
    [InlineData(new[] { 0.1, 0.18, -0.1, 0.15 }, "noneAffirmative", true)]
    [InlineData(new[] { 0.9, -0.8, -0.7, -0.6 }, "notFavored", true)]
    [InlineData(new[] { 0.9, 0.8, 0.15, 0.19 }, "noRatioSuffices", true)]
    public void A_missing_S_value_has_a_note(double[] y, string note, bool hasWorstCase)
    {
        var fit = SelectionSensitivity.Fit(y, [0.01, 0.01, 0.01, 0.01], [1, 1, 2, 3]);
        Assert.Contains(note, fit.Notes);
        Assert.Null(fit.SValue);
        Assert.Equal(hasWorstCase, fit.WorstCase is not null);
        Assert.True(double.IsFinite(fit.Corrected.Lower!.Value));
    }

    [Fact]
    public void A_worst_case_of_one_sample_has_no_interval()
    {
        var fit = SelectionSensitivity.Fit([0.9, 0.8, 0.7, -0.1, 0.1], [0.01, 0.01, 0.01, 0.01, 0.03], [1, 1, 2, 3, 3]);
        Assert.Contains("oneNonaffirmativeSample", fit.Notes);
        Assert.Null(fit.WorstCase!.Lower);
        Assert.InRange(fit.WorstCase.Estimate, -0.1, 0.1);
    }

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        Assert.Equal("oneSample", Assert.Throws<StatisticsException>(() => SelectionSensitivity.Fit([0.1, 0.2], [0.01, 0.01], [1, 1])).Code);
        Assert.Throws<ArgumentOutOfRangeException>(() => SelectionSensitivity.Fit([0.1, 0.2], [0.01, 0.01], [1, 2], 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => SelectionSensitivity.Fit([0.1, 0.2], [0.01, 0.01], [1, 2], double.NaN));
        Assert.Throws<ArgumentException>(() => SelectionSensitivity.Fit([0.1, 0.2], [0.01, 0.01], [1]));
    }

    [Fact]
    public void Inputs_of_any_magnitude_give_finite_results() =>
        Gen.Select(Gen.Select(Gen.Double[-9, 9], Gen.Double[-12, 6], Gen.Int[0, 3]).Array[4, 9], Gen.Int[0, 6]).Sample((effects, decade) =>
    {
        double[] y = [.. effects.Select(e => e.Item1)], v = [.. effects.Select(e => Math.Pow(10, e.Item2))];
        int[] samples = [.. effects.Select((e, i) => i == 0 ? 9 : e.Item3)];
        var fit = SelectionSensitivity.Fit(y, v, samples, Math.Pow(10, decade));
        Assert.True(double.IsFinite(fit.Corrected.Estimate) && double.IsFinite(fit.Corrected.StandardError));
        Assert.InRange(fit.Corrected.Estimate, y.Min() - 1e-9, y.Max() + 1e-9);
    }, iter: 500);

    private static Gen<NestedEffects> Samples(int fewest, int most) => Gen.Select(Gen.Double[-0.2, 0.9], Gen.Bool, Gen.Double[0.005, 0.1],
            Gen.Select(Gen.Double[-0.3, 0.3], Gen.Double[0.005, 0.1]).Array[1, 4]).Array[fewest, most]
        .Select(samples =>
        {
            var rows = samples.SelectMany((s, sample) => s.Item4.Select(e => (Y: s.Item1 + e.Item1, V: s.Item2 ? s.Item3 : e.Item2, Sample: sample))).ToArray();
            return new NestedEffects([.. rows.Select(r => r.Y)], [.. rows.Select(r => r.V)], [.. rows.Select(r => r.Sample)], new double[rows.Length]);
        });

    private static SelectionSensitivityFit Fit(NestedEffects effects, double ratio, SelectionDirection direction = SelectionDirection.Greater) =>
        SelectionSensitivity.Fit(effects.Y, effects.V, effects.Samples, ratio, direction);

    private static void Check(ReferenceComparison agreement, string where, Coefficient ours, JsonElement answer)
    {
        agreement.Compare(where, ours.Estimate, answer, "beta");
        agreement.Compare(where, ours.StandardError, answer, "se");
        agreement.Compare(where, ours.DegreesOfFreedom, answer, "df");
        agreement.Compare(where, ours.Lower, answer, "ciLower");
        agreement.Compare(where, ours.Upper, answer, "ciUpper");
    }

    /// <summary>CR2 straight from its definition: A = D(D(RΦR′)D)^(−½)D of each sample, D = Φ^½.</summary>
    private static void CheckDense(Coefficient ours, NestedEffects effects, double[] weights, double tau2)
    {
        var k = effects.Y.Length;
        var (y, w, total) = (Vector<double>.Build.Dense(effects.Y), Vector<double>.Build.Dense(weights), weights.Sum());
        var mean = w * y / total;
        var phi = Matrix<double>.Build.Diagonal(k, k, i => tau2 + effects.V.Where((_, j) => effects.Samples[j] == effects.Samples[i]).Average());
        var r = Matrix<double>.Build.DenseIdentity(k) - Matrix<double>.Build.Dense(k, k, (_, j) => weights[j] / total);
        var residuals = y - mean;
        var (variance, columns) = (0.0, new List<Vector<double>>());
        foreach (var sample in effects.Samples.Distinct())
        {
            var pick = Matrix<double>.Build.DenseOfRows(Enumerable.Range(0, k).Where(i => effects.Samples[i] == sample)
                .Select(i => Enumerable.Range(0, k).Select(j => i == j ? 1.0 : 0)));
            var d = (pick * phi * pick.Transpose()).PointwiseSqrt();
            var evd = (d * pick * r * phi * r.Transpose() * pick.Transpose() * d).Evd(Symmetricity.Symmetric);
            var adjustment = d * evd.EigenVectors * Matrix<double>.Build.DenseOfDiagonalVector(evd.EigenValues.Map(x => 1 / Math.Sqrt(x.Real)))
                * evd.EigenVectors.Transpose() * d;
            var score = adjustment * (pick * w) / total;
            variance += Math.Pow(score * (pick * residuals), 2);
            columns.Add(r.Transpose() * pick.Transpose() * score);
        }
        var p = Matrix<double>.Build.DenseOfColumnVectors(columns);
        var omega = p.Transpose() * phi * p;
        var df = Math.Pow(omega.Trace(), 2) / omega.PointwisePower(2).RowSums().Sum();
        Assert.Equal(mean, ours.Estimate, 1e-10);
        Assert.Equal(Math.Sqrt(variance), ours.StandardError, 1e-9 * Math.Sqrt(variance) + 1e-12);
        Assert.Equal(df, ours.DegreesOfFreedom!.Value, 1e-8 * df);
        Assert.Equal(mean - StudentT.UpperQuantile(0.025, df) * Math.Sqrt(variance), ours.Lower!.Value, 1e-7 * (1 + Math.Abs(ours.Lower.Value)));
    }
}
