using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>Conversions against closed formulas and metafor's <c>escalc</c> (family <c>frontier/conversions</c>), and what their design decides.</summary>
public sealed class EffectSizeReferenceTests
{
    private static readonly JsonElement s_reference = JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("frontier/conversions.json"))).RootElement;

    [Fact]
    public void Conversions_agree_with_the_reference()
    {
        var agreement = new ReferenceComparison(s_reference.GetProperty("tolerance").GetDouble());
        foreach (var (data, i) in s_reference.GetProperty("cases").EnumerateArray().Select((data, i) => (data, i)))
        {
            var (name, input) = ($"{data.GetProperty("name").GetString()!.Trim()} {i}", data.GetProperty("input"));
            double Of(string member) => input.GetProperty(member).GetDouble();
            bool Has(string member) => input.TryGetProperty(member, out _);
            double D() => Has("d") ? Of("d") : Has("t") ? Of("t") * Math.Sqrt(1 / Of("n1") + 1 / Of("n2")) : (Of("m1") - Of("m2"))
                / Math.Sqrt(((Of("n1") - 1) * Math.Pow(Of("sd1"), 2) + (Of("n2") - 1) * Math.Pow(Of("sd2"), 2)) / (Of("n1") + Of("n2") - 2));
            FisherZEffect Groups() => Has("t") ? EffectSizeConversion.FromT(Of("t"), Of("n1"), Of("n2"))
                : EffectSizeConversion.FromCohensD(D(), Of("n1"), Of("n2"));
            // m of the reference counts the focal predictor too
            FisherZEffect Partial() => Has("t") ? EffectSizeConversion.FromT(Of("t"), Of("n") - Of("m") - 1)
                : EffectSizeConversion.FromPartialCorrelation(Of("r"), Of("n"), (int)Of("m") - 1);
            double SemiPartial() => Has("r") ? Of("r") : Of("t") * Math.Sqrt((1 - Of("R2")) / (Of("n") - Of("m") - 1));
            (double Y, double V)? ours = data.GetProperty("options").GetProperty("measure").GetString() switch
            {
                "RPB" when data.GetProperty("options").GetProperty("vtype").ValueKind == JsonValueKind.Null => OnR(Groups()),
                "ZPB" => OnZ(Groups()),
                "RBIS" => EffectSizeConversion.BiserialCorrelation(D(), Of("n1"), Of("n2")),
                "ZBIS" => OnZ(EffectSizeConversion.FromBiserial(D(), Of("n1"), Of("n2"))),
                "RTET" => EffectSizeConversion.TetrachoricCorrelation(Of("a"), Of("b"), Of("c"), Of("d")),
                "ZTET" => OnZ(EffectSizeConversion.FromTetrachoric(Of("a"), Of("b"), Of("c"), Of("d"))),
                "PCOR" => OnR(Partial()) is var (r, _) ? (r, Math.Pow(1 - r * r, 2) / (Of("n") - Of("m"))) : null,
                "ZPCOR" => OnZ(Partial()),
                "SPCOR" => (SemiPartial(), EffectSizeConversion.SemiPartialVariance(SemiPartial(), Of("n"), Of("R2"))),
                "ZSPCOR" => (Math.Atanh(SemiPartial()),
                    EffectSizeConversion.SemiPartialVariance(SemiPartial(), Of("n"), Of("R2")) / Math.Pow(1 - SemiPartial() * SemiPartial(), 2)),
                _ => null,
            };
            if (ours is not null)
            {
                agreement.Compare(name, ours.Value.Y, data.GetProperty("expected"), "yi");
                agreement.Compare(name, ours.Value.V, data.GetProperty("expected"), "vi");
            }
        }
        agreement.AssertAgreement(atLeast: 2 * 20); // all but RPB with the other variance
    }

    [Fact]
    public void A_difference_of_groups_comes_back_as_it_was_sent()
    {
        var d = EffectSizeConversion.FromCohensD(1, 10, 190);
        Assert.Equal((1.0, 1.0 / 10 + 1.0 / 190 + 1.0 / 400), (d.Difference!.D, d.Difference.Variance));
        Assert.Equal(0.5, EffectSizeConversion.FromHedgesG(0.5, 12, 30).Difference!.G);
        Assert.Equal(0.5, EffectSizeConversion.FromHedgesG(0.5, 40).Difference!.G);
        Assert.Equal(0.5 * Math.Sqrt(Math.PI / 2), EffectSizeConversion.FromHedgesG(0.5, 3, 3).Difference!.D, 1e-14); // J(4) = √(2/π)
        Assert.Null(EffectSizeConversion.FromCorrelation(0.4, 50).Difference);
        Assert.Equal(["assumesEqualGroups"], EffectSizeConversion.FromCohensD(1, 200).Notes);
        Assert.Empty(d.Notes);
    }

    [Fact]
    public void The_design_decides_the_variance_not_the_statistic() // d = 1 and t = 5 of 50 and 50: v_d/(d² + a) = (.04 + 1/200)/(1 + 3.92)
    {
        var expected = 0.045 / 4.92;
        Assert.Equal(0.00915, Math.Round(expected, 5));
        var p = 2 * StudentT.UpperTail(5, 98);
        foreach (var effect in new[]
        {
            EffectSizeConversion.FromCohensD(1, 50, 50), EffectSizeConversion.FromT(5, 50, 50), EffectSizeConversion.FromF(25, 50, 50, 1),
            EffectSizeConversion.FromPValue(p, 50, 50, 2, 1), EffectSizeConversion.FromPValue(p / 2, 50, 50, 1, 1),
        })
        {
            Assert.Equal(Math.Atanh(5 / Math.Sqrt(123)), effect.Estimate, 1e-13);
            Assert.Equal(expected, effect.Variance, 1e-15);
            Assert.Equal(1, effect.Difference!.D, 1e-12);
            Assert.Equal(100, effect.SampleSize);
            Assert.Empty(effect.Notes);
        }
        foreach (var unknown in new[]
            { EffectSizeConversion.FromT(5, 98), EffectSizeConversion.FromF(25, 98, 1), EffectSizeConversion.FromPValue(p, 100, 2, 1) })
        {
            Assert.Equal(1.0 / 97, unknown.Variance, 1e-15);
            Assert.Equal(["designUnknown"], unknown.Notes);
        }
    }

    [Theory]
    [InlineData(4.37, 4.3, 9.5, null)] // 2 % from the lower bound
    [InlineData(9.0, 4.3, 9.5, null)]
    [InlineData(2.0, 1.0, 4.0, "")]
    [InlineData(2.03, 1.4, 2.9, "")] // rounded
    [InlineData(2.0, 1.2, 2.6, "asymmetricInterval")]
    [InlineData(2.0, 1.6, 5.0, "asymmetricInterval")]
    public void An_interval_that_the_odds_ratio_cannot_have_is_refused_and_one_that_it_hardly_has_is_wide(
        double oddsRatio, double lower, double upper, string? note)
    {
        FisherZEffect Convert() => EffectSizeConversion.FromOddsRatio(oddsRatio, OddsRatioComparison.PerStandardDeviation, lower, upper, 0.95, 200);
        Assert.Equal(note is not null, EffectSizeConversion.IsPlausibleInterval(oddsRatio, lower, upper));
        if (note is null)
        {
            Assert.Throws<ArgumentOutOfRangeException>(nameof(oddsRatio), Convert);
            return;
        }
        var effect = Convert();
        Assert.Equal(note.Length > 0 ? [note] : [], effect.Notes);
        var se = Math.Max(Math.Log(oddsRatio / lower), Math.Log(upper / oddsRatio)) / 1.959963984540054;
        var b = Math.Log(oddsRatio);
        Assert.Equal(se * se / (b * b + Math.PI * Math.PI / 3), effect.Variance, 1e-14);
    }

    [Fact]
    public void Within_clients_the_variance_counts_sessions_inside_clients_and_n_counts_clients()
    {
        Assert.Equal(300 - 20 - 1 - 2, EffectSizeConversion.WithinClientDegreesOfFreedom(300, 20, 2));
        var effect = EffectSizeConversion.FromWithinClientCorrelation(0.3, 20, 79); // S = 100, C = 20: .113 where 1/√97 would be .102
        Assert.Equal((Math.Atanh(0.3), 1.0 / 78, 20, "varianceLowerBound"), (effect.Estimate, effect.Variance, effect.SampleSize, effect.Notes.Single()));
        var unknown = EffectSizeConversion.FromWithinClientCorrelation(0.3, 20, null);
        Assert.Equal((1.0 / 17, 20, "sessionsUnknown"), (unknown.Variance, unknown.SampleSize, unknown.Notes.Single()));
        Assert.Throws<ArgumentOutOfRangeException>("df", () => EffectSizeConversion.FromWithinClientCorrelation(0.3, 20, 1.5));
        Assert.Throws<ArgumentOutOfRangeException>("clients", () => EffectSizeConversion.FromWithinClientCorrelation(0.3, 3, null));
        Assert.Throws<ArgumentOutOfRangeException>("r", () => EffectSizeConversion.FromWithinClientCorrelation(1, 20, 79));
    }

    [Fact]
    public void A_cut_variable_is_the_biserial_correlation_of_the_same_groups()
    {
        var (n1, n2, d) = (30.0, 90.0, 0.6);
        var biserial = EffectSizeConversion.FromBiserial(d, n1, n2);
        var again = EffectSizeConversion.FromDichotomized(EffectSizeConversion.FromCohensD(d, n1, n2).Correlation, 120, 0.25);
        Assert.Equal(biserial.Estimate, again.Estimate, 1e-13);
        Assert.Equal(biserial.Variance, again.Variance, 1e-13);
        Assert.Equal("outsideRange", Assert.Throws<StatisticsException>(() => EffectSizeConversion.FromBiserial(4.5, 30, 30)).Code);
        Assert.Throws<ArgumentOutOfRangeException>("proportion", () => EffectSizeConversion.FromDichotomized(0.3, 100, 1));
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(-0.7)]
    [InlineData(0.95)]
    public void Cut_at_the_medians_the_tetrachoric_correlation_is_Sheppards(double r) // P(both low) = ¼ + asin ρ/2π, so φ = 2 asin ρ/π
    {
        var both = 0.25 + Math.Asin(r) / (2 * Math.PI);
        Assert.Equal(r, EffectSizeConversion.TetrachoricCorrelation(100 * both, 50 - 100 * both, 50 - 100 * both, 100 * both).R, 1e-12);
        Assert.Equal(Math.Atanh(r), EffectSizeConversion.FromDichotomized(2 * Math.Asin(r) / Math.PI, 100, 0.5, 0.5).Estimate, 1e-10);
        Assert.Equal("outsideRange", Assert.Throws<StatisticsException>(() => EffectSizeConversion.FromDichotomized(0.9, 100, 0.1, 0.6)).Code);
        Assert.Throws<ArgumentOutOfRangeException>("c", () => EffectSizeConversion.TetrachoricCorrelation(10, 10, 0, 10));
    }

    [Theory]
    [InlineData(0.0100, 103, false)] // 1/(n − 3)
    [InlineData(0.1000, 103, true)] // its root: a standard error
    [InlineData(0.0081, 103, false)]
    [InlineData(0.0079, 103, true)]
    [InlineData(0.0499, 103, false)]
    public void A_variance_that_contradicts_the_sample_size_is_seen(double variance, double n, bool contradicts) =>
        Assert.Equal(contradicts, EffectSizeConversion.ContradictsSampleSize(variance, n));

    private static (double, double)? OnZ(FisherZEffect effect) => (effect.Estimate, effect.Variance);

    private static (double, double)? OnR(FisherZEffect effect) =>
        (effect.Correlation, effect.Variance * Math.Pow(1 - effect.Correlation * effect.Correlation, 2));
}
