using CsCheck;

using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Tests.Instruments;

public sealed class ScorerPropertyTests
{
    private static readonly Gen<(Instrument Instrument, double?[] Items)> s_completeAdministrations = AnyOf<Instrument>(
        [.. InstrumentSet.BuiltInOnly.Current.Where(i => i is { Items: not null, Key: not ScoringKey.Unpublished })
            .SelectMany(i => new[] { i, i with { ItemsAs = ItemsAs.Raw } })])
        .SelectMany(i => ItemResponses(i).Select(items => (i, items)));

    [Fact]
    public void Scores_lie_in_range_and_are_reversed_by_sign_only() => s_completeAdministrations.Sample((instrument, items) =>
    {
        var score = Score(instrument, items);
        Assert.InRange(score.Value, score.Minimum, score.Maximum);
        Assert.Equal(instrument.Direction == ScoreDirection.Worse ? -score.Value : score.Value, score.Oriented);
    });

    [Fact]
    public void Reversing_items_and_key_twice_changes_nothing() => s_completeAdministrations.Sample((instrument, items) =>
    {
        double?[] turned = [.. items.Select(i => instrument.Items!.Minimum + instrument.Items.Maximum - i)];
        instrument = instrument with { ItemsAs = ItemsAs.Raw };
        var other = instrument with { Reversed = [.. Enumerable.Range(1, items.Length).Select(i => (long)i).Except(instrument.Reversed)] };
        Assert.Equal(Score(instrument, items).Value, Score(other, turned).Value, 1e-9);
    });

    [Fact]
    public void The_order_of_equally_keyed_items_does_not_matter() => Gen.Select(s_completeAdministrations, Gen.Int).Sample((answered, seed) =>
    {
        var (instrument, items) = answered;
        var plain = instrument with { Reversed = [] };
        double?[] shuffled = [.. items];
        new Random(seed).Shuffle(shuffled);
        Assert.Equal(Score(plain, items).Value, Score(plain, shuffled).Value);
    });

    [Fact]
    public void A_prorated_total_lies_in_range_and_between_its_extremes() => Gen.Select(
        AnyOf("core-10", "core-om").Select(ScorerTestData.ShippedInstrument).SelectMany(i => ItemResponses(i).Select(items => (Instrument: i, Items: items))),
        Gen.Int[1, 3], Gen.Int)
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
            var ends = new[] { Score(instrument, With(0)).Value, Score(instrument, With(4)).Value, Score(instrument, Keyed(0)).Value,
                Score(instrument, Keyed(4)).Value };
            Assert.InRange(score.Value, ends.Min() - 1e-9, ends.Max() + 1e-9);

            double?[] With(double? value) => [.. items.Select((item, i) => blanks.Contains(i) ? value : item)];
            double?[] Keyed(double value) =>
                [.. items.Select((item, i) => !blanks.Contains(i) ? item : instrument.Reversed.Contains(i + 1) ? 4 - value : value)];
        });

    [Fact]
    public void A_mean_and_the_equivalent_sum_give_the_same_score() => Gen.Select(AnyOf("rri-c", "rri-t", "rri-c-12", "rri-c-sf"), Gen.Double[0, 1])
        .Sample((code, share) =>
    {
        var count = ScorerTestData.ShippedInstrument(code).Items!.Count;
        var sum = Math.Round(count + share * 4 * count);
        Assert.Equal(sum / count, ScorerTestData.Score(code, sum).Value, 1e-12);
    });

    [Fact]
    public void Any_input_is_scored_or_refused() => Gen.Select(AnyOf<Instrument>([.. InstrumentSet.BuiltInOnly.Current]), Gen.Enum<ScoreRater>(),
        AnyOf("total", "depth", "Bond", "", "genuineness"), Gen.Nullable(Gen.Double), Gen.Nullable(Gen.Enum<ScoreAggregation>()),
        Gen.Nullable(Gen.Double[-2, 12]).Array[0, 46])
        .Sample((instrument, rater, scale, score, aggregation, items) =>
        {
            var (found, errors) = Scorer.Score(instrument,
                new() { Rater = rater, Scale = scale, Score = score, Aggregation = aggregation, Items = items.Length == 0 ? null : items });
            Assert.Equal(found is null, errors.Count > 0);
        });

    private static Gen<double?[]> ItemResponses(Instrument instrument) =>
        Gen.Int[(int)instrument.Items!.Minimum, (int)instrument.Items.Maximum].Select(i => (double?)i).Array[(int)instrument.Items.Count];

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static ScaleScore Score(Instrument instrument, double?[] items)
    {
        var (score, errors) = Scorer.Score(instrument, new() { Rater = instrument.Raters[0], Items = items });
        Assert.Empty(errors);
        return score!;
    }
}
