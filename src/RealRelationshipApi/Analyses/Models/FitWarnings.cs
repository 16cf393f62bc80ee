using RealRelationship.Statistics;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Models;

/// <summary>Converts notes of the statistics library to warnings.</summary>
internal static class FitWarnings
{
    /// <summary>Code of the warning that r itself was pooled.</summary>
    public const string UntransformedCorrelations = "untransformedCorrelations";

    private const double MinDegreesOfFreedom = 4;

    private static readonly Dictionary<string, string> s_details = new()
    {
        [UntransformedCorrelations] =
            "Correlations were pooled without transformation. Their variances depend on them, so that correlations that are large by "
                + "chance have larger weights and the mean is biased away from 0, while each r is below the true one by about r(1 - r²)/(2n); intervals can "
                + "go beyond ±1.",
        ["oneEffect"] =
            "One effect is not a meta-analysis: heterogeneity and prediction cannot be estimated, and the interval is that of the effect itself (z).",
        ["fewEffects"] = "So few effects say very little about how much effects differ.",
        ["floorApplied"] = "The Knapp–Hartung multiplier was below 1 and would have made intervals shorter than the normal ones; it was held at 1.",
        ["severalModes"] = "The likelihood of tau² has more than one peak; the highest was taken.",
        ["singleLevel"] = "Every effect has the same value, so there is nothing to compare.",
        ["constantModerator"] = "Every effect has the same value, so there is no slope.",
        ["nearlyAliased"] =
            "Some terms are nearly linear combinations of the others: their coefficients cannot be told apart and are not to be interpreted.",
        ["lowerTermMissing"] =
            "A power or interaction is a term without its lower terms, so that coefficients depend on origins and reference levels: add them.",
        ["scaleNotEstimable"] =
            "The location–scale model has no estimate: its likelihood rises while tau² of some effects goes to 0 or ever further up.",
        ["emptyInterval"] =
            "The effects differ less than chance would have them, so no value of tau² fits at this confidence: its interval is empty.",
        ["oneEffectLevel"] = "A level has only one effect.",
        ["intervalNotAvailable"] =
            "The share of true effects above a threshold has no limits here: tau² counts as known under this distribution of the prediction.",
        ["oneSampleLevel"] =
            "A level, contrast or slope rests on one sample: nothing says how far another sample might lie. Its interval is the model's, with t on samples "
                + "minus coefficients, and it is no part of tests and verdict.",
        ["robustBelowModel"] =
            "A robust standard error is below half of what the model expects: with few samples it can collapse by chance, and its interval is not to be "
                + "trusted.",
        ["noResidualDegreesOfFreedom"] = "There are too few effects to tell how much they differ beyond what the model says of them.",
        ["fewSamples"] = "There are fewer than 10 samples: robust standard errors and prediction intervals rest on little.",
        ["fewClusters"] = "The samples are of fewer than 10 studies: robust standard errors by study rest on little.",
        ["fewDegreesOfFreedom"] = "A test has fewer than 4 degrees of freedom: its p-value and interval are not to be trusted.",
        ["equalStandardErrors"] = "All effects have the same standard error, so nothing can be regressed on it.",
        ["equalSampleSizes"] = "All effects have the same sample size, so nothing can be regressed on it.",
        ["noResidualVariance"] = "The effects lie exactly on the regression line.",
        ["predictionOutOfRange"] = "The numbers are too far apart for double precision to predict from them.",
        ["notConverged"] = "No maximum of the likelihood could be found.",
        ["tooFewEffects"] = "There are too few effects.",
        ["weightsNotIdentified"] = "No effect lies in the first interval of p, to which the others are compared.",
        ["allSignificant"] = "Every effect is significant in the direction, so the estimate rests on significant effects alone and can be far off.",
        ["noneSignificant"] = "No effect is significant in the direction, so nothing speaks for selection, and the estimate rests on the others alone.",
        ["limitNotReached"] = "The likelihood does not fall far enough on one side: that limit does not exist.",
        ["allAffirmative"] =
            "Every effect is significant in the favoured direction, so no effect stands for those that selection might have kept unseen: there is no S-value "
                + "and no worst case.",
        ["noneAffirmative"] = "No effect is significant in the favoured direction, so no selection can have favoured one: there is no S-value.",
        ["notFavored"] = "The uncorrected mean does not lie in the favoured direction, so there is nothing for selection to explain away: there is no S-value.",
        ["noRatioSuffices"] =
            "Even the effects that are not affirmative have a mean in the favoured direction: no selection of this kind takes the mean to zero.",
        ["intervalHoldsZero"] = "The uncorrected interval reaches zero already: there is no S-value of the limit.",
        ["noRatioSufficesForLimit"] = "No ratio up to a million takes the interval to zero.",
        ["oneNonaffirmativeSample"] = "The effects that are not affirmative are of one sample: the worst case has no interval.",
        ["atBoundary"] = "A weight or tau² lies at its boundary, so p rests on an approximation that may not hold.",
        ["sequenceNotComputable"] =
            "The confidence sequence has no limits, or the e-value no value, in double precision: the effects lie too far from the prior, or from each other, "
                + "for their variances.",
        ["varianceNotIdentified"] =
            "The data do not tell variance between samples from variance inside them: what depends on how they are parted has no estimate, but a range "
                + "in which every value is as likely as the others.",
        ["varianceWeaklyIdentified"] =
            "Variance between samples can hardly be told from variance inside them: an estimate moves by more than its standard error over what the "
                + "variances may be.",
    };

    private static readonly Dictionary<string, string> s_advice = new() { [UntransformedCorrelations] = "measure=fisherZ has neither bias." };

    /// <summary>Whether a code has a text.</summary>
    public static bool HasWords(string code) => s_details.ContainsKey(code);

    // Warnings about the model, not about its mean.
    private static readonly string[] s_aboutTheModel = [UntransformedCorrelations, "aggregated", "floorApplied", "intervalNotAvailable"];

    /// <summary>Codes of warnings about a coefficient.</summary>
    public static IReadOnlyList<string> CodesOf(Coefficient c) =>
        CodesOf(c.RestsOnOneSample, c.IsIdentified, c.IsWeaklyIdentified, c.RobustBelowModel, c.Basis, c.DegreesOfFreedom);

    /// <summary>Codes of warnings about a contrast.</summary>
    public static IReadOnlyList<string> CodesOf(Contrast c) =>
        CodesOf(c.RestsOnOneSample, c is { Range: null, StandardErrorRange: null }, c.IsWeaklyIdentified, c.RobustBelowModel, c.Basis, c.DegreesOfFreedom);

    /// <summary>Codes of warnings about the mean of a level.</summary>
    public static IReadOnlyList<string> CodesOf(SubgroupLevel level) =>
    [
        .. level.Rows.Count == 1 ? ["oneEffectLevel"] : Array.Empty<string>(),
        .. CodesOf(level.Mean),
        .. level.Heterogeneity.IntervalIsEmpty ? ["emptyInterval"] : Array.Empty<string>(),
    ];

    /// <summary>Codes of warnings about the mean of a number of independent effects.</summary>
    public static IReadOnlyList<string> CodesOf(int effects) => effects == 1 ? ["oneEffect"] : effects < ModelFit.FewEffects ? ["fewEffects"] : [];

    /// <summary>Codes of warnings about a pooled mean.</summary>
    public static IReadOnlyList<string> CodesOf(ModelFit fit) => [.. fit.Warnings.Select(w => w.Code).Except(s_aboutTheModel)];

    /// <inheritdoc cref="CodesOf(ModelFit)"/>
    public static IReadOnlyList<string> CodesOf(MultilevelMean fit) => [.. fit.Notes.Distinct(StringComparer.Ordinal)];

    private static IReadOnlyList<string> CodesOf(bool restsOnOneSample, bool isIdentified, bool isWeaklyIdentified, bool robustBelowModel,
        StandardErrorBasis basis, double? degreesOfFreedom) =>
    [
        .. restsOnOneSample ? ["oneSampleLevel"] : Array.Empty<string>(),
        .. isIdentified ? Array.Empty<string>() : ["varianceNotIdentified"],
        .. isWeaklyIdentified ? ["varianceWeaklyIdentified"] : Array.Empty<string>(),
        .. robustBelowModel ? ["robustBelowModel"] : Array.Empty<string>(),
        .. basis == StandardErrorBasis.Robust && !(degreesOfFreedom >= MinDegreesOfFreedom) ? ["fewDegreesOfFreedom"] : Array.Empty<string>(),
    ];

    /// <exception cref="KeyNotFoundException">The note has no text.</exception>
    public static Warning Of(string note) => Warning.WithAdvice(note, s_details[note], s_advice.GetValueOrDefault(note));

    /// <summary>The warning of a note about a nested model.</summary>
    public static Warning Of(string note, Dependence dependence) => dependence == Dependence.FourLevel && note == "varianceNotIdentified"
        ? new(note, "The data do not tell the variances between studies, between samples and inside samples apart, such as where every study has one sample: "
            + "what depends on how they are parted has no estimate, but a range in which every value is as likely as the others.")
        : Of(note);

    /// <summary>The warning of a note about one part of a response.</summary>
    /// <exception cref="KeyNotFoundException">The note has no text.</exception>
    public static Warning Of(string note, string part) =>
        Warning.WithAdvice(note, $"{part}: {s_details[note]}", s_advice.GetValueOrDefault(note));
}
