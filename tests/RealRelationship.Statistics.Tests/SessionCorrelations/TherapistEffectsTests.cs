using System.Text.Json;

using RealRelationship.Statistics.SessionCorrelations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

/// <summary>Therapists' means against R (Reference/therapists.R), closed forms of balanced data, and invariants.</summary>
public sealed class TherapistEffectsTests
{
    private static readonly JsonElement s_root = JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("therapists.json"))).RootElement;

    [Theory]
    [InlineData("plain", "post", null)]
    [InlineData("adjusted", "post", "pre")]
    [InlineData("weak", "alike", null)]
    public void Estimates_agree_with_mixed_model_equations(string name, string value, string? covariate)
    {
        var fit = TherapistEffects.Fit(Clients(Numbers(value), covariate is null ? null : Numbers(covariate)), 0.95)!;
        var expected = Numbers(name);
        Close(expected[..3], [fit.Mean, fit.BetweenVariance, fit.WithinVariance]);
        Assert.Equal(expected.Length > 3, fit.Slope is not null);
        Close(expected[3..], fit.Slope is { } slope ? [slope] : []);
        Close(Numbers($"{name}Estimate"), [.. fit.Therapists.Select(t => t.Estimate)]);
        Close(Numbers($"{name}Error"), [.. fit.Therapists.Select(t => t.StandardError)]);
        Assert.All(fit.Therapists, t =>
        {
            Assert.Equal(t.Weight * t.Observed + (1 - t.Weight) * fit.Mean, t.Estimate, 1e-12);
            Assert.Equal(1.959963984540054, (t.Upper - t.Estimate) / t.StandardError, 1e-12);
            Assert.Equal(t.Estimate - t.Lower, t.Upper - t.Estimate, 1e-12);
        });
    }

    /// <summary>Balanced data have the estimator of the analysis of variance: τ² = (MSB − MSW)/n, λ = 1 − MSW/MSB.</summary>
    [Fact]
    public void Balanced_data_have_the_closed_form()
    {
        double[][] values = [[1, 2, 4], [6, 5, 9], [3, 3, 4], [8, 11, 9]];
        var means = values.Select(v => v.Average()).ToArray();
        var msb = 3 * means.Sum(m => Math.Pow(m - means.Average(), 2)) / 3;
        var msw = values.Zip(means).Sum(g => g.First.Sum(v => Math.Pow(v - g.Second, 2))) / 8;
        var fit = TherapistEffects.Fit([.. values.Select(ToClients)], 0.9)!;
        Close([means.Average(), (msb - msw) / 3, msw, (msb - msw) / 3 / ((msb - msw) / 3 + msw)],
            [fit.Mean, fit.BetweenVariance, fit.WithinVariance, fit.IntraclassCorrelation]);
        Assert.All(fit.Therapists.Zip(means), t =>
        {
            Assert.Equal(1 - msw / msb, t.First.Weight, 1e-12);
            Assert.Equal(t.Second, t.First.Observed, 1e-12);
            Assert.Equal(1.6448536269514722, (t.First.Upper - t.First.Estimate) / t.First.StandardError, 1e-12);
        });
    }

    [Fact]
    public void Therapists_that_are_alike_share_one_mean()
    {
        var fit = TherapistEffects.Fit([ToClients([1, 5, 3]), ToClients([2, 4]), ToClients([3, 9, -3])], 0.95)!;
        Assert.Equal(0, fit.BetweenVariance);
        Assert.All(fit.Therapists, t =>
        {
            Assert.Equal(3, t.Estimate, 1e-12);
            Assert.Equal(Math.Sqrt(fit.WithinVariance / 8), t.StandardError, 1e-12);
        });
    }

    [Fact]
    public void Order_and_unit_do_not_matter()
    {
        var clients = Clients(Numbers("post"), Numbers("pre"));
        var fit = TherapistEffects.Fit(clients, 0.95)!;
        var turned = TherapistEffects.Fit(
            [.. clients.Reverse().Select(c => c.Reverse().Select(v => new ClientValue(100 - 10 * v.Value, 7 + 2 * v.Covariate)).ToArray())], 0.95)!;
        Close([.. fit.Therapists.Select(t => 100 - 10 * t.Estimate)], [.. turned.Therapists.Reverse().Select(t => t.Estimate)]);
        Close([.. fit.Therapists.Select(t => 10 * t.StandardError)], [.. turned.Therapists.Reverse().Select(t => t.StandardError)]);
    }

    [Fact]
    public void A_covariate_that_does_not_vary_is_left_out()
    {
        var values = Numbers("post");
        var fit = TherapistEffects.Fit(Clients(values, [.. values.Select(_ => 5.0)]), 0.95)!;
        Assert.Null(fit.Slope);
        Close(Numbers("plain")[..3], [fit.Mean, fit.BetweenVariance, fit.WithinVariance]);
    }

    [Fact]
    public void Too_few_therapists_or_no_differences_have_no_fit()
    {
        Assert.Null(TherapistEffects.Fit([ToClients([1, 2, 3])], 0.95));
        Assert.Null(TherapistEffects.Fit([ToClients([1]), ToClients([2]), ToClients([4])], 0.95));
        Assert.Null(TherapistEffects.Fit([ToClients([1, 1]), ToClients([2, 2])], 0.95));
        Assert.Null(TherapistEffects.Fit([[new(1, 2), new(3, 6)], [new(2, 4), new(5, 10)]], 0.95));
    }

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        Assert.Throws<ArgumentException>("therapists", () => TherapistEffects.Fit([ToClients([1, 2]), []], 0.95));
        Assert.Throws<ArgumentException>("therapists", () => TherapistEffects.Fit([ToClients([1, double.NaN]), ToClients([1, 2])], 0.95));
        Assert.Throws<ArgumentOutOfRangeException>("confidence", () => TherapistEffects.Fit([ToClients([1, 2]), ToClients([1, 2])], 1));
    }

    private static ClientValue[] ToClients(double[] values) => [.. values.Select(v => new ClientValue(v))];

    private static IReadOnlyList<ClientValue[]> Clients(double[] values, double[]? covariate) =>
        [.. Numbers("therapist").Index().GroupBy(t => t.Item)
            .Select(group => group.Select(t => new ClientValue(values[t.Index], covariate?[t.Index] ?? 0)).ToArray())];

    private static void Close(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(1, pair.Second / pair.First, 1e-9));
    }

    private static double[] Numbers(string name) => [.. s_root.GetProperty(name).EnumerateArray().Select(x => x.GetDouble())];
}
