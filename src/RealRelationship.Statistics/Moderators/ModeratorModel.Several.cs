namespace RealRelationship.Statistics;

public static partial class ModeratorModel
{
    private const double SameTest = 1e-9; // relative

    /// <summary>Adjusts the tests of several moderators of one question by Holm, over those that can be computed and are distinct: moderators that part the
    /// effects alike have one test between them. A verdict <see cref="ModeratorVerdict.Differ"/> that does not hold at the adjusted p-values, of the test and
    /// of the one that confirms it, becomes <see cref="ModeratorVerdict.CannotTell"/> because of <c>multiplicity</c>.
    /// <see cref="ModeratorVerdict.Equivalent"/> is not adjusted.</summary>
    /// <param name="fits">The moderators.</param>
    /// <param name="confidence">1 − α, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is not strictly between 0 and 1.</exception>
    public static IReadOnlyList<ModeratorFit> AdjustByHolm(IReadOnlyList<ModeratorFit> fits, double confidence)
    {
        ArgumentNullException.ThrowIfNull(fits);
        Guard.InRange(confidence is > 0 and < 1, confidence, nameof(confidence), "Confidence lies strictly between 0 and 1.");
        var tests = AdjustedPValues([.. fits.Select(fit => fit.Test)]);
        var confirming = AdjustedPValues([.. fits.Select(fit => fit.Test is null ? null : fit.ConfirmingTest)]);
        return [.. fits.Select((fit, i) => Adjusted(fit, tests[i], confirming[i], 1 - confidence))];
    }

    private static ModeratorFit Adjusted(ModeratorFit fit, double? test, double? confirming, double alpha)
    {
        var adjusted = fit with { AdjustedPValue = test, AdjustedConfirmingPValue = confirming };
        return fit.Verdict == ModeratorVerdict.Differ && (test >= alpha || confirming >= alpha)
            ? adjusted with { Verdict = ModeratorVerdict.CannotTell, CannotTellBecause = ["multiplicity"] }
            : adjusted;
    }

    private static double?[] AdjustedPValues(WaldTest?[] tests)
    {
        var distinct = new List<WaldTest>();
        foreach (var test in tests.OfType<WaldTest>())
        {
            if (!distinct.Exists(other => AreSame(test, other)))
            {
                distinct.Add(test);
            }
        }
        var adjusted = Holm.Adjust(distinct.ConvertAll(test => test.PValue));
        return [.. tests.Select(test => test is null ? null : (double?)adjusted[distinct.FindIndex(other => AreSame(test, other))])];
    }

    private static bool AreSame(WaldTest a, WaldTest b) => a.NumeratorDegreesOfFreedom == b.NumeratorDegreesOfFreedom && AreClose(a.Statistic, b.Statistic)
        && AreClose(a.DenominatorDegreesOfFreedom ?? 0, b.DenominatorDegreesOfFreedom ?? 0);

    private static bool AreClose(double a, double b) => Math.Abs(a - b) <= SameTest * Math.Max(Math.Abs(a), Math.Abs(b));
}
