using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Sequential;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Tests.Analyses.Sequential;

/// <summary>What breaks a sequence, for studies and for releases of a site's sessions.</summary>
public sealed class SequenceBreakTests
{
    private static readonly FilterRequest s_filter = new() { Source = SourceChoice.All, Synthetic = SyntheticChoice.Include };

    [Fact]
    public void A_release_that_only_adds_patients_is_no_break()
    {
        Assert.Empty(Breaks(Release(1, (0.3, 40)), Release(2, (0.35, 55))));
        Assert.Empty(Breaks(Release(1, (0.3, 40)), Release(2, (0.35, 55), (0.2, 55))));
        Assert.Equal(["s"], Breaks(Release(1, (0.3, 40), (0.2, 40)), Release(2, (0.35, 55), (0.2, 30))));
        Assert.Equal(["s"], Breaks(Release(1, (0.3, 40), (0.2, 40)), Release(2, (0.35, 55))));
    }

    [Fact]
    public void A_study_that_is_corrected_is_one_and_one_that_is_only_described_anew_is_none()
    {
        Assert.Equal(["s"], Breaks(Study(1, (0.3, 40)), Study(2, (0.35, 55))));
        Assert.Empty(Breaks(Study(1, (0.3, 40)), Study(2, (0.3, 40))));
        Assert.Equal(["s"], Breaks(Study(1, (0.3, 40)), Study(2, (0.3, 40), (0.2, 40))));
        Assert.Empty(Breaks(Study(1, (0.3, 40)), Study(2, (0.35, 55)), Study(3, (0.3, 40))));
    }

    [Fact]
    public void Later_versions_than_the_selection_do_not_count() =>
        Assert.Empty(Breaks(Study(1, (0.3, 40)), Study(2, (0.3, 40)), asOf: 2, Study(3, (0.9, 40))));

    private static IReadOnlyList<string> Breaks(params StudyRecord[] versions) => Breaks(versions, versions[^1].Revision);

    private static IReadOnlyList<string> Breaks(StudyRecord first, StudyRecord second, long asOf, StudyRecord third) => Breaks([first, second, third], asOf);

    private static IReadOnlyList<string> Breaks(StudyRecord[] versions, long asOf)
    {
        var effects = EvidenceSelection.Apply(s_filter, EvidenceSnapshot.FromVersion(versions.Last(version => version.Revision <= asOf)));
        effects = effects with { Entries = EvidenceEntries.Of(effects, s_filter, versions) };
        var model = ResolvedModel.Resolve(new ModelRequest { Dependence = Dependence.Aggregate }, effects, ErrorLocation.InBody).Model!;
        Assert.Equal(1, effects.Entries.OfSample("s")!.Version.Revision);
        return SequenceBreaks.Of(ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model), model);
    }

    private static StudyRecord Release(long revision, params (double Z, long N)[] effects) =>
        Study(revision, effects) with { IsReleased = true, Kind = StudyKind.SiteSummary };

    private static StudyRecord Study(long revision, params (double Z, long N)[] effects) => new()
    {
        Key = "s",
        Citation = new Citation { Authors = "Lee", Year = 2020, Title = "A study" },
        Kind = StudyKind.Primary,
        Version = revision,
        Revision = revision,
        RecordedAt = DateTimeOffset.UnixEpoch.AddDays(revision),
        Effects = [.. effects.Select((effect, i) => new EffectRecord
        {
            Key = $"e{i}",
            Sample = "s",
            Statistic = new Statistic { Type = StatisticType.R, Value = Math.Tanh(effect.Z), N = effect.N },
            RelationshipMeasure = "rri-c",
            OutcomeMeasure = "phq-9",
            OutcomeDirection = OutcomeDirection.HigherIsBetter,
            Level = EffectLevel.BetweenClient,
            Stored = new StoredEffect(effect.Z, 1.0 / (effect.N - 3), Math.Tanh(effect.Z), effect.N, false, false, false, "z"),
        })],
    };
}
