namespace RealRelationship.Statistics;

/// <summary>Rules of the verdict on a moderator, with α = 1 − confidence.</summary>
/// <remarks>
/// <c>Differ</c> needs the omnibus p below α, in models of dependent effects by two tests: the one asked for and the working model's F on samples − p (a robust
/// variance collapses by chance, and the model's test trusts its own variances; in simulations each alone exceeds its size where levels have few samples).
/// <c>Equivalent</c> needs every contrast's 1 − 2α interval inside the margin, no level left out, and a robust test with at least 4 degrees of freedom.
/// </remarks>
internal sealed record VerdictRule
{
    /// <summary>The omnibus test; null when there is none.</summary>
    public required WaldTest? Test { get; init; }

    /// <summary>A second test that has to agree; null when one is enough.</summary>
    public WaldTest? Second { get; init; }

    /// <summary>Whether <see cref="Test"/> has to be confirmed by <see cref="Second"/>.</summary>
    public bool NeedsSecond { get; init; }

    /// <summary>True if the intervals of all contrasts are within the margin.</summary>
    public required bool Within { get; init; }

    /// <summary>True if a level, or the slope, is identified by a single sample.</summary>
    public bool RestsOnOneSample { get; init; }

    /// <summary>True when the denominator degrees of freedom are estimated: below 4 they are not to be trusted.</summary>
    public bool HasEstimatedDegreesOfFreedom { get; init; }

    /// <summary>What forbids every verdict; null when nothing does.</summary>
    public string? Forbidden { get; init; }

    /// <summary>The verdict, and every reason why there is none.</summary>
    public (ModeratorVerdict Verdict, IReadOnlyList<string> Reasons) Decide(double alpha)
    {
        if (Forbidden is not null)
        {
            return (ModeratorVerdict.CannotTell, [Forbidden]);
        }
        if (Test is null || (NeedsSecond && Second is null))
        {
            return (ModeratorVerdict.CannotTell, [RestsOnOneSample ? "oneSampleLevel" : "fewDegreesOfFreedom"]);
        }
        var (first, second) = (Test.PValue < alpha, NeedsSecond ? Second!.PValue < alpha : Test.PValue < alpha);
        if (first != second)
        {
            return (ModeratorVerdict.CannotTell, ["testsDisagree"]);
        }
        var few = HasEstimatedDegreesOfFreedom && !(Test.DenominatorDegreesOfFreedom >= MultilevelModel.FewDegreesOfFreedom);
        if (first || (Within && !RestsOnOneSample && !few))
        {
            return (first ? ModeratorVerdict.Differ : ModeratorVerdict.Equivalent, []);
        }
        List<string> reasons = [];
        if (RestsOnOneSample)
        {
            reasons.Add("oneSampleLevel");
        }
        if (few)
        {
            reasons.Add("fewDegreesOfFreedom");
        }
        if (!Within)
        {
            reasons.Add("power");
        }
        return (ModeratorVerdict.CannotTell, reasons);
    }
}
