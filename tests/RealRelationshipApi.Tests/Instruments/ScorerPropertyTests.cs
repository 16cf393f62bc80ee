using CsCheck;

using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Tests.Instruments;

public sealed class ScorerPropertyTests
{
    private static readonly Gen<(Instrument Instrument, double?[] Items)> s_complete = AnyOf<Instrument>(
        [.. InstrumentSet.AsShipped.Current.Where(i => i is { Items: not null, Key: not ScoringKey.Unpublished })]).SelectMany(i => Answers(i).Select(items => (i, items)));

    [Fact]
    public void A_score_lies_in_its_range_and_is_turned_by_its_sign_alone() => s_complete.Sample((instrument, items) =>
    {
        var score = Score(instrument, items);
        Assert.InRange(score.Value, score.Minimum, score.Maximum);
        Assert.Equal(instrument.Direction == ScoreDirection.Worse ? -score.Value : score.Value, score.Oriented);
    });

    [Fact]
    public void Turning_every_item_and_the_key_round_twice_changes_nothing() => s_complete.Sample((instrument, items) =>
    {
        double?[] turned = [.. items.Select(i => instrument.Items!.Minimum + instrument.Items.Maximum - i)];
        var other = instrument with { Reversed = [.. Enumerable.Range(1, items.Length).Select(i => (long)i).Except(instrument.Reversed)] };
        Assert.Equal(Score(instrument, items).Value, Score(other, turned).Value, 1e-9);
    });

    [Fact]
    public void The_order_of_items_with_the_same_key_means_nothing() => Gen.Select(s_complete, Gen.Int).Sample((answered, seed) =>
    {
        var (instrument, items) = answered;
        var plain = instrument with { Reversed = [] };
        double?[] shuffled = [.. items];
        new Random(seed).Shuffle(shuffled);
        Assert.Equal(Score(plain, items).Value, Score(plain, shuffled).Value);
    });

    [Fact]
    public void A_prorated_total_lies_in_the_range_and_between_its_extremes() => Gen.Select(
        AnyOf("core-10", "core-om").Select(Scoring.Shipped).SelectMany(i => Answers(i).Select(items => (Instrument: i, Items: items))), Gen.Int[1, 3], Gen.Int)
        .Sample((answered, missing, seed) =>
        {
            var (instrument, items) = answered;
            var places = Enumerable.Range(0, items.Length).ToArray();
            new Random(seed).Shuffle(places);
            var blanks = places[..(int)Math.Min(missing, instrument.Missing!.AtMost!.Value)];
            var score = Score(instrument, With(null));
            Assert.True(score.Prorated);
            Assert.Equal(items.Length - blanks.Length, score.ItemsAnswered);
            Assert.InRange(score.Value, score.Minimum, score.Maximum);
            var ends = new[] { Score(instrument, With(0)).Value, Score(instrument, With(4)).Value, Score(instrument, Keyed(0)).Value, Score(instrument, Keyed(4)).Value };
            Assert.InRange(score.Value, ends.Min() - 1e-9, ends.Max() + 1e-9);

            double?[] With(double? value) => [.. items.Select((item, i) => blanks.Contains(i) ? value : item)];
            double?[] Keyed(double value) => [.. items.Select((item, i) => !blanks.Contains(i) ? item : instrument.Reversed.Contains(i + 1) ? 4 - value : value)];
        });

    [Fact]
    public void A_mean_and_its_sum_are_the_same_score() => Gen.Select(AnyOf("rri-c", "rri-t", "rri-c-12", "rri-c-sf"), Gen.Double[0, 1]).Sample((code, share) =>
    {
        var count = Scoring.Shipped(code).Items!.Count;
        var sum = Math.Round(count + share * 4 * count);
        Assert.Equal(sum / count, Scoring.Of(code, sum).Value, 1e-12);
    });

    [Fact]
    public void Whatever_is_sent_is_scored_or_refused() => Gen.Select(AnyOf<Instrument>([.. InstrumentSet.AsShipped.Current]), Gen.Enum<ScoreRater>(),
        AnyOf("total", "depth", "Bond", "", "genuineness"), Gen.Nullable(Gen.Double), Gen.Nullable(Gen.Enum<ScoreAggregation>()), Gen.Nullable(Gen.Double[-2, 12]).Array[0, 46])
        .Sample((instrument, rater, scale, score, aggregation, items) =>
        {
            var (found, faults) = Scorer.Score(instrument, new() { Rater = rater, Scale = scale, Score = score, Aggregation = aggregation, Items = items.Length == 0 ? null : items });
            Assert.Equal(found is null, faults.Count > 0);
        });

    private static Gen<double?[]> Answers(Instrument instrument) =>
        Gen.Int[(int)instrument.Items!.Minimum, (int)instrument.Items.Maximum].Select(i => (double?)i).Array[(int)instrument.Items.Count];

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static ScaleScore Score(Instrument instrument, double?[] items)
    {
        var (score, faults) = Scorer.Score(instrument, new() { Rater = instrument.Raters[0], Items = items });
        Assert.Empty(faults);
        return score!;
    }
}
