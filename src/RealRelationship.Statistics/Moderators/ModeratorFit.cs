namespace RealRelationship.Statistics;

/// <summary>Verdict on a moderator.</summary>
public enum ModeratorVerdict
{
    /// <summary>The omnibus test is significant.</summary>
    Differ,
    /// <summary>Not significant, and all contrasts are within the equivalence margin.</summary>
    Equivalent,
    /// <summary>Neither; the data are insufficient.</summary>
    CannotTell,
}

/// <summary>Whether the levels of a moderator share one τ².</summary>
public enum SubgroupTauSquared
{
    /// <summary>One regression with one τ².</summary>
    Common,
    /// <summary>Every level fitted alone.</summary>
    Separate,
}

/// <summary>The effects of one level, pooled.</summary>
/// <param name="Level">The level.</param>
/// <param name="Rows">Indices of its effects.</param>
/// <param name="Mean">Its pooled effect, named by the level.</param>
/// <param name="Heterogeneity">Inside the level.</param>
public sealed record SubgroupLevel(string Level, IReadOnlyList<int> Rows, Coefficient Mean, Heterogeneity Heterogeneity)
{
    /// <summary>Its prediction interval, as <see cref="RandomEffectsFit.PredictionInterval"/>. It is computed when it is first read.</summary>
    public Interval? PredictionInterval => Prediction?.Interval;

    internal Prediction? Prediction { get; init; }
}

/// <summary>The difference of two levels.</summary>
/// <param name="A">The first level, in ordinal order.</param>
/// <param name="B">The second level.</param>
/// <param name="Difference">A − B, on the scale of the effects.</param>
/// <param name="StandardError">Of the difference.</param>
/// <param name="DegreesOfFreedom">Of t; null for the normal distribution.</param>
/// <param name="Lower">Lower confidence bound.</param>
/// <param name="Upper">Upper confidence bound.</param>
/// <param name="PValue">Two-sided, unadjusted.</param>
/// <param name="AdjustedPValue">Adjusted over all contrasts identified by more than one sample; Holm 1979,
/// Scandinavian Journal of Statistics 6.</param>
/// <param name="MinimumDetectableDifference">The difference that this design detects with 80 % power at the fitted τ², without the Knapp–Hartung multiplier;
/// with a robust variance by its degrees of freedom and the standard error that the model expects.</param>
public sealed record Contrast(
    string A, string B, double Difference, double StandardError, double? DegreesOfFreedom, double? Lower, double? Upper,
    double? PValue, double? AdjustedPValue, double? MinimumDetectableDifference)
{
    /// <summary>As <see cref="Coefficient.Basis"/>.</summary>
    public StandardErrorBasis Basis { get; init; }

    /// <summary>True if one of the two levels has a single sample: the contrast is not adjusted and is excluded from omnibus test and verdict.</summary>
    public bool RestsOnOneSample { get; init; }

    /// <summary>As <see cref="Coefficient.RobustBelowModel"/>.</summary>
    public bool RobustBelowModel { get; init; }

    /// <summary>As <see cref="Coefficient.Range"/>, of the difference.</summary>
    public Interval? Range { get; init; }

    /// <summary>As <see cref="Coefficient.StandardErrorRange"/>.</summary>
    public Interval? StandardErrorRange { get; init; }

    /// <summary>As <see cref="Coefficient.IsWeaklyIdentified"/>.</summary>
    public bool IsWeaklyIdentified { get; init; }
}

/// <summary>Analysis of a moderator: the result of <see cref="ModeratorModel"/>.</summary>
public sealed record ModeratorFit
{
    /// <summary>Pooled effects of the levels in ordinal order; empty for a continuous moderator. If effects are dependent, they are computed when first read.
    /// </summary>
    public required IReadOnlyList<SubgroupLevel> Levels
    {
        get => LevelsFit?.Value ?? field;
        init => (field, LevelsFit) = (value, null);
    }

    internal Lazy<IReadOnlyList<SubgroupLevel>>? LevelsFit { get; init; }

    /// <summary>Coefficients of the regression, <c>intercept</c> first; with separate τ² the levels' means.</summary>
    public required IReadOnlyList<Coefficient> Coefficients { get; init; }

    /// <summary>Test that the moderator has no effect, over levels with more than one sample: Wald's, or HTZ if effects are dependent and the variance is
    /// robust. Null for a single level or without degrees of freedom.</summary>
    public required WaldTest? Test { get; init; }

    /// <summary>Residual heterogeneity; with separate τ² only Q and its degrees of freedom, summed over levels.</summary>
    public required Heterogeneity Residual { get; init; }

    /// <summary>As <see cref="MetaRegressionFit.RSquared"/>; null with separate τ².</summary>
    public double? RSquared => Nested is null ? RSquaredOfIndependent : Nested.RSquared;

    internal double? RSquaredOfIndependent { get; init; }

    /// <summary>Every pair of levels; empty for a single level and for a continuous moderator.</summary>
    public required IReadOnlyList<Contrast> Contrasts { get; init; }

    /// <summary>The largest of the contrasts'; for a continuous moderator that of its slope, per standard deviation.</summary>
    public required double? MinimumDetectableDifference { get; init; }

    /// <summary>The verdict.</summary>
    public required ModeratorVerdict Verdict { get; init; }

    /// <summary>All reasons why the verdict is <see cref="ModeratorVerdict.CannotTell"/>, the most serious first: <c>varianceNotIdentified</c>,
    /// <c>varianceWeaklyIdentified</c>, <c>testsDisagree</c>, <c>oneSampleLevel</c>, <c>fewDegreesOfFreedom</c>, <c>power</c>, and with
    /// several moderators <c>multiplicity</c> (<see cref="ModeratorModel.AdjustByHolm"/>).
    /// Empty for other verdicts, and if there is nothing to compare.</summary>
    public IReadOnlyList<string> CannotTellBecause { get; init; } = [];

    /// <summary>The working model's F on samples − p. The verdict <c>Differ</c> requires both this and a robust <see cref="Test"/>;
    /// null if effects are independent.</summary>
    public WaldTest? ConfirmingTest { get; init; }

    /// <summary>The p-value of <see cref="Test"/> adjusted over the moderators of one question by <see cref="ModeratorModel.AdjustByHolm"/>; null without a
    /// test, and before that.</summary>
    public double? AdjustedPValue { get; init; }

    /// <summary>The same of <see cref="ConfirmingTest"/>.</summary>
    public double? AdjustedConfirmingPValue { get; init; }

    /// <summary>True if no level has a single sample and the 1 − 2α intervals of all contrasts are within the equivalence margin.</summary>
    public required bool WithinMargin { get; init; }

    /// <summary>The model behind <see cref="Coefficients"/> when effects are dependent, else null.</summary>
    public MultilevelFit? Nested { get; init; }

    /// <summary>The comparison inside samples; null when effects are independent or the moderator varies in fewer than two samples. It is computed when it is
    /// first read.</summary>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public WithinSampleContrast? WithinSample => WithinSampleFit?.Value;

    internal Lazy<WithinSampleContrast?>? WithinSampleFit { get; init; }

    /// <summary>Stable codes of caveats: <c>singleLevel</c>, <c>oneEffectLevel</c>, <c>oneSampleLevel</c>, <c>constantModerator</c>,
    /// <c>noResidualDegreesOfFreedom</c>, <c>severalModes</c>, <c>floorApplied</c>, <c>emptyInterval</c>, <c>nearlyAliased</c>; of dependent effects
    /// also those of
    /// <see cref="MultilevelFit.Notes"/>.</summary>
    public required IReadOnlyList<string> Notes
    {
        get => NotesOfFit?.Value ?? field;
        init => (field, NotesOfFit) = (value, null);
    }

    internal Lazy<IReadOnlyList<string>>? NotesOfFit { get; init; }
}
