using RealRelationship.Statistics.PublicationBias;

using RealRelationshipApi.Evidence;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Bias;

/// <summary>Directions that pooled and registered samples report: a vote by sample, which is no effect.</summary>
/// <param name="Votes">Number of samples by direction.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="Participants">Sum over samples of the largest known number of participants.</param>
/// <param name="SignTest">Exact sign test of positive against negative votes; null without one.</param>
internal sealed record HarvestResponse(VotesResponse Votes, int Samples, double Participants, SignTestResponse? SignTest);

/// <param name="Positive">A stronger relationship goes with better outcome.</param>
/// <param name="None">No association is reported; its sign is not known.</param>
/// <param name="Negative">A stronger relationship goes with worse outcome.</param>
/// <param name="Mixed">Effects or reports of one sample have both signs.</param>
/// <param name="Unknown">The direction is not reported.</param>
internal sealed record VotesResponse(int Positive, int None, int Negative, int Mixed, int Unknown);

/// <param name="P">Two-sided p-value; null without a positive or negative vote.</param>
/// <param name="LowerBoundP">The smaller of the p-values with all other votes negative and with all of them positive.</param>
/// <param name="UpperBoundP">The larger of these.</param>
internal sealed record SignTestResponse(double? P, double LowerBoundP, double UpperBoundP);

/// <summary>Counts the direction of each sample, pooled and registered. Significance casts no vote, nor do synthetic effects.</summary>
internal static class Harvest
{
    private static readonly Sample s_none = new(null, null);

    public static HarvestResponse Count(EffectSet effects)
    {
        var samples = new Dictionary<string, Sample>(StringComparer.Ordinal);
        var synthetic = effects.IsStored ? effects.ModeratorValues("synthetic") : null;
        for (var i = 0; i < effects.Count; i++)
        {
            if (synthetic?[i]?.Text == "true")
            {
                continue;
            }

            samples[effects.Samples[i]] = samples.GetValueOrDefault(effects.Samples[i], s_none).With(SignOf(effects.Estimates[i]), effects.Participants[i]);
        }

        // A sample that is pooled has its vote.
        foreach (var study in effects.Registered.Where(s => s.Registered!.State != RegistrationState.Excluded).GroupBy(RegisteredStudy.SampleOf))
        {
            if (!samples.ContainsKey(study.Key))
            {
                samples[study.Key] = study.Aggregate(s_none, (sample, s) => sample.With(s.Registered!.Direction, s.Registered.N));
            }
        }

        var votes = new VotesResponse(CountOf(ReportedDirection.Positive), CountOf(ReportedDirection.None), CountOf(ReportedDirection.Negative),
            CountOf(ReportedDirection.Mixed), CountOf(ReportedDirection.Unknown));
        var bounds = SignTest.Bounds(votes.Positive, votes.Negative, votes.None + votes.Mixed + votes.Unknown);
        return new(votes, samples.Count, samples.Values.Sum(s => s.Participants ?? 0),
            bounds is { } known ? new(SignTest.PValue(votes.Positive, votes.Negative), known.Lower, known.Upper) : null);

        int CountOf(ReportedDirection direction) => samples.Values.Count(s => s.Direction == direction);
    }

    private static ReportedDirection SignOf(double estimate) =>
        estimate > 0 ? ReportedDirection.Positive : estimate < 0 ? ReportedDirection.Negative : ReportedDirection.None;

    private sealed record Sample(ReportedDirection? Direction, double? Participants)
    {
        public Sample With(ReportedDirection direction, double? participants) => new(
            Direction is null || Direction == direction ? direction : Combine(Direction.Value, direction),
            participants > (Participants ?? double.NegativeInfinity) ? participants : Participants);

        // A sign stands beside no sign; two signs are mixed.
        private static ReportedDirection Combine(ReportedDirection a, ReportedDirection b) => (a, b) switch
        {
            (ReportedDirection.Unknown or ReportedDirection.None, _) => b == ReportedDirection.Unknown ? a : b,
            (_, ReportedDirection.Unknown or ReportedDirection.None) => a,
            _ => ReportedDirection.Mixed,
        };
    }
}
