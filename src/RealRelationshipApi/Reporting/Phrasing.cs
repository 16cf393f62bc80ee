using System.Text.Json;
using System.Text.Json.Nodes;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Reporting;

/// <summary>Describes filters, models and results in words.</summary>
internal static class Phrasing
{
    // Limits of a share that span this tell nothing of it.
    private const double UninformativeLower = 0.05;
    private const double UninformativeUpper = 0.95;

    private static readonly string[] s_revisionParameters = ["asOf", "minRevision"];

    /// <summary>The filter: <c>outcomeType sessionOutcome or followUp; yearFrom 2010</c>; null if there is none.</summary>
    public static string? Describe(FilterRequest? filter)
    {
        var chosen = JsonSerializer.SerializeToNode(filter ?? new FilterRequest(), StrictJson.Options)!.AsObject()
            .Where(member => member.Value is not null && !s_revisionParameters.Contains(member.Key))
            .Select(
                member =>
                    $"{member.Key} {(member.Value is JsonArray several ? string.Join(" or ", several.Select(v => v!.ToString())) : member.Value!.ToString())}")
            .ToList();
        return chosen.Count == 0 ? null : string.Join("; ", chosen);
    }

    /// <summary>The model: <c>random-effects model (tau² by reml)</c>, with the treatment of dependence.</summary>
    public static string Describe(ModelResponse model) => model.Estimator == Estimator.Common
        ? $"common-effect model{DescribeAggregation(model)}"
        : model.Dependence switch
        {
            Dependence.ThreeLevel => $"three-level random-effects model, effects nested in samples ({EstimatorName(model)})",
            Dependence.FourLevel =>
                $"four-level random-effects model, effects nested in samples, and samples in studies ({DescribeRho(model)}; {EstimatorName(model)})",
            Dependence.CorrelatedHierarchical =>
                $"correlated hierarchical effects model, effects nested in samples ({DescribeRho(model)}; {EstimatorName(model)})",
            _ => $"random-effects model (tau² by {EstimatorName(model)}){DescribeAggregation(model)}",
        };

    /// <summary>The test of the mean; z for a single effect, whatever was requested.</summary>
    public static string DescribeTest(PoolResponse pool) => pool.Model.Robust != RobustVarianceChoice.None
        ? $"cluster-robust variance ({EnumNames<RobustVarianceChoice>.Of(pool.Model.Robust).ToUpperInvariant()}"
            + $"{(pool.Model.Cluster == ClusterChoice.Study ? " by study" : "")}), t with Satterthwaite degrees of freedom"
        : pool.Model.Test switch
        {
            _ when pool.Pooled.StatisticName == "z" => "normal (Wald) test",
            TestChoice.Z => "normal (Wald) test",
            TestChoice.T => "t-test",
            TestChoice.KnappHartung => "Knapp–Hartung test",
            _ => "Knapp–Hartung test, its multiplier held at 1 or above",
        };

    /// <summary>A count with the singular or plural noun.</summary>
    public static string Plural(int count, string one, string? several = null) => $"{ApaFormat.Count(count)} {(count == 1 ? one : several ?? one + "s")}";

    public static string DescribeCounts(CountsResponse counts) =>
        $"{Plural(counts.Effects, "effect")} of {Plural(counts.Samples, "sample")} in {Plural(counts.Studies, "study", "studies")}, "
            + $"{DescribeParticipants(counts)}";

    /// <summary>The number of participants, as far as known.</summary>
    public static string DescribeParticipants(CountsResponse counts) => counts.Participants == 0
        ? "N not known"
        : $"N = {ApaFormat.Count(counts.Participants)}"
            + (counts.ParticipantsUnknown > 0 ? $" (not known of {Plural(counts.ParticipantsUnknown, "sample")})" : "");

    /// <summary>The provenance of a result.</summary>
    public static string Describe(DataProvenanceResponse data) =>
        (data.Revision is { } revision ? $"Evidence revision {revision}{(data.AsOf is { } asOf ? $" of {asOf:yyyy-MM-dd}" : "")}; fingerprint" : "Fingerprint")
        + $" {data.Fingerprint[..23]}…; software {data.Version}.";

    /// <summary>A camelCase name as words: <c>outcome type</c>.</summary>
    public static string SplitCamelCase(string name) => name.Contains('.', StringComparison.Ordinal) ? name
        : string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));

    /// <summary>The name of a moderator as words: <c>outcome type</c>, and <c>mean age</c> for <c>moderators.meanAge</c>.</summary>
    public static string DescribeModerator(string name) => SplitCamelCase(
        name.StartsWith(EvidenceSnapshot.FreeModeratorPrefix, StringComparison.Ordinal) ? name[EvidenceSnapshot.FreeModeratorPrefix.Length..] : name);

    /// <summary>The omnibus test of a moderator: <c>F(2, 13) = 0.23, p = .797</c>.</summary>
    public static string DescribeOmnibusTest(ModeratorResponse moderator) => moderator.Test is { } test
        ? $"{Describe(test)}{(test.PHolm > test.P ? $", p {ApaFormat.PValue(test.PHolm)} among all moderators together (Holm)" : "")}"
            + (moderator.ConfirmingTest is { } confirming ? $"; by the model's own variance {Describe(confirming)}" : "")
        : "no test of the difference can be made";

    /// <summary>The conclusion about a moderator.</summary>
    /// <param name="moderator">Its analysis.</param>
    /// <param name="around">The pooled estimate, around which differences on Fisher z are expressed as differences of correlations; null to leave them on
    /// Fisher z.</param>
    public static string DescribeVerdict(ModeratorResponse moderator, PoolResponse? around = null) => moderator switch
    {
        { Verdict: "differ", WithinMargin: true } => $"the effect differs, but by no more than ± {Difference(moderator.EquivalenceMargin, around)}",
        { Verdict: "differ" } => "the effect differs",
        { Verdict: "equivalent" } => $"the effect is the same, within ± {Difference(moderator.EquivalenceMargin, around)}"
            + (moderator.Test is { } test && test.PHolm > test.P ? ", which is of this moderator alone, not adjusted for the others" : ""),
        { CannotTellBecause.Count: > 0 } => "whether the effect differs cannot be told: "
            + string.Join("; ", moderator.CannotTellBecause.Select(reason => Describe(reason, moderator, around))),
        _ => "whether the effect differs cannot be told",
    };

    private static string Difference(double onFisherZ, PoolResponse? around) =>
        around is { Correlation: not null, Pooled.Effect: { } z }
            ? $"{ApaFormat.Correlation(Math.Tanh(z + onFisherZ / 2) - Math.Tanh(z - onFisherZ / 2))} in r"
            : $"{ApaFormat.Number(onFisherZ)} on Fisher z";

    private static string Describe(OmnibusTestResponse test) =>
        $"{test.Name}({test.Df1}{(test.Df2 is { } df ? $", {df:0.#}" : "")}) = {ApaFormat.Number(test.Statistic)}, p {ApaFormat.PValue(test.P)}";

    private static string Describe(string reason, ModeratorResponse moderator, PoolResponse? around) => reason switch
    {
        "oneSampleLevel" => moderator.Kind == "continuous" ? "the slope rests on one sample" : "a level rests on one sample",
        "fewDegreesOfFreedom" => "the test rests on too few degrees of freedom",
        "testsDisagree" => "the robust test and that of the model disagree",
        "varianceNotIdentified" => "the data do not tell variance between samples from variance inside them",
        "varianceWeaklyIdentified" => "the data hardly tell variance between samples from variance inside them",
        "multiplicity" => "the difference does not hold when all moderators are tested together",
        _ when moderator.MinimumDetectableDifference is { } minimum => $"only a difference of {Difference(minimum, around)} or more"
            + $"{(moderator.Kind == "continuous" ? " per standard deviation" : "")} could have been found with 80% power",
        _ => "the effects are too few",
    };

    /// <summary>What the prediction interval is of.</summary>
    public static string DescribePredicted(ModelResponse model)
    {
        var effect = model.Measure == EffectMeasure.Raw ? "effect" : "correlation";
        return model.Dependence == Dependence.Aggregate ? $"The true composite {effect} of a new sample" : $"In a new setting the true {effect}";
    }

    /// <summary>Where a value lies, in a sentence: <c>between −.10 and .80</c>. Beyond ±.99, where a correlation is not written out,
    /// <c>below .80</c>.</summary>
    public static string DescribeRange(double lower, double upper, bool isCorrelation)
    {
        if (!isCorrelation)
        {
            return $"between {ApaFormat.Number(lower)} and {ApaFormat.Number(upper)}";
        }

        var (from, to) = (ApaFormat.Correlation(lower), ApaFormat.Correlation(upper));
        return (ApaFormat.IsWrittenOut(lower), ApaFormat.IsWrittenOut(upper)) switch
        {
            (true, true) => $"between {from} and {to}",
            (true, false) => $"anywhere above {from}",
            (false, true) => $"anywhere below {to}",
            _ when from == to => lower > 0 ? "above .99" : "below −.99",
            _ => "anywhere between −1 and 1",
        };
    }

    /// <summary>What is estimated: a number, or both ends of what it can be where the likelihood does not tell it.</summary>
    public static string DescribeEstimate(PooledEffectResponse pooled, CorrelationResponse? r) => (r?.Range ?? pooled.Range) switch
    {
        { } range when r is not null => $"{ApaFormat.Correlation(range.Lower)} to {ApaFormat.Correlation(range.Upper)}",
        { } range => $"{ApaFormat.Number(range.Lower)} to {ApaFormat.Number(range.Upper)}",
        _ => r is null ? ApaFormat.Number(pooled.Effect) : ApaFormat.Correlation(r.R),
    };

    /// <summary>How many true effects lie above the threshold, with the limits of that; null where these tell nothing or are not known.</summary>
    public static string? DescribeProbabilityAbove(PoolResponse pool) => pool.Heterogeneity.ProbabilityAbove is { Lower: { } lower, Upper: { } upper } share
        && !(lower < UninformativeLower && upper > UninformativeUpper)
        ? $"{ApaFormat.Percent(share.P * 100)} [{ApaFormat.Percent(lower * 100)}, {ApaFormat.Percent(upper * 100)}]"
        : null;

    private static string EstimatorName(ModelResponse model) => EstimatorName(model.Estimator);

    public static string EstimatorName(Estimator estimator) => estimator switch
    {
        Estimator.Reml => "REML",
        Estimator.Ml => "maximum likelihood",
        Estimator.Dl => "DerSimonian–Laird",
        Estimator.Pm => "Paule–Mandel",
        Estimator.Sj => "Sidik–Jonkman",
        Estimator.He => "Hedges",
        Estimator.Hs => "Hunter–Schmidt",
        Estimator.Eb => "empirical Bayes",
        _ => EnumNames<Estimator>.Of(estimator),
    };

    private static string DescribeRho(ModelResponse model) => $"rho = {ApaFormat.Correlation(model.Rho)}{OfPairs(model)}";

    /// <summary>Correlations of pairs of effects that share something, after that of all others.</summary>
    public static string OfPairs(ModelResponse model) => string.Concat(new[]
        {
            ("type of outcome", model.RhoSameOutcome), ("raters", model.RhoSameRater), ("form of the relationship", model.RhoSameForm),
        }.Where(pair => pair.Item2 is not null).Select(pair => $", {ApaFormat.Correlation(pair.Item2)} with the same {pair.Item1}"));

    private static string DescribeAggregation(ModelResponse model) => model.Dependence == Dependence.Aggregate
        ? $", one composite effect a sample ({DescribeRho(model)})" : "";
}
