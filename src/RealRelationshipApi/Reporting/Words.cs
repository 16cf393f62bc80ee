using System.Text.Json;
using System.Text.Json.Nodes;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>Questions and models in words, for people.</summary>
internal static class Words
{
    private static readonly string[] s_timesOfEvidence = ["asOf", "minRevision"];

    /// <summary>What a filter lets through: <c>outcomeType sessionOutcome or followUp; yearFrom 2010</c>; null when nothing was chosen.</summary>
    public static string? Of(FilterRequest? filter)
    {
        var chosen = JsonSerializer.SerializeToNode(filter ?? new FilterRequest(), StrictJson.Options)!.AsObject()
            .Where(member => member.Value is not null && !s_timesOfEvidence.Contains(member.Key))
            .Select(member => $"{member.Key} {(member.Value is JsonArray several ? string.Join(" or ", several.Select(v => v!.ToString())) : member.Value!.ToString())}").ToList();
        return chosen.Count == 0 ? null : string.Join("; ", chosen);
    }

    /// <summary>The model: <c>random-effects model (tau² by reml)</c>, and how dependence was treated.</summary>
    public static string Of(ModelAnswer model) => model.Estimator == Estimator.Common
        ? $"common-effect model{DependenceOf(model)}"
        : model.Dependence switch
        {
            Dependence.ThreeLevel => $"three-level random-effects model, effects nested in samples ({EstimatorOf(model)})",
            Dependence.CorrelatedHierarchical => $"correlated hierarchical effects model, effects nested in samples (rho = {Apa.R(model.Rho)}; {EstimatorOf(model)})",
            _ => $"random-effects model (tau² by {EstimatorOf(model)}){DependenceOf(model)}",
        };

    /// <summary>How the mean was tested.</summary>
    public static string TestOf(ModelAnswer model) => model.Robust != Robust.None
        ? $"cluster-robust variance ({EnumNames<Robust>.Of(model.Robust).ToUpperInvariant()}), t with Satterthwaite degrees of freedom"
        : model.Test switch
        {
            Test.Z => "normal (Wald) test",
            Test.T => "t-test",
            Test.KnappHartung => "Knapp–Hartung test",
            _ => "Knapp–Hartung test, its multiplier held at 1 or above",
        };

    /// <summary>One thing or several of it.</summary>
    public static string Many(int count, string one, string? several = null) => $"{Apa.Count(count)} {(count == 1 ? one : several ?? one + "s")}";

    public static string Counts(CountsAnswer counts) =>
        $"{Many(counts.Effects, "effect")} of {Many(counts.Samples, "sample")} in {Many(counts.Studies, "study", "studies")}, {Participants(counts)}";

    /// <summary>How many took part, as far as is known.</summary>
    public static string Participants(CountsAnswer counts) => counts.Participants == 0
        ? "N not known"
        : $"N = {Apa.Count(counts.Participants)}{(counts.ParticipantsUnknown > 0 ? $" (not known of {Many(counts.ParticipantsUnknown, "sample")})" : "")}";

    /// <summary>What an answer rests on, so that it can be asked for again.</summary>
    public static string Of(DataAnswer data) => (data.Revision is { } revision ? $"Evidence revision {revision}{(data.AsOf is { } asOf ? $" of {asOf:yyyy-MM-dd}" : "")}; fingerprint" : "Fingerprint")
        + $" {data.Fingerprint[..23]}…; software {data.Version}.";

    /// <summary>A name of the contract as people write it: <c>outcome type</c>.</summary>
    public static string Spaced(string name) => name.Contains('.', StringComparison.Ordinal) ? name : string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));

    /// <summary>The omnibus test of a moderator: <c>F(2, 13) = 0.23, p = .797</c>.</summary>
    public static string OmnibusOf(ModeratorAnswer moderator) => moderator.Test is { } test
        ? $"{test.Name}({test.Df1}{(test.Df2 is { } df ? $", {df:0.#}" : "")}) = {Apa.Number(test.Statistic)}, p {Apa.P(test.P)}"
        : "no test of the difference can be made";

    /// <summary>What may be said of a moderator, and what may not.</summary>
    public static string Verdict(ModeratorAnswer moderator) => moderator switch
    {
        { Verdict: "differ", WithinMargin: true } => $"the effect differs, but by no more than ± {Apa.Number(moderator.EquivalenceMargin)} on Fisher z",
        { Verdict: "differ" } => "the effect differs",
        { Verdict: "equivalent" } => $"the effect is the same, within ± {Apa.Number(moderator.EquivalenceMargin)} on Fisher z",
        { MinimumDetectableDifference: { } least } =>
            $"whether the effect differs cannot be told: only a difference of {Apa.Number(least)} on Fisher z or more{(moderator.Kind == "continuous" ? " per standard deviation" : "")} could have been found with 80% power",
        _ => "whether the effect differs cannot be told",
    };

    private static string EstimatorOf(ModelAnswer model) => model.Estimator switch
    {
        Estimator.Reml => "REML",
        Estimator.Ml => "maximum likelihood",
        Estimator.Dl => "DerSimonian–Laird",
        Estimator.Pm => "Paule–Mandel",
        Estimator.Sj => "Sidik–Jonkman",
        Estimator.He => "Hedges",
        Estimator.Hs => "Hunter–Schmidt",
        Estimator.Eb => "empirical Bayes",
        _ => EnumNames<Estimator>.Of(model.Estimator),
    };

    private static string DependenceOf(ModelAnswer model) => model.Dependence == Dependence.Aggregate ? $", one composite effect a sample (rho = {Apa.R(model.Rho)})" : "";
}
