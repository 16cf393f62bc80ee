using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting.News;

/// <summary>Says in one sentence what a revision brought and what it did. The same news always have the same sentence.</summary>
internal static class NewsSentence
{
    /// <summary><c>Lee et al. (2020) was added (1 effect, n = 80) and moved the estimate from r = .37, 95% CI [.29, .45], to r = .38, [.31, .45]; it now rests
    /// on 17 effects of 17 studies.</c></summary>
    public static string Of(NewsItem item)
    {
        string[] clauses =
        [
            .. Others(item.Subject),
            .. item.SyntheticLeft > 0
                ? [$"{Phrasing.Plural(item.SyntheticLeft, "synthetic effect")} of the illustration {(item.SyntheticLeft == 1 ? "is" : "are")} left "
                    + "out"] : Array.Empty<string>(),
            .. Basis(item), .. item.ConclusionChanged.Select(Describe),
        ];
        return $"{PlainText(Subject(item))}{Estimate(item)}{string.Concat(clauses.Select(clause => $"; {clause}"))}.";
    }

    /// <summary>The estimate of a revision, for titles: <c>r = .38, 95% CI [.31, .45]</c>.</summary>
    public static string Estimate(NewsPool pool) => pool.Response switch
    {
        { Pooled: null } => "no estimate",
        { Pooled.Effect: null } => "an estimate that the data do not identify",
        _ => $"{Point(pool)}, {ApaFormat.Confidence(pool.Confidence)} CI {Interval(pool)}",
    };

    private static string Point(NewsPool pool) => pool.Response.Correlation is { } correlation ? $"r = {ApaFormat.Correlation(correlation.R)}"
        : ApaFormat.Number(pool.Response.Pooled!.Effect);

    private static string Interval(NewsPool pool) => pool.Response.Correlation is { } correlation
        ? $"[{ApaFormat.Correlation(correlation.Lower)}, {ApaFormat.Correlation(correlation.Upper)}]"
        : $"[{ApaFormat.Number(pool.Response.Pooled!.Lower)}, {ApaFormat.Number(pool.Response.Pooled.Upper)}]";

    private static string Subject(NewsItem item) => item switch
    {
        { Subject: { Kind: NewsKind.Others } subject, IsSwitch: true, Origin: EvidenceOrigin.RealStudies or EvidenceOrigin.RealEvidence } =>
            $"With {Name(subject)}, of which no effect meets the question, real evidence took the place of synthetic evidence",
        { Subject: { Kind: NewsKind.Others } subject, IsSwitch: true } => $"{Name(subject)}, of which no effect met the question, was the last real study",
        _ => Subject(item.Subject),
    };

    private static string Subject(NewsSubject subject) => subject.Kind switch
    {
        NewsKind.Added => $"{Name(subject)} was added ({Size(subject)})",
        NewsKind.Replaced => $"{Name(subject)} was replaced by a new version ({Size(subject)})",
        NewsKind.Retracted => $"{Name(subject)} was retracted ({Size(subject)})",
        NewsKind.Deselected => $"{Name(subject)} left the selection with its new version ({Size(subject)})",
        NewsKind.Registered => $"{Name(subject)} was registered as eligible, without a usable coefficient",
        NewsKind.Unregistered => $"{Name(subject)} is no longer registered as eligible",
        NewsKind.Released => $"The site {subject.Study} released associations from its sessions ({Phrasing.Plural(subject.Effects, "association")} changed)",
        NewsKind.Withdrawn => "A site withdrew released associations, which also leave the estimates at earlier revisions",
        _ => $"{Name(subject)} changed which effects of other studies are selected",
    };

    private static string Name(NewsSubject subject) => (subject.IsSynthetic ? "The synthetic study " : "")
        + (subject.Citation is { } citation ? Narrative(citation) : $"The study {subject.Study}");

    // Narrative citation, with "and", as the APA manual (7th edition, sections 8.11 and 8.17) has it.
    private static string Narrative(Citation citation) =>
        $"{ShortCitation.Authors(citation.Authors).Replace(" & ", " and ", StringComparison.Ordinal)} ({citation.Year?.ToString() ?? "n.d."})";

    private static string Size(NewsSubject subject) => Phrasing.Plural(subject.Effects, "effect")
        + (subject.Participants is { } n ? $", {(subject.Effects == 1 ? "n" : "N")} = {ApaFormat.Count(n)}" : "");

    private static string Estimate(NewsItem item)
    {
        var (before, after) = (item.Before, item.After);
        var origin = item.Origin switch
        {
            EvidenceOrigin.RealStudies => " from real studies",
            EvidenceOrigin.RealEvidence => " from real evidence",
            _ => "",
        };
        return (After: after.Response.Pooled, Before: before?.Response.Pooled) switch
        {
            _ when item is { IsSwitch: true, Origin: EvidenceOrigin.Synthetic } => "; no real evidence is left, and "
                + (after.Response.Pooled is null ? "there is no estimate" : $"the estimate is now of synthetic studies, {Estimate(after)}"),
            ({ }, _) when item is { IsSwitch: true, Origin: EvidenceOrigin.Both } => $"; the estimate is now of real and synthetic effects, {Estimate(after)}",
            ({ }, _) when item is { IsSwitch: true, Subject.Kind: NewsKind.Others } => $"; the estimate{origin} is {Estimate(after)}",
            (null, { }) => $"; {Estimate(before!)}, was the last estimate, and none is left",
            (null, null) when item.IsSwitch => ", so that there is no estimate",
            (null, null) => $"; there is no estimate{(item.HasPrecedent ? "" : $"{origin} yet")}",
            ({ }, null) => $" and gave {(item.HasPrecedent ? "an" : "the first")} estimate{origin}, {Estimate(after)}",
            _ => Move(before!, after),
        };
    }

    private static string Move(NewsPool before, NewsPool after)
    {
        if (before.Response.Pooled!.Effect is null || after.Response.Pooled!.Effect is null)
        {
            return $" and moved the estimate from {Estimate(before)}, to {Estimate(after)}";
        }

        var (was, @is) = (Interval(before), Interval(after));
        return Point(before) != Point(after) ? $" and moved the estimate from {Estimate(before)}, to {Point(after)}, {@is}"
            : was == @is ? $"; the estimate stays at {Estimate(after)}"
            : $"; the estimate stays at {Point(after)}, and its {ApaFormat.Confidence(after.Confidence)} CI moved from {was} to {@is}";
    }

    private static IEnumerable<string> Others(NewsSubject subject) => subject is { Kind: not NewsKind.Others, OtherEffects: > 0 }
        ? [$"with it {Phrasing.Plural(subject.OtherEffects, "effect")} of other studies came or went"] : [];

    private static IEnumerable<string> Basis(NewsItem item)
    {
        var (before, after) = (item.Before, item.After);
        if (after.Response is { Pooled: not null, Counts: var counts }
            && (before?.Response.Counts.Effects, before?.Response.Counts.Studies) != (counts.Effects, counts.Studies))
        {
            yield return $"it {(before is null ? "" : "now ")}rests on {Phrasing.Plural(counts.Effects, "effect")} of "
                + Phrasing.Plural(counts.Studies, "study", "studies");
        }

        if (before is not null && before.Dependence != after.Dependence && after.Response.Pooled is not null)
        {
            yield return $"effects are {Describe(after.Dependence)} from here on";
        }
    }

    private static string Describe(Dependence dependence) => dependence switch
    {
        Dependence.Independent => "pooled as independent",
        Dependence.Aggregate => "aggregated to one composite a sample",
        Dependence.ThreeLevel => "pooled by a three-level model",
        Dependence.FourLevel => "pooled by a four-level model",
        _ => "pooled by a correlated hierarchical model",
    };

    private static string Describe(ConclusionChange change) => change switch
    {
        { Basis: ConclusionBasis.Sequence, Is: "includes" } => "the confidence sequence, which holds at every look, now includes 0",
        { Basis: ConclusionBasis.Sequence } => $"the confidence sequence, which holds at every look, now lies {change.Is} 0",
        { What: Conclusions.ZeroName, Is: "includes" } => "the confidence interval now includes 0",
        { What: Conclusions.ZeroName } => $"the confidence interval now lies {change.Is} 0",
        { What: Conclusions.MarginName, Is: "includes" } => "the confidence interval now includes a limit of the margin of a negligible effect",
        { What: Conclusions.MarginName, Is: "within" } => "the confidence interval now lies within the margin of a negligible effect",
        { What: Conclusions.MarginName } => $"the confidence interval now lies {change.Is} the margin of a negligible effect",
        { What: Conclusions.PredictionSignName, Is: "either" } => "the prediction interval now includes 0",
        { What: Conclusions.PredictionSignName } => $"the prediction interval is now all {change.Is}",
        _ => Verdict(Phrasing.SplitCamelCase(change.What[Conclusions.VerdictPrefix.Length..]), change.Is),
    };

    private static string Verdict(string moderator, string verdict) => verdict switch
    {
        "differ" => $"the effect now differs by {moderator}",
        "equivalent" => $"the effect is now the same by {moderator}, within the margin",
        _ => $"whether the effect differs by {moderator} can no longer be told",
    };

    // Authors are text of submitters.
    private static string PlainText(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
