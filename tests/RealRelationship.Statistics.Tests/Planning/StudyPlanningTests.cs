using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests.Planning;

/// <summary>Power and width of new studies, compared with simulation by refitting, and with closed forms.</summary>
public sealed class StudyPlanningTests
{
    private static readonly double[] s_estimates = [0.35, 0.05, 0.28, 0.12, 0.4, -0.05];
    private static readonly double[] s_variances = [1 / 47.0, 1 / 77.0, 1 / 57.0, 1 / 97.0, 1 / 27.0, 1 / 67.0];
    private static readonly int[] s_samples = [0, 1, 1, 2, 3, 3];
    private static readonly string[] s_levels = ["a", "b", "a", "b", "a", "b"];

    /// <summary>y ~ N(ζ, τ² + 1/(n − 3)), everything fitted again.</summary>
    [Theory]
    [InlineData(TauSquaredEstimator.RestrictedMaximumLikelihood, CoefficientTest.KnappHartungAdHoc, 1, 60, 0)]
    [InlineData(TauSquaredEstimator.DerSimonianLaird, CoefficientTest.Normal, 1, 20, 0.05)]
    [InlineData(TauSquaredEstimator.PauleMandel, CoefficientTest.KnappHartung, 3, 60, 0.05)]
    [InlineData(TauSquaredEstimator.RestrictedMaximumLikelihood, CoefficientTest.StudentT, 4, 30, 0.05)]
    public void Power_is_what_simulated_studies_have(TauSquaredEstimator estimator, CoefficientTest test, int studies, int participants, double margin)
    {
        var options = new ModelOptions { Estimator = estimator, Test = test };
        var model = PlannedModel.OfMean(s_estimates, s_variances, options);
        Judge(model, 0.3, margin, studies, participants, 20_000, (y, v) =>
            RandomEffectsModel.Fit(y, v, options).Mean is var mean ? (mean.Lower, mean.Upper) : default);
    }

    [Theory]
    [InlineData(DependenceModel.CorrelatedHierarchical, RobustVariance.CR2, 1)]
    [InlineData(DependenceModel.ThreeLevel, RobustVariance.None, 2)]
    public void Power_with_nested_effects_is_what_simulated_studies_have(DependenceModel dependence, RobustVariance robust, int studies)
    {
        var options = new MultilevelOptions { Model = dependence, Robust = robust, ProfileIntervals = false };
        var model = PlannedModel.OfMean(s_estimates, s_variances, s_samples, options);
        Judge(model, 0.2, 0, studies, 30, 400, (y, v) => MultilevelModel.Fit(y, v,
            [.. s_samples, .. Enumerable.Range(10, studies)], options).Mean is var mean ? (mean.Lower, mean.Upper) : default);
    }

    [Fact]
    public void Power_of_a_contrast_is_what_simulated_studies_have()
    {
        var model = PlannedModel.OfContrast(s_estimates, s_variances, s_levels, "b", "a", new ModelOptions(), [0, 1, 2, 3, 4, 5]);
        var present = ModeratorModel.FitCategorical("m", s_estimates, s_variances, s_levels).Contrasts[0];
        Assert.Equal((-present.Upper!.Value, -present.Lower!.Value), (model.Present!.Value.Lower, model.Present.Value.Upper));
        Judge(model, 0, 0, 1, 60, 1_000, (y, v) => ModeratorModel.FitCategorical("m", y, v, [.. s_levels, "b"]).Contrasts[0] is var contrast
            ? (-contrast.Upper, -contrast.Lower) : default);
    }

    /// <summary>Common effect, z: μ̂ is normal, with the present effects fixed and the new one random.</summary>
    [Theory]
    [InlineData(1, 30)]
    [InlineData(5, 50)]
    public void Power_of_the_common_effect_model_has_a_closed_form(int studies, int participants)
    {
        var options = new ModelOptions { Estimator = TauSquaredEstimator.CommonEffect, Test = CoefficientTest.Normal };
        var w = s_variances.Sum(v => 1 / v);
        var added = studies * (participants - 3.0);
        var fixedPart = s_estimates.Zip(s_variances, (y, v) => y / v).Sum();
        var critical = Normal.UpperQuantile(0.025) * Math.Sqrt(w + added);
        // w y̅ of the new effects has mean added ζ and variance added.
        var expected = Normal.UpperTail((critical - fixedPart - added * 0.1) / Math.Sqrt(added))
            + Normal.UpperTail((critical + fixedPart + added * 0.1) / Math.Sqrt(added));
        var planning = new StudyPlanning(PlannedModel.OfMean(s_estimates, s_variances, options), 0.1);
        Assert.Equal(expected, planning.Power(studies, participants, 0), 2e-5);
    }

    [Fact]
    public void The_smallest_study_that_suffices_is_found()
    {
        var planning = new StudyPlanning(PlannedModel.OfMean(s_estimates, s_variances, new ModelOptions()), 0.4);
        var size = planning.ParticipantsForPower(0.6, 0);
        Assert.True(planning.Power(1, size.Size!.Value, 0) >= 0.6);
        Assert.True(planning.Power(1, size.Size.Value - 1, 0) < 0.6);
        Assert.True(size.Limit > 0.6);
        var several = planning.StudiesForPower(40, 0.95, 0.15);
        Assert.True(planning.Power((int)several.Size!.Value, 40, 0.15) >= 0.95);
        Assert.True(planning.Power((int)several.Size.Value - 1, 40, 0.15) < 0.95);
        var narrow = planning.StudiesForWidth(40, 0.15);
        Assert.True(planning.Width((int)narrow.Size!.Value, 40) <= 0.15);
        Assert.True(planning.Width((int)narrow.Size.Value - 1, 40) > 0.15);
    }

    /// <summary>With τ² held, a study without sampling error adds no more than 1/τ² to the weights.</summary>
    [Fact]
    public void A_width_below_the_limit_of_one_study_is_not_reachable()
    {
        var options = new ModelOptions { Test = CoefficientTest.Normal };
        var model = PlannedModel.OfMean(s_estimates, s_variances, options);
        Assert.True(model.TauSquared > 0);
        var planning = new StudyPlanning(model, 0);
        var limit = planning.ParticipantsForWidth(0.01);
        Assert.Null(limit.Size);
        var se = 1 / Math.Sqrt(s_variances.Sum(v => 1 / (v + model.TauSquared)) + 1 / model.TauSquared);
        // The interval is widest on r where it is centred on 0.
        Assert.InRange(limit.Limit!.Value, 0.9 * 2 * Math.Tanh(1.96 * se), 2 * Math.Tanh(1.96 * se));
        Assert.NotNull(planning.ParticipantsForWidth(limit.Limit.Value * 1.01).Size);
    }

    [Fact]
    public void Arguments_out_of_range_are_refused()
    {
        var model = PlannedModel.OfMean(s_estimates, s_variances, new ModelOptions());
        Assert.Throws<ArgumentOutOfRangeException>(() => new StudyPlanning(model, double.NaN));
        var planning = new StudyPlanning(model);
        Assert.Throws<ArgumentOutOfRangeException>(() => planning.Power(0, 50, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => planning.Power(1, 3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => planning.Power(1, 50, -0.1));
        Assert.Throws<ArgumentException>(() =>
            PlannedModel.OfContrast(s_estimates, s_variances, s_levels, "a", "c", new ModelOptions(), [0, 1, 2, 3, 4, 5]));
    }

    private static void Judge(PlannedModel model, double effect, double margin, int studies, int participants, int sets,
        Func<double[], double[], (double? Lower, double? Upper)> fit)
    {
        var power = new StudyPlanning(model, effect).Power(studies, participants, margin);
        var chance = new SeededRandom(20_260_101);
        var variance = 1.0 / (participants - 3);
        double[] v = [.. s_variances, .. Enumerable.Repeat(variance, studies)];
        var found = 0;
        for (var set = 0; set < sets; set++)
        {
            double[] y = [.. s_estimates, .. Enumerable.Range(0, studies).Select(_ => chance.Normal(effect, model.TauSquared + variance))];
            var (lower, upper) = fit(y, v);
            found += lower > margin || upper < -margin ? 1 : 0;
        }

        var error = Math.Sqrt(power * (1 - power) / sets);
        Assert.InRange(power, 0.05, 0.95);
        Assert.InRange(found / (double)sets, power - 2 * error, power + 2 * error);
    }
}
