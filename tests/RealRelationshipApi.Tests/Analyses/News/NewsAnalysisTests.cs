using RealRelationship.Statistics;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Reporting.News;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Tests.Analyses.News;

/// <summary>News of what only sites and rules of selection bring, on evidence made by hand.</summary>
public sealed class NewsAnalysisTests
{
    private const string Cell = "treatmentOutcome|rri-c/total/client|ors/total/client|betweenClient|";

    private static readonly FilterRequest s_all = new() { Source = SourceChoice.All };

    [Fact]
    public void A_release_and_a_withdrawal_of_a_site_have_their_sentences_and_do_not_name_its_tenant()
    {
        var effect = new ReleasedEffect(Cell, "betweenClient", "observedMeans", 1, 0.4, 0.02, 60, 5, DateTimeOffset.UnixEpoch);
        var release = new SiteRelease("clinic", 1, 3, DateTimeOffset.UnixEpoch.AddDays(3), new("site:abc", "allMean", [effect], []));
        StudyRecord[] studies = [Study("a", 1, 0.2), Study("b", 2, 0.4)];
        var before = EvidenceSnapshot.From(2, DateTimeOffset.UnixEpoch, studies, []);
        var after = EvidenceSnapshot.From(3, DateTimeOffset.UnixEpoch, studies, [release]);
        var news = new NewsAnalysis(s_all, null).Next(Step(ChangeKinds.Released, "release/clinic", before, after))!;
        var sentence = NewsSentence.Of(news);
        Assert.StartsWith("The site site:abc released associations from its sessions (1 association changed) and moved the estimate from r = .30", sentence,
            StringComparison.Ordinal);
        Assert.DoesNotContain("clinic", sentence, StringComparison.Ordinal);
        // The default source has studies only.
        Assert.Null(new NewsAnalysis(new FilterRequest(), null).Next(Step(ChangeKinds.Released, "release/clinic", before, after)));

        var withdrawn = release with { Withdrawn = [effect], Content = release.Content with { Effects = [] } };
        var gone = EvidenceSnapshot.From(3, DateTimeOffset.UnixEpoch, studies, [withdrawn]);
        var left = new NewsAnalysis(s_all, null).Next(
            Step(ChangeKinds.Withdrawn, "withdrawal/clinic", gone, EvidenceSnapshot.From(4, DateTimeOffset.UnixEpoch, studies, [withdrawn])))!;
        Assert.StartsWith("A site withdrew released associations, which also leave the estimates at earlier revisions; the estimate stays at r = .30",
            NewsSentence.Of(left), StringComparison.Ordinal);
        Assert.Null(new NewsAnalysis(s_all with { Source = SourceChoice.Studies }, null).Next(
            Step(ChangeKinds.Withdrawn, "withdrawal/clinic", gone, EvidenceSnapshot.From(4, DateTimeOffset.UnixEpoch, studies, [withdrawn]))));
    }

    [Fact]
    public void A_verdict_that_changes_is_news_even_if_no_effect_did()
    {
        StudyRecord[] apart =
        [
            .. Enumerable.Range(0, 8).Select(i => Study($"c{i}", 1, 0.1 + (0.01 * i))),
            .. Enumerable.Range(0, 8).Select(i => Rated(Study($"t{i}", 1, 0.6 + (0.01 * i)), Rater.Therapist)),
        ];
        StudyRecord[] recoded = [.. apart.Select(study => study.Key == "t0" ? Rated(study, Rater.Client) with { Version = 2, Revision = 2 } : study)];
        var news = new NewsAnalysis(new FilterRequest(), null).Next(Step(ChangeKinds.Replaced, "t0", Snapshot(1, apart), Snapshot(2, recoded)))!;
        Assert.Equal(NewsKind.Replaced, news.Subject.Kind);
        Assert.Contains("the estimate stays at", NewsSentence.Of(news), StringComparison.Ordinal);
        Assert.Empty(news.ConclusionChanged);

        StudyRecord[] mixed = [.. apart.Select((study, i) => Rated(study, i % 2 == 0 ? Rater.Client : Rater.Therapist) with { Revision = 2 })];
        var change = Assert.Single(new NewsAnalysis(new FilterRequest(), null).Next(Step(ChangeKinds.Replaced, "t0", Snapshot(1, apart),
            Snapshot(2, mixed)))!.ConclusionChanged);
        Assert.Equal(new("verdict:relationshipRater", "differ", "cannotTell", ConclusionBasis.Test), change);
        Assert.Null(new NewsAnalysis(new FilterRequest(), null).Next(Step(ChangeKinds.Replaced, "t0", Snapshot(1, apart), Snapshot(2, apart))));
    }

    [Fact]
    public void News_go_from_fit_to_fit_as_each_revision_alone_has_them()
    {
        var states = new[] { 0.2, 0.5, -0.1, 0.4 }.Select((_, i) => Snapshot(i,
            [.. new[] { 0.2, 0.5, -0.1, 0.4 }.Take(i + 1).Select((r, j) => Study($"s{j}", j, r))])).ToList();
        var steps = Enumerable.Range(1, 3).Select(i => Step(ChangeKinds.Submitted, $"s{i}", states[i - 1], states[i])).ToList();
        var chained = new NewsAnalysis(new FilterRequest(), null);
        foreach (var step in steps)
        {
            var (one, alone) = (chained.Next(step)!, new NewsAnalysis(new FilterRequest(), null).Next(step)!);
            Assert.Equal(NewsSentence.Of(alone), NewsSentence.Of(one));
            Assert.Equal(alone.Before!.Response.Pooled, one.Before!.Response.Pooled, (a, b) => a!.Effect == b!.Effect && a.Lower == b.Lower);
            Assert.Equal(alone.Before.Response.Revision, one.Before.Response.Revision);
        }
    }

    [Fact]
    public void A_sentence_names_two_authors_as_text_does()
    {
        var both = Study("b", 2, 0.4) with { Citation = new Citation { Authors = "Eugster, S. L., & Wampold, B. E.", Year = 1996, Title = "A study" } };
        var step = Step(ChangeKinds.Submitted, "b", Snapshot(1, [Study("a", 1, 0.2)]), Snapshot(2, [Study("a", 1, 0.2), both]));
        Assert.StartsWith("Eugster and Wampold (1996) was added (1 effect, n = 80) and moved the estimate from r = .20, 95% CI [−.02, .40], to r = .30, ",
            NewsSentence.Of(new NewsAnalysis(new FilterRequest(), null).Next(step)!), StringComparison.Ordinal);
    }

    [Fact]
    public void Zero_is_excluded_by_the_confidence_sequence_later_than_by_the_ordinary_interval()
    {
        double[] r = [0.5, 0.45, 0.55, 0.5, 0.4, 0.52, 0.48, 0.5];
        var states = Enumerable.Range(0, r.Length + 1).Select(i => Snapshot(i, [.. r.Take(i).Select((value, j) => Study($"s{j}", j + 1, value))])).ToList();
        var analysis = new NewsAnalysis(new FilterRequest(), null);
        var changes = Enumerable.Range(1, r.Length).SelectMany(k => analysis.Next(Step(ChangeKinds.Submitted, $"s{k - 1}", states[k - 1], states[k]))!
            .ConclusionChanged.Where(change => change.What == "zero").Select(change => (k, change))).ToList();
        var crossed = Enumerable.Range(1, r.Length).First(k =>
            AnytimeInference.Fit([.. r.Take(k).Select(Math.Atanh)], [.. r.Take(k).Select(_ => 1 / 77.0)]).ExcludesZero);
        Assert.Equal((crossed, new("zero", "includes", "above", ConclusionBasis.Sequence)),
            Assert.Single(changes, change => change.change.Basis == ConclusionBasis.Sequence));
        Assert.True(changes.Last(change => change.change is { Basis: ConclusionBasis.Interval, Is: "above" }).k < crossed);
    }

    private static EvidenceStep Step(string kind, string subject, EvidenceSnapshot before, EvidenceSnapshot after) => new(
        new LoggedChange(new ChangeLogEntry(after.Revision, after.Revision, true, "2026-01-01T00:00:00.000000Z", "clinic", kind),
            new ChangeSubject(subject, 1, [])),
        before, after);

    private static EvidenceSnapshot Snapshot(long revision, StudyRecord[] studies) =>
        EvidenceSnapshot.From(revision, DateTimeOffset.UnixEpoch.AddDays(revision), studies.OrderBy(s => s.Key, StringComparer.Ordinal), []);

    private static StudyRecord Rated(StudyRecord study, Rater rater) =>
        study with { Effects = [.. study.Effects.Select(effect => effect with { RelationshipRater = rater })] };

    private static StudyRecord Study(string key, long revision, double r) => new()
    {
        Key = key,
        Citation = new Citation { Authors = "Lee", Year = 2020, Title = "A study" },
        Kind = StudyKind.Primary,
        Version = revision,
        Revision = revision,
        RecordedAt = DateTimeOffset.UnixEpoch.AddDays(revision),
        Effects =
        [
            new EffectRecord
            {
                Key = "e1",
                Sample = key,
                Statistic = new Statistic { Type = StatisticType.R, Value = r, N = 80 },
                RelationshipRater = Rater.Client,
                RelationshipMeasure = "rri-c",
                OutcomeMeasure = "phq-9",
                OutcomeDirection = OutcomeDirection.HigherIsBetter,
                Level = EffectLevel.BetweenClient,
                Stored = new StoredEffect(Math.Atanh(r), 1 / 77.0, r, 80, false, false, false, "z = atanh r, v = 1/(n-3)"),
            },
        ],
    };
}
