using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Tests.Analyses.Changes;

/// <summary>Several studies that changed at one revision, where there is no order: shares against the pools of every order.</summary>
public sealed class ChangesOfOneRevisionTests
{
    private static readonly StudyRecord[] s_before = [Study("a", 1, 0.2), Study("b", 1, 0.5), Study("c", 1, 0.35)];

    private static readonly StudyRecord[] s_after =
    [
        Study("a", 2, 0.6), Study("d", 2, 0.7, 0.75), Study("e", 2, -0.1),
        s_before[1] with { Version = 2, Revision = 2, Status = StudyStatus.Retracted }, s_before[2],
    ];

    [Fact]
    public void Shares_are_means_over_all_orders_and_add_up()
    {
        var answer = Run(s_before, s_after);
        Assert.Equal(["a", "b", "d", "e"], answer.Changes.Select(row => row.Study));
        Assert.Equal([StudyChangeKind.Replaced, StudyChangeKind.Retracted, StudyChangeKind.New, StudyChangeKind.New], answer.Changes.Select(row => row.Change));
        Assert.Equal([1, 1, 2, 1], answer.Changes.Select(row => row.Effects.Count));
        Assert.Equal(answer.Moved!.Effect, answer.Changes.Sum(row => row.Shift!.Value), 1e-12);
        Assert.Equal(answer.Moved.R!.Value, answer.Changes.Sum(row => row.ShiftR!.Value), 1e-12);
        Assert.All(answer.Changes, row => Assert.Null(row.ShiftStandardError));

        string[] keys = ["a", "b", "d", "e"];
        var orders = Orders(keys).ToList();
        var expected = keys.ToDictionary(key => key, _ => 0.0);
        foreach (var order in orders)
        {
            for (var i = 0; i < order.Length; i++)
            {
                expected[order[i]] += (Pooled(order[..(i + 1)]) - Pooled(order[..i])) / orders.Count;
            }
        }

        Assert.All(answer.Changes, row => Assert.Equal(expected[row.Study!], row.Shift!.Value, 1e-10));
    }

    [Fact]
    public void Renaming_studies_renames_their_shares()
    {
        var shares = Shares(Run(s_before, s_after));
        string Other(string key) => key switch { "d" => "e", "e" => "d", "a" => "z", _ => key };
        var renamed = Shares(Run([.. s_before.Select(s => Renamed(s, Other(s.Key)))], [.. s_after.Select(s => Renamed(s, Other(s.Key)))]));
        Assert.All(shares, share => Assert.Equal(share.Value, renamed[Other(share.Key)], 1e-12));
    }

    [Fact]
    public void More_than_ten_are_sampled_and_more_than_two_hundred_are_one_block()
    {
        StudyRecord[] twelve = [.. s_before, .. Enumerable.Range(0, 12).Select(i => Study($"n{i:00}", 2, 0.1 + 0.05 * i))];
        var sampled = Run(s_before, twelve);
        Assert.Equal(12, sampled.Changes.Count);
        Assert.StartsWith("12 studies changed at one revision, in more orders than can be fitted. ",
            Assert.Single(sampled.Warnings, w => w.Code == "ordersSampled").Detail, StringComparison.Ordinal);
        Assert.Equal(sampled.Moved!.Effect, sampled.Changes.Sum(row => row.Shift!.Value), 1e-12);
        Assert.All(sampled.Changes, row => Assert.InRange(row.ShiftStandardError!.Value, 1e-9, 0.01));
        Assert.Equal(Shares(sampled), Shares(Run(s_before, twelve)));

        StudyRecord[] many = [.. s_before, .. Enumerable.Range(0, 201).Select(i => Study($"n{i:000}", 2, 0.1 + 0.003 * i))];
        var block = Assert.Single(Run(s_before, many).Changes);
        Assert.Equal((null, StudyChangeKind.Several, 201), (block.Study, block.Change, block.Effects.Count));
        Assert.Equal(Run(s_before, many).Moved!.Effect, block.Shift!.Value, 1e-15);
        Assert.Contains(Run(s_before, many).Warnings, w => w.Code == "tooManyChanges");
    }

    [Fact]
    public void At_an_empty_start_every_study_is_first()
    {
        var answer = Run([], [.. s_before.Select(s => s with { Revision = 2 })]);
        Assert.All(answer.Changes, row => Assert.True(row is { First: true, Shift: null }));
        Assert.DoesNotContain(answer.Warnings, w => w.Code == "noShift");
    }

    private static Dictionary<string, double> Shares(ChangesResponse answer) => answer.Changes.ToDictionary(row => row.Study!, row => row.Shift!.Value);

    private static double Pooled(string[] changed)
    {
        StudyRecord[] state = [.. s_before.Concat(s_after).GroupBy(s => s.Key)
            .Where(versions => changed.Contains(versions.Key) || versions.First().Revision == 1)
            .Select(versions => changed.Contains(versions.Key) ? versions.Last() : versions.First())];
        // Of the model at the later revision: the study d has two effects of one sample.
        return Run(state, s_after).From.Pooled!.Effect!.Value;
    }

    private static ChangesResponse Run(StudyRecord[] before, StudyRecord[] after)
    {
        var diff = EvidenceDiff.Compare(new FilterRequest(), Snapshot(1, before), Snapshot(2, after))
            .WithRevisions(before.Concat(after).Where(s => s.Revision is 1 or 2));
        var (answer, problem) = ChangesAnalysis.Run(diff, new ChangesRequest { From = AsOf.Start }, ErrorLocation.InQuery);
        Assert.Null(problem);
        return answer!;
    }

    private static EvidenceSnapshot Snapshot(long revision, IEnumerable<StudyRecord> studies) =>
        EvidenceSnapshot.From(revision, DateTimeOffset.UnixEpoch.AddDays(revision), studies.OrderBy(s => s.Key, StringComparer.Ordinal), []);

    private static StudyRecord Renamed(StudyRecord study, string key) =>
        study with { Key = key, Effects = [.. study.Effects.Select(effect => effect with { Sample = key })] };

    private static StudyRecord Study(string key, long revision, params double[] correlations) => new()
    {
        Key = key,
        Citation = new Citation { Authors = "Lee", Year = 2020, Title = "A study" },
        Kind = StudyKind.Primary,
        Version = revision,
        Revision = revision,
        RecordedAt = DateTimeOffset.UnixEpoch.AddDays(revision),
        Effects = [.. correlations.Select((r, i) => new EffectRecord
        {
            Key = $"e{i}",
            Sample = key,
            Statistic = new Statistic { Type = StatisticType.R, Value = r, N = 80 },
            RelationshipMeasure = "rri-c",
            OutcomeMeasure = "phq-9",
            OutcomeDirection = OutcomeDirection.HigherIsBetter,
            Level = EffectLevel.BetweenClient,
            Stored = new StoredEffect(Math.Atanh(r), 1 / 77.0, r, 80, false, false, false, "z = atanh r, v = 1/(n-3)"),
        })],
    };

    private static IEnumerable<string[]> Orders(string[] items) => items.Length <= 1 ? [items]
        : items.SelectMany(first => Orders([.. items.Where(item => item != first)]).Select(rest => (string[])[first, .. rest]));
}
