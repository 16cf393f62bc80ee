using CsCheck;

namespace RealRelationship.Statistics.Tests;

/// <summary>The boundaries of selection models, and what must hold of every fit.</summary>
public sealed class SelectionModelTests
{
    /// <summary>4 to 20 effects, most of them favoured.</summary>
    private static readonly Gen<(double Y, double V)[]> Effects =
        Gen.Select(Gen.Double[-0.3, 1], Gen.Double[10, 500].Select(n => 1 / (n - 3))).Array[4, 20];

    [Fact]
    public void Weights_are_not_identified_without_effects_in_the_first_interval()
    {
        var fit = SelectionModel.Fit([0.1, -0.1, 0.05, 0.02], [0.04, 0.05, 0.03, 0.02], [0.025]);
        Assert.Equal(["weightsNotIdentified"], fit.Notes);
        Assert.Equal([1.0, null], fit.Weights);
        Assert.Equal((null, null, null, null), (fit.Effect, fit.TauSquared, fit.PValue, fit.LogLikelihood));
    }

    [Fact]
    public void An_interval_without_effects_has_weight_zero()
    {
        double[] y = [0.5, 0.6, 0.4, 0.1, 0.3, 0.05], v = [0.02, 0.03, 0.01, 0.02, 0.02, 0.03];
        var fit = SelectionModel.Fit(y, v, [0.025, 0.5]); // none is negative
        Assert.Equal((1.0, 0.0), (fit.Weights[0], fit.Weights[2]));
        Assert.True(fit.Weights[1] > 0);
        Assert.Contains("atBoundary", fit.Notes);
        Assert.Equal(2, fit.DegreesOfFreedom);
    }

    [Fact]
    public void Confidence_widens_the_interval_and_nothing_else()
    {
        double[] y = [0.1, 0.3, 0.5, 0.2, 0.6, 0.9, 0.5, 0.4], v = [0.01, 0.02, 0.01, 0.02, 0.01, 0.02, 0.03, 0.04];
        var (ninety, usual) = (SelectionModel.Fit(y, v, [0.025], confidence: 0.9), SelectionModel.Fit(y, v, [0.025]));
        Assert.Equal(1.6448536269514729 * ninety.StandardError!.Value, ninety.Upper!.Value - ninety.Effect!.Value, 1e-12);
        Assert.Equal(1.959963984540054 * usual.StandardError!.Value, usual.Upper!.Value - usual.Effect!.Value, 1e-12);
        Assert.Equal(usual.Effect.Value - usual.Lower!.Value, usual.Upper.Value - usual.Effect.Value, 1e-12);
        Assert.Equal((usual.Effect, usual.StandardError), (ninety.Effect, ninety.StandardError));
        Assert.DoesNotContain("severalModes", usual.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void Steps_are_sorted_and_a_final_step_of_1_is_allowed()
    {
        var file = ReferenceFile.Load("molloy2014");
        var (a, b) = (SelectionModel.Fit(file.Estimates, file.Variances, [0.5, 0.025, 1]), SelectionModel.Fit(file.Estimates, file.Variances, [0.025, 0.5]));
        Assert.Equal([0.025, 0.5], a.Steps);
        Assert.Equal(b.Effect, a.Effect);
        Assert.Throws<ArgumentException>(() => SelectionModel.Fit(file.Estimates, file.Variances, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SelectionModel.Fit(file.Estimates, file.Variances, [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SelectionModel.Fit(file.Estimates, file.Variances, [double.NaN]));
    }

    [Fact] // 30 digits of mpmath: metafor's answer has gradients of 1e-6 and half as many digits
    public void The_maximum_is_found_to_full_precision()
    {
        var file = ReferenceFile.Load("molloy2014");
        var fit = SelectionModel.Fit(file.Estimates, file.Variances, [0.025, 0.5]);
        Assert.Equal(-0.00940615154800492233, fit.Effect!.Value, 1e-13);
        Assert.Equal(0.0133350950163460899, fit.TauSquared!.Value, 1e-13);
        Assert.Equal(0.186564197358588444, fit.Weights[1]!.Value, 1e-12);
        Assert.Equal(0.0220337109282297822, fit.Weights[2]!.Value, 1e-12);
        Assert.Equal(12.299469904537508309, fit.LogLikelihood!.Value, 1e-13);
    }

    [Fact]
    public void Reversing_signs_and_direction_reverses_the_result() => Effects.Sample(effects =>
    {
        var (fit, turned) = (Fit(effects, SelectionDirection.Greater), Fit([.. effects.Select(e => (-e.Y, e.V))], SelectionDirection.Less));
        Assert.Equal(fit.Notes, turned.Notes);
        Assert.Equal(fit.LogLikelihood ?? 0, turned.LogLikelihood ?? 0, 1e-7);
        if (!fit.Notes.Contains("severalModes", StringComparer.Ordinal))
        {
            Assert.Equal(-fit.Effect ?? 0, turned.Effect ?? 0, 1e-5);
        }
    });

    [Fact]
    public void The_order_of_effects_does_not_matter() => Effects.Sample(effects =>
    {
        var (fit, turned) = (Fit(effects, SelectionDirection.Greater), Fit([.. effects.Reverse()], SelectionDirection.Greater));
        Assert.Equal(fit.LogLikelihood ?? 0, turned.LogLikelihood ?? 0, 1e-7);
    });

    [Fact]
    public void The_likelihood_is_at_least_that_without_selection_and_results_are_finite() => Effects.Sample(effects =>
    {
        var fit = Fit(effects, SelectionDirection.Greater);
        if (fit.Effect is not { } effect)
        {
            Assert.Contains(fit.Notes, note => note is "weightsNotIdentified" or "notConverged");
            return;
        }
        var plain = RandomEffectsModel.Fit(Y(effects), V(effects), new ModelOptions { Estimator = TauSquaredEstimator.MaximumLikelihood });
        Assert.True(fit.LogLikelihood >= plain.LogLikelihood - 1e-9);
        Assert.InRange(effect, fit.Lower!.Value, fit.Upper!.Value);
        Assert.True(double.IsFinite(fit.StandardError!.Value) && fit.TauSquared >= 0 && fit.Weights.All(weight => weight >= 0));
        Assert.InRange(fit.PValue!.Value, 0, 1);
    });

    [Fact]
    public void No_nearby_point_has_a_higher_likelihood() => Gen.Select(Effects, Gen.Double[-1, 1], Gen.Double[-1, 1], Gen.Double[-1, 1])
        .Sample((effects, a, b, c) =>
    {
        SelectionModelFit fit;
        try
        {
            fit = Fit(effects, SelectionDirection.Greater);
        }
        catch (StatisticsException)
        {
            return; // in one of 20,000 sets, of three or four effects, the maximum lies where double precision ends
        }
        if (fit is not { Effect: { } mu, TauSquared: { } tau2, Weights: [_, { } weight] })
        {
            return;
        }
        Assert.Equal(LogLikelihood(effects, mu, tau2, weight), fit.LogLikelihood!.Value, 1e-8);
        var size = 0.3;
        Assert.True(LogLikelihood(effects, mu + size * a, Math.Max(0, tau2 + size * b * 0.3), weight * Math.Exp(3 * size * c)) <= fit.LogLikelihood + 1e-8);
    });

    private static SelectionModelFit Fit((double Y, double V)[] effects, SelectionDirection direction) =>
        SelectionModel.Fit(Y(effects), V(effects), [0.025], direction);

    private static double LogLikelihood((double Y, double V)[] effects, double mu, double tau2, double weight) => effects.Sum(e =>
    {
        var s = Math.Sqrt(e.V + tau2);
        var seen = Normal.UpperTail((1.959963984540054 * Math.Sqrt(e.V) - mu) / s);
        var own = e.Y / Math.Sqrt(e.V) >= 1.959963984540054 ? 1 : weight;
        return -0.5 * Math.Log(2 * Math.PI) - Math.Log(s) - (e.Y - mu) * (e.Y - mu) / (2 * s * s) + (own > 0 ? Math.Log(own) : 0)
            - Math.Log(seen + weight * (1 - seen));
    });

    private static double[] Y((double Y, double V)[] effects) => [.. effects.Select(e => e.Y)];

    private static double[] V((double Y, double V)[] effects) => [.. effects.Select(e => e.V)];
}
