namespace RealRelationshipApi.Analyses.Certainty;

/// <summary>What the numbers of a domain propose. People sign each judgement, and may judge otherwise.</summary>
internal static class CertaintyRules
{
    /// <summary>Samples below which publication bias cannot be assessed; also Egger's test is not advised below ten (Sterne et al. 2011, BMJ 343,
    /// d4002).</summary>
    public const int MinSamples = 10;

    /// <summary>Egger's test has little power, so that p &lt; .10 counts (Egger et al. 1997, BMJ 315, 629–634).</summary>
    private const double EggerLevel = 0.10;

    // More than half of the weight.
    private const double Most = 50;

    /// <summary>After the Cochrane Handbook, version 5.1, table 12.2.d: where most information is from studies at low risk, and those at high risk do not
    /// affect the interpretation, nothing lowers the certainty.</summary>
    /// <param name="n">The numbers.</param>
    /// <param name="pool">Confidence interval of all effects.</param>
    /// <param name="margin">Effects up to this are negligible.</param>
    public static (CertaintyJudgement Proposed, string Because) RiskOfBias(RiskOfBiasNumbers n, Bounds pool, double margin)
    {
        var weights = $"studies at low risk have {n.LowWeight:0.#}% of the weight, at high risk {n.HighWeight:0.#}%, without a judgement "
            + $"{n.NotAssessedWeight:0.#}%";
        if (n.NotAssessedWeight > Most)
        {
            return (CertaintyJudgement.NotAssessable, n.Assessed == 0 ? "No study has an overall judgement of its risk of bias."
                : $"Most of the weight is of studies without an overall judgement: {weights}.");
        }

        if (n.HighWeight > Most)
        {
            return (CertaintyJudgement.VerySerious, $"Most of the weight is of studies at high risk: {weights}.");
        }

        var without = new Bounds(n.WithoutHighLower, n.WithoutHighUpper);
        return n.HighWeight > 0 && without.PositionTo(margin) != pool.PositionTo(margin)
            ? (CertaintyJudgement.Serious, $"Without the studies at high risk the interval lies otherwise to 0 or to the margin: {weights}.")
            : n.LowWeight > Most ? (CertaintyJudgement.None, $"Most of the weight is of studies at low risk: {weights}.")
                : (CertaintyJudgement.Serious, $"Not most of the weight is of studies at low risk: {weights}.");
    }

    public static (CertaintyJudgement Proposed, string Because) Inconsistency(InconsistencyNumbers n)
    {
        var limits = new Bounds(n.PredictionLower, n.PredictionUpper);
        var interval = $"The prediction interval {limits}";
        return !limits.IsKnown ? (CertaintyJudgement.NotAssessable, "There is no prediction interval.")
            : limits.Contains(n.Margin) && limits.Contains(-n.Margin)
                ? (CertaintyJudgement.VerySerious, $"{interval} reaches from below -{n.Margin:0.##} to above {n.Margin:0.##}: effects in both directions.")
            : limits.Contains(n.Margin) || limits.Contains(-n.Margin)
                ? (CertaintyJudgement.Serious, $"{interval} covers both sides of the margin ±{n.Margin:0.##}.")
                : (CertaintyJudgement.None, $"{interval} lies on one side of the margin ±{n.Margin:0.##}.");
    }

    public static (CertaintyJudgement Proposed, string Because) Indirectness() => (CertaintyJudgement.NotAssessable,
        "Only people can judge whether these are the people, measures and designs that a question is about.");

    public static (CertaintyJudgement Proposed, string Because) Imprecision(ImprecisionNumbers n)
    {
        var limits = new Bounds(n.Lower, n.Upper);
        if (!limits.IsKnown)
        {
            return (CertaintyJudgement.NotAssessable, "There is no confidence interval.");
        }

        if (limits.Contains(n.Margin) && limits.Contains(-n.Margin))
        {
            return (CertaintyJudgement.VerySerious,
                $"The confidence interval {limits} reaches from below -{n.Margin:0.##} to above {n.Margin:0.##}: both directions.");
        }

        string[] reasons =
        [
            .. limits.Contains(0) ? [$"the confidence interval {limits} covers 0"] : Array.Empty<string>(),
            .. limits.Contains(n.Margin) || limits.Contains(-n.Margin)
                ? [$"the confidence interval {limits} covers both sides of the margin ±{n.Margin:0.##}"] : Array.Empty<string>(),
            .. n.Participants < n.OptimalInformationSize
                ? [$"{n.Participants:N0} participants are fewer than the optimal information size of {n.OptimalInformationSize:N0}"] : Array.Empty<string>(),
        ];
        return reasons.Length > 0 ? (CertaintyJudgement.Serious, Sentence(reasons))
            : (CertaintyJudgement.None, $"The confidence interval {limits} lies on one side of 0 and of the margin ±{n.Margin:0.##}"
                + (n.OptimalInformationSize is { } size ? $", and {n.Participants:N0} participants reach the optimal information size of {size:N0}." : "."));
    }

    public static (CertaintyJudgement Proposed, string Because) PublicationBias(PublicationBiasNumbers n)
    {
        if (n.Samples < MinSamples)
        {
            return (CertaintyJudgement.NotAssessable, $"{n.Samples} {(n.Samples == 1 ? "sample" : "samples")}: with fewer than {MinSamples} it cannot be "
                + "assessed.");
        }

        if (n.EggerP is not { } p)
        {
            return (CertaintyJudgement.NotAssessable, "Egger's test cannot be computed.");
        }

        string[] reasons =
        [
            .. p < EggerLevel ? [$"Egger's test gives p = {p:0.000}, below {EggerLevel:0.00}"] : Array.Empty<string>(),
            .. n.RegisteredSamples > n.Samples
                ? [$"most eligible samples have no usable coefficient: {n.RegisteredSamples} beside {n.Samples}"] : Array.Empty<string>(),
        ];
        return reasons.Length switch
        {
            0 => (CertaintyJudgement.None, $"Egger's test gives p = {p:0.000}, and {n.RegisteredSamples} eligible samples without a usable coefficient stand "
                + $"beside {n.Samples}."),
            1 => (CertaintyJudgement.Serious, Sentence(reasons)),
            _ => (CertaintyJudgement.VerySerious, Sentence(reasons)),
        };
    }

    private static string Sentence(string[] reasons)
    {
        var text = string.Join(", and ", reasons);
        return $"{char.ToUpperInvariant(text[0])}{text[1..]}.";
    }
}

/// <summary>Bounds of an interval; null if there is none.</summary>
internal sealed record Bounds(double? Lower, double? Upper)
{
    public bool IsKnown => Lower is not null && Upper is not null;

    public bool Contains(double value) => Lower <= value && Upper >= value;

    /// <summary>What an interval says of 0 and the margin: its sign, and which of 0 and ± margin it contains.</summary>
    public (int Sign, bool Zero, bool Margin, bool NegativeMargin) PositionTo(double margin) =>
        (Lower > 0 ? 1 : Upper < 0 ? -1 : 0, Contains(0), Contains(margin), Contains(-margin));

    public override string ToString() => $"[{Lower:0.00}, {Upper:0.00}]";
}
