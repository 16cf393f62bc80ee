using static RealRelationship.Statistics.TauSquaredEstimator;

namespace RealRelationship.Statistics.Tests;

/// <summary>Tables printed in articles and books, to the last digit printed. Pages are those that metafor's own tests name;
/// every number was computed again with metafor 3.8.1.</summary>
public sealed class PublishedTablesTests
{
    // Colditz and others 1994, JAMA 271: tuberculosis with and without BCG, 13 trials (metafor's dat.bcg).
    private static readonly int[] Vaccinated = [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27];
    private static readonly int[] VaccinatedHealthy = [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886];
    private static readonly int[] Control = [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29];
    private static readonly int[] ControlHealthy = [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825];
    private static readonly double[] Latitude = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33];
    private static readonly double[] Year = [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976];

    private static readonly ReferenceFile Schools = ReferenceFile.Load("konstantopoulos2011");
    private static readonly ReferenceFile Teachers = ReferenceFile.Load("raudenbush1985");

    [Fact]
    public void Viechtbauer_2010_Journal_of_Statistical_Software_36_3_random_effects_model()
    {
        var (y, v) = RiskRatios();
        var fit = RandomEffectsModel.Fit(y, v, Z(RestrictedMaximumLikelihood));
        Check(fit.Mean, 4, -0.7145, 0.1798, -3.9744, -1.0669, -0.3622);
        var h = fit.Heterogeneity;
        AssertRoundsTo(4, (0.3132, h.TauSquared), (0.1664, h.TauSquaredStandardError), (0.1197, h.TauSquaredInterval!.Value.Lower),
            (1.1115, h.TauSquaredInterval.Value.Upper), (152.2330, h.Q));
        AssertRoundsTo(2, (92.22, h.ISquared), (81.92, h.ISquaredInterval!.Value.Lower), (97.68, h.ISquaredInterval.Value.Upper),
            (12.86, h.HSquared), (5.53, h.HSquaredInterval!.Value.Lower), (43.07, h.HSquaredInterval.Value.Upper));
    }

    [Fact]
    public void Viechtbauer_2010_Journal_of_Statistical_Software_36_3_mixed_effects_model()
    {
        var (y, v) = RiskRatios();
        var design = DesignMatrix.WithIntercept(13).Add(new ContinuousTerm("ablat", Latitude)).Add(new ContinuousTerm("year", Year));
        var fit = MetaRegression.Fit(y, v, design, Z(RestrictedMaximumLikelihood));
        // printed to four decimals, of which scoring that stops at 1e-5 gives three: −3.54535 at a tight tolerance
        Check(fit.Coefficients[0], 2, -3.55, 29.10, -0.12, -60.57, 53.48);
        Check(fit.Coefficients[1], 4, -0.0280, 0.0102, -2.7371, -0.0481, -0.0080);
        Check(fit.Coefficients[2], 4, 0.0019, 0.0147, 0.1299, -0.0269, 0.0307);
        AssertRoundsTo(4, (0.1108, fit.Residual.TauSquared), (0.0845, fit.Residual.TauSquaredStandardError), (28.3251, fit.Residual.Q),
            (0.0016, fit.Residual.PValue),
            (0.0022, fit.Omnibus!.PValue));
        AssertRoundsTo(3, (12.204, fit.Omnibus.Statistic)); // 12.2043 printed, 12.20449 at a tight tolerance
        AssertRoundsTo(2, (71.98, fit.Residual.ISquared), (3.57, fit.Residual.HSquared), (64.63, fit.RSquared));
    }

    [Fact]
    public void Viechtbauer_2010_Journal_of_Statistical_Software_36_3_trim_and_fill()
    {
        var (y, v) = RiskRatios();
        var result = TrimAndFill.Run(y, v, Z(CommonEffect));
        Assert.Equal((FunnelSide.Right, 4), (result.Side, result.Missing));
        Check(result.Fit.Mean, 4, -0.2910, 0.0383, -7.6057, -0.3660, -0.2160);
        AssertRoundsTo(4, (262.7316, result.Fit.Heterogeneity.Q));
    }

    [Fact]
    public void Van_Houwelingen_Arends_and_Stijnen_2002_Statistics_in_Medicine_21_pages_596_to_599()
    {
        var (y, v) = OddsRatios();
        var (common, random) = (RandomEffectsModel.Fit(y, v, Z(CommonEffect)).Mean, RandomEffectsModel.Fit(y, v, Z(MaximumLikelihood)));
        AssertRoundsTo(3, (0.647, Math.Exp(common.Estimate)), (0.595, Math.Exp(common.Lower!.Value)), (0.476, Math.Exp(random.Mean.Estimate)),
            (0.336, Math.Exp(random.Mean.Lower!.Value)), (0.675, Math.Exp(random.Mean.Upper!.Value)), (0.302, random.Heterogeneity.TauSquared));
        var reach = 1.959963984540054 * Math.Sqrt(random.Heterogeneity.TauSquared!.Value); // their interval takes μ for known
        AssertRoundsTo(3, (-1.820, random.Mean.Estimate - reach), (0.336, random.Mean.Estimate + reach));
    }

    [Fact]
    public void Van_Houwelingen_Arends_and_Stijnen_2002_Statistics_in_Medicine_21_pages_608_and_609()
    {
        var (y, v) = OddsRatios();
        var fit = MetaRegression.Fit(y, v, DesignMatrix.WithIntercept(13).Add(new ContinuousTerm("ablat", Latitude)), Z(MaximumLikelihood));
        AssertRoundsTo(3, (0.371, fit.Coefficients[0].Estimate), (-0.033, fit.Coefficients[1].Estimate), (0.106, fit.Coefficients[0].StandardError),
            (0.003, fit.Coefficients[1].StandardError), (0.004, fit.Residual.TauSquared));
        AssertRoundsTo(1, (98.7, fit.RSquared));
    }

    [Theory] // τ², I², H² of the first example
    [InlineData(TauSquaredEstimator.HunterSchmidt, 0.228, 77.23, 4.39)]
    [InlineData(Hedges, 0.148, 68.80, 3.21)]
    [InlineData(DerSimonianLaird, 0.277, 80.44, 5.11)]
    [InlineData(MaximumLikelihood, 0.197, 74.51, 3.92)]
    [InlineData(RestrictedMaximumLikelihood, 0.223, 76.84, 4.32)]
    [InlineData(EmpiricalBayes, 0.192, 74.05, 3.85)]
    [InlineData(SidikJonkman, 0.199, 74.75, 3.96)]
    public void Viechtbauer_2005_Journal_of_Educational_and_Behavioral_Statistics_30_page_271(TauSquaredEstimator estimator, double tau2, double i2,
        double h2) => Heterogeneous(
        [-0.581, 0.530, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232], [0.023, 0.052, 0.060, 0.115, 0.095, 0.203, 0.200, 0.211, 0.051, 0.040],
            estimator, tau2, i2, h2);

    [Theory] // and of the second
    [InlineData(TauSquaredEstimator.HunterSchmidt, 0.010, 22.93, 1.30)]
    [InlineData(Hedges, 0.000, 0.00, 1.00)]
    [InlineData(DerSimonianLaird, 0.013, 27.53, 1.38)]
    [InlineData(MaximumLikelihood, 0.013, 28.45, 1.40)]
    [InlineData(RestrictedMaximumLikelihood, 0.016, 32.02, 1.47)]
    [InlineData(EmpiricalBayes, 0.010, 23.72, 1.31)]
    [InlineData(SidikJonkman, 0.025, 42.67, 1.74)]
    public void Viechtbauer_2005_Journal_of_Educational_and_Behavioral_Statistics_30_page_272(TauSquaredEstimator estimator, double tau2, double i2,
        double h2) => Heterogeneous(
        [0.100, -0.162, -0.090, -0.049, -0.046, -0.010, -0.431, -0.261, 0.134, 0.019, 0.175, 0.056, 0.045, 0.103, 0.121, -0.482, 0.290, 0.342],
        [0.016, 0.015, 0.050, 0.050, 0.032, 0.052, 0.036, 0.024, 0.034, 0.033, 0.031, 0.034, 0.039, 0.167, 0.134, 0.096, 0.016, 0.035], estimator, tau2, i2,
            h2);

    [Theory] // τ, μ and its standard error of the CLASP example; there ML's τ is 0, and the .0023 of metafor is where its scoring stops
    [InlineData(PauleMandel, 0.3681, -0.3811, 0.2060)]
    [InlineData(Hedges, 0.4410, -0.4035, 0.2327)]
    [InlineData(DerSimonianLaird, 0.2323, -0.3240, 0.1540)]
    [InlineData(EmpiricalBayes, 0.3681, -0.3811, 0.2060)]
    [InlineData(RestrictedMaximumLikelihood, 0.1843, -0.2980, 0.1343)]
    [InlineData(TauSquaredEstimator.HunterSchmidt, 0.1330, -0.2666, 0.1125)]
    [InlineData(SidikJonkman, 0.4572, -0.4079, 0.2386)]
    public void DerSimonian_and_Kacker_2007_Contemporary_Clinical_Trials_28_pages_111_and_112_tables_3_and_4(TauSquaredEstimator estimator, double tau,
        double mean, double error)
    {
        var (y, v) = LogOddsRatios([5, 5, 12, 69, 9, 313], [151, 298, 553, 1501, 94, 4346], [8, 17, 9, 94, 11, 352], [66, 286, 468, 1471, 94, 4298]);
        var fit = RandomEffectsModel.Fit(y, v, Z(estimator));
        AssertRoundsTo(4, (tau, Math.Sqrt(fit.Heterogeneity.TauSquared!.Value)), (mean, fit.Mean.Estimate), (error, fit.Mean.StandardError));
    }

    [Fact]
    public void Lipsey_and_Wilson_2001_Practical_Meta_Analysis_page_133_exhibit_7_3()
    {
        double[] y = [-0.33, 0.32, 0.39, 0.31, 0.17, 0.64, -0.33, 0.15, -0.02, 0.00], v = [0.084, 0.035, 0.017, 0.034, 0.072, 0.117, 0.102, 0.093, 0.012,
            0.067];
        var (common, random) = (RandomEffectsModel.Fit(y, v, Z(CommonEffect)), RandomEffectsModel.Fit(y, v, Z(DerSimonianLaird)));
        Check(common.Mean, 4, 0.1549, 0.0609, 2.5450, 0.0356, 0.2742);
        Check(random.Mean, 4, 0.1534, 0.0858, 1.7893, -0.0146, 0.3215);
        AssertRoundsTo(4, (14.7640, common.Heterogeneity.Q), (0.0976, common.Heterogeneity.PValue));
        AssertRoundsTo(6, (0.025955, random.Heterogeneity.TauSquared));
    }

    [Theory] // τ², μ, SE, z and interval; Raudenbush, "Analyzing effect sizes: random-effects models", in the handbook's second edition
    [InlineData(CommonEffect, CoefficientTest.Normal, 0, 0.060, 0.036, 1.655, -0.011, 0.132)]
    [InlineData(MaximumLikelihood, CoefficientTest.Normal, 0.013, 0.078, 0.047, 1.637, -0.015, 0.171)]
    [InlineData(RestrictedMaximumLikelihood, CoefficientTest.Normal, 0.019, 0.084, 0.052, 1.621, -0.018, 0.185)]
    [InlineData(DerSimonianLaird, CoefficientTest.Normal, 0.026, 0.089, 0.056, 1.601, -0.020, 0.199)]
    [InlineData(Hedges, CoefficientTest.Normal, 0.080, 0.114, 0.079, 1.443, -0.041, 0.270)]
    [InlineData(CommonEffect, CoefficientTest.KnappHartung, 0, 0.060, 0.051, 1.173, -0.048, 0.168)]
    [InlineData(MaximumLikelihood, CoefficientTest.KnappHartung, 0.013, 0.078, 0.059, 1.311, -0.047, 0.202)]
    [InlineData(RestrictedMaximumLikelihood, CoefficientTest.KnappHartung, 0.019, 0.084, 0.062, 1.359, -0.046, 0.213)]
    [InlineData(DerSimonianLaird, CoefficientTest.KnappHartung, 0.026, 0.089, 0.064, 1.405, -0.044, 0.223)]
    [InlineData(Hedges, CoefficientTest.KnappHartung, 0.080, 0.114, 0.071, 1.608, -0.035, 0.264)]
    public void Raudenbush_2009_Handbook_of_Research_Synthesis_and_Meta_Analysis_page_309_table_16_3(
        TauSquaredEstimator estimator, CoefficientTest test, double tau2, double mean, double error, double statistic, double lower, double upper)
    {
        var fit = RandomEffectsModel.Fit(Teachers.Estimates, Teachers.Variances, new ModelOptions { Estimator = estimator, Test = test });
        AssertRoundsTo(3, (tau2, fit.Heterogeneity.TauSquared));
        Check(fit.Mean, 3, mean, error, statistic, lower, upper);
    }

    [Fact]
    public void Raudenbush_2009_Handbook_of_Research_Synthesis_and_Meta_Analysis_page_301_table_16_2()
    {
        double[] weeks = [.. Teachers.Moderator("weeks").Values.Select(value => Math.Min(3, double.Parse(value)))];
        var fit = MetaRegression.Fit(Teachers.Estimates, Teachers.Variances, DesignMatrix.WithIntercept(19).Add(new ContinuousTerm("weeks", weeks)),
            Z(RestrictedMaximumLikelihood));
        AssertRoundsTo(3, (0.407, fit.Coefficients[0].Estimate), (-0.157, fit.Coefficients[1].Estimate), (0, fit.Residual.TauSquared));
        AssertRoundsTo(2, (16.57, fit.Residual.Q), (4.68, fit.Coefficients[0].Statistic), (-4.39, fit.Coefficients[1].Statistic));
        var shrunken = Shrinkage.Run(Teachers.Estimates, Teachers.Variances, Z(RestrictedMaximumLikelihood));
        AssertRoundsTo(2, (-0.03, shrunken.Min(row => row.Effect)), (0.25, shrunken.Max(row => row.Effect)));
    }

    [Fact]
    public void Konstantopoulos_2011_Research_Synthesis_Methods_2_page_70_table_4()
    {
        var fit = RandomEffectsModel.Fit(Schools.Estimates, Schools.Variances, Z(RestrictedMaximumLikelihood));
        AssertRoundsTo(4, (0.1279, fit.Mean.Estimate), (0.0439, fit.Mean.StandardError), (0.0884, fit.Heterogeneity.TauSquared),
            (0.0202, fit.Heterogeneity.TauSquaredStandardError));
    }

    [Fact]
    public void Konstantopoulos_2011_Research_Synthesis_Methods_2_page_71_table_5()
    {
        var options = new MultilevelOptions
        {
            Model = DependenceModel.ThreeLevel, Restricted = false, Robust = RobustVariance.None,
            Test = CoefficientTest.Normal
        };
        var fit = MultilevelModel.Fit(Schools.Estimates, Schools.Variances, Schools.Samples(), options);
        AssertRoundsTo(4, (0.1845, fit.Mean.Estimate), (0.0805, fit.Mean.StandardError), (0.0577, fit.BetweenVariance), (0.0329, fit.WithinVariance));
        var years = Schools.Moderator("year").Values.Select(double.Parse).ToArray();
        var design = DesignMatrix.WithIntercept(years.Length).Add(new ContinuousTerm("year", [.. years.Select(year => year - years.Average())]));
        var regression = MultilevelModel.Fit(Schools.Estimates, Schools.Variances, Schools.Samples(), design, options);
        AssertRoundsTo(4, (0.0051, regression.Coefficients[1].Estimate), (0.0805, regression.Coefficients[0].StandardError),
            (0.0085, regression.Coefficients[1].StandardError),
            (0.0565, regression.BetweenVariance), (0.0329, regression.WithinVariance)); // the intercept, .1780, is misprinted there
    }

    [Fact]
    public void Henmi_and_Copas_2010_Statistics_in_Medicine_29_page_2978()
    {
        int[] a = [18, 5, 9, 32, 9, 11, 69, 3, 1, 11, 7, 4, 1, 24, 16, 28], treated = [100, 50, 20, 135, 23, 18, 122, 25, 30, 30, 44, 47, 30, 40, 50, 110];
        int[] c = [20, 18, 7, 31, 10, 12, 80, 12, 1, 19, 16, 6, 13, 71, 53, 25], controls = [100, 50, 20, 139, 23, 18, 122, 25, 30, 30, 39, 47, 30, 80, 88,
            111];
        var (y, v) = LogOddsRatios(a, [.. treated.Zip(a, (n, x) => n - x)], c, [.. controls.Zip(c, (n, x) => n - x)]);
        var (fit, interval) = (RandomEffectsModel.Fit(y, v, Z(DerSimonianLaird)), HenmiCopas.Interval(y, v));
        AssertRoundsTo(4, (0.3325, fit.Heterogeneity.TauSquared), (-0.6787, fit.Mean.Estimate), (-1.0664, fit.Mean.Lower), (-0.2911, fit.Mean.Upper));
        AssertRoundsTo(3, (-0.514, interval.Effect), (-0.999, interval.Lower), (-0.030, interval.Upper));
    }

    private static ModelOptions Z(TauSquaredEstimator estimator) => new() { Estimator = estimator, Test = CoefficientTest.Normal };

    private static (double[] Y, double[] V) OddsRatios() => LogOddsRatios(Vaccinated, VaccinatedHealthy, Control, ControlHealthy);

    private static (double[] Y, double[] V) LogOddsRatios(int[] a, int[] b, int[] c, int[] d) => (
        [.. a.Select((_, i) => Math.Log((double)a[i] / b[i] / c[i] * d[i]))],
        [.. a.Select((_, i) => 1.0 / a[i] + 1.0 / b[i] + 1.0 / c[i] + 1.0 / d[i])]);

    private static (double[] Y, double[] V) RiskRatios() => (
        [.. Vaccinated.Select((a, i) => Math.Log((double)a / (a + VaccinatedHealthy[i]) / Control[i] * (Control[i] + ControlHealthy[i])))],
        [.. Vaccinated.Select((a, i) => 1.0 / a - 1.0 / (a + VaccinatedHealthy[i]) + 1.0 / Control[i] - 1.0 / (Control[i] + ControlHealthy[i]))]);

    private static void Heterogeneous(double[] y, double[] v, TauSquaredEstimator estimator, double tau2, double i2, double h2)
    {
        var h = RandomEffectsModel.Fit(y, v, Z(estimator)).Heterogeneity;
        AssertRoundsTo(3, (tau2, h.TauSquared));
        AssertRoundsTo(2, (i2, h.ISquared), (h2, h.HSquared));
    }

    private static void Check(Coefficient ours, int digits, double estimate, double error, double statistic, double lower, double upper) =>
        AssertRoundsTo(digits, (estimate, ours.Estimate), (error, ours.StandardError), (statistic, ours.Statistic), (lower, ours.Lower), (upper, ours.Upper));

    /// <summary>Numbers that round to what is printed.</summary>
    private static void AssertRoundsTo(int digits, params (double Printed, double? Ours)[] numbers) =>
        Assert.All(numbers, number => Assert.Equal(number.Printed, number.Ours!.Value, 0.5000001 * Math.Pow(10, -digits)));
}
