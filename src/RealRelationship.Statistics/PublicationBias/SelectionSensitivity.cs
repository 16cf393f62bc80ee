namespace RealRelationship.Statistics;

/// <summary>The mean under a selection of known severity, and how severe a selection it would take to leave nothing of it.</summary>
/// <param name="Ratio">The given selection ratio: how many times more likely affirmative effects are published.</param>
/// <param name="Direction">The given direction of affirmative effects.</param>
/// <param name="Affirmative">Effects in the favoured direction with a two-sided p below .05.</param>
/// <param name="Nonaffirmative">The others.</param>
/// <param name="TauSquared">Of the naive model behind the weights: REML, every effect for itself, nothing corrected.</param>
/// <param name="Corrected">The mean at <paramref name="Ratio"/>, cluster-robust.</param>
/// <param name="WorstCase">The mean of the nonaffirmative effects alone, to which <paramref name="Corrected"/> tends as the ratio grows;
/// null when there are none.
/// Without statistic and interval when they are of one sample, with a standard error of 0.</param>
/// <param name="SValue">The ratio at which the mean is zero; null when <paramref name="Notes"/> say why.</param>
/// <param name="SValueOfLimit">The smallest ratio, up to a million, at which the confidence limit on the side of zero reaches it; null when
/// <paramref name="Notes"/> say why.</param>
/// <param name="Notes">Stable codes: <c>allAffirmative</c> (no nonaffirmative effect: no S-value),
/// <c>noneAffirmative</c> (no affirmative effect: no S-value), <c>notFavored</c> (the uncorrected mean is not in the favoured direction: no S-value),
/// <c>noRatioSuffices</c> (the worst case is not beyond zero: no S-value of the mean), <c>intervalHoldsZero</c> (uncorrected: no S-value of the limit),
/// <c>noRatioSufficesForLimit</c> (no ratio up to a million: the same), <c>oneNonaffirmativeSample</c> (no interval of the worst case),
/// <c>fewDegreesOfFreedom</c> (below 4).</param>
public sealed record SelectionSensitivityFit(
    double Ratio, SelectionDirection Direction, int Affirmative, int Nonaffirmative, double TauSquared, Coefficient Corrected, Coefficient? WorstCase,
    double? SValue, double? SValueOfLimit, IReadOnlyList<string> Notes);

/// <summary>Sensitivity of a mean of dependent effects to selection; Mathur and VanderWeele 2020, Journal of the Royal Statistical Society C 69(5),
/// their robust clustered specification.</summary>
/// <remarks>
/// 1. An effect is affirmative if it is in the favoured direction with a two-sided p below .05. If affirmative effects are η times more likely to be
/// published, each published nonaffirmative effect represents η effects and gets η times its weight 1/(v + τ²), with τ² by REML without selection.
/// 2. The variance of that mean is CR2 by samples (<see cref="ClusterRobustMean"/>), with degrees of freedom by Satterthwaite.
/// 3. With A = Σwy of the affirmative effects at η = 1 and N of the others, the mean is (A + ηN)/Σw, so that it is zero at η = −A/N.
/// Estimates agree with their package PublicationBias (<c>pubbias_meta</c>, the robust model),
/// standard errors and degrees of freedom with clubSandwich given the same weights and working covariance. PublicationBias leaves τ² out of the latter, as
/// robumeta does; here it is the one under which the weights at η = 1 are best.
/// </remarks>
public static class SelectionSensitivity
{
    private const double Alpha = 0.05;
    private const double LargestRatio = 1e6;
    private const int StepsPerDecade = 10;

    /// <summary>Corrects the mean for selection and finds the selection that explains it away.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="ratio">η: how many times more likely affirmative effects are published, from 1 (no selection) to a million.</param>
    /// <param name="direction">Which effects are favoured.</param>
    /// <param name="confidence">Coverage of every interval, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ratio"/> is not in [1, 10⁶], or <paramref name="confidence"/> not in (0, 1).</exception>
    /// <exception cref="StatisticsException"><c>oneSample</c>: all effects are of one sample; <c>outOfRange</c>: the numbers overflow.</exception>
    public static SelectionSensitivityFit Fit(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, double ratio = 4,
        SelectionDirection direction = SelectionDirection.Greater, double confidence = 0.95)
    {
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        Guard.InRange(ratio is >= 1 and <= LargestRatio, ratio, nameof(ratio), "The ratio lies between 1 and a million.");
        var alpha = new ModelOptions { Confidence = confidence }.Alpha;
        var sign = direction == SelectionDirection.Less ? -1 : 1;
        var tau2 = MeanModel.EstimateTauSquared(new LinearModel(estimates, variances), TauSquaredEstimator.RestrictedMaximumLikelihood);
        var affirmative = Affirmative(estimates, variances, sign);
        var all = new ClusterRobustMean(estimates, variances, samples, affirmative, tau2);
        if (all.Samples == 1)
        {
            throw new StatisticsException("oneSample", "All effects are of one sample: nothing can be said of the variance between samples.");
        }
        var corrected = all.ToCoefficient(ratio, alpha);
        var worst = WorstCase(estimates, variances, samples, affirmative, tau2);
        var notes = new List<string>();
        var (sValue, ofLimit) = SValues(all, sign, alpha, affirmative, notes);
        if (worst is { Samples: 1 })
        {
            notes.Add("oneNonaffirmativeSample");
        }
        if (!(corrected.DegreesOfFreedom >= MultilevelModel.FewDegreesOfFreedom))
        {
            notes.Add("fewDegreesOfFreedom");
        }
        var count = affirmative.Count(x => x);
        return new SelectionSensitivityFit(
            ratio, direction, count, affirmative.Length - count, tau2, corrected, worst?.ToCoefficient(1, alpha), sValue, ofLimit, notes);
    }

    private static bool[] Affirmative(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, int sign)
    {
        var critical = Normal.UpperQuantile(Alpha / 2);
        var affirmative = new bool[estimates.Length];
        for (var i = 0; i < affirmative.Length; i++)
        {
            affirmative[i] = sign * estimates[i] / Math.Sqrt(variances[i]) > critical;
        }
        return affirmative;
    }

    private static ClusterRobustMean? WorstCase(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, bool[] affirmative, double tau2)
    {
        int[] rows = [.. Enumerable.Range(0, affirmative.Length).Where(i => !affirmative[i])];
        if (rows.Length == 0)
        {
            return null;
        }
        var (y, v, s) = (new double[rows.Length], new double[rows.Length], new int[rows.Length]);
        for (var i = 0; i < rows.Length; i++)
        {
            (y[i], v[i], s[i]) = (estimates[rows[i]], variances[rows[i]], samples[rows[i]]);
        }
        return new ClusterRobustMean(y, v, s, new bool[rows.Length], tau2);
    }

    private static (double? OfMean, double? OfLimit) SValues(ClusterRobustMean all, int sign, double alpha, bool[] affirmative, List<string> notes)
    {
        var none = !affirmative.Contains(true) ? "noneAffirmative"
            : !affirmative.Contains(false) ? "allAffirmative"
            : sign * all.Estimate(1) <= 0 ? "notFavored"
            : null;
        if (none is not null)
        {
            notes.Add(none);
            return (null, null);
        }
        var ofMean = all.RatioAtZeroMean is >= 1 and var ratio && double.IsFinite(ratio) ? ratio : (double?)null;
        if (ofMean is null)
        {
            notes.Add("noRatioSuffices");
        }
        return (ofMean, OfLimit(ratio => sign * (sign > 0 ? all.ToCoefficient(ratio, alpha).Lower : all.ToCoefficient(ratio, alpha).Upper), notes));
    }

    /// <summary>The first change of sign on a grid of ratios, narrowed: the limit need not fall all the way,
    /// since degrees of freedom change with the weights.</summary>
    private static double? OfLimit(Func<double, double?> limit, List<string> notes)
    {
        if (limit(1) <= 0)
        {
            notes.Add("intervalHoldsZero");
            return null;
        }
        var before = 1.0;
        for (var i = 1; Math.Pow(10, i / (double)StepsPerDecade) is <= LargestRatio and var ratio; i++)
        {
            if (limit(ratio) <= 0 && limit(before) > 0)
            {
                return RootFinder.FindBetween(x => limit(x) ?? double.NaN, before, ratio);
            }
            before = ratio;
        }
        notes.Add("noRatioSufficesForLimit");
        return null;
    }
}
