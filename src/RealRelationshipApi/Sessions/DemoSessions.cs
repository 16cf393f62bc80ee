using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions;

/// <summary>Sessions of an invented clinic: sixty patients of six therapists, ten sessions each. Every run generates the same numbers.</summary>
internal sealed class DemoSessions(SessionIngestion ingestion)
{
    public const string SourceSystem = "demo";

    private const string Lineage = "demo";
    private const int Patients = 60;
    private const int Therapists = 6;
    private const int SessionsPerPatient = 10;
    private const ulong Seed = 20260301;

    private static readonly DateTimeOffset s_start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Stores the sessions; stored ones are skipped.</summary>
    /// <returns>Their outcomes.</returns>
    public async Task<IReadOnlyList<SessionOutcome>> LoadAsync(string tenant, CancellationToken cancellationToken)
    {
        var context = await ingestion.LoadContextAsync(new Sender(tenant, Lineage), cancellationToken);
        return await ingestion.StoreAsync(tenant, [.. Generate().Select(s => ingestion.Prepare(s, context))], default, cancellationToken);
    }

    /// <summary>Generates the sessions, by patient and number.</summary>
    public static IEnumerable<SessionRequest> Generate()
    {
        var chance = new Chance(Seed);
        for (var patient = 0; patient < Patients; patient++)
        {
            var therapist = patient % Therapists;
            // The levels of a patient correlate; so do, less, their deviations in each session.
            var bond = 0.3 * chance.Normal() + 0.15 * (therapist - (Therapists - 1) / 2.0) / Therapists;
            var benefit = 0.6 * bond + 0.4 * chance.Normal();
            for (var number = 1; number <= SessionsPerPatient; number++)
            {
                var deviation = chance.Normal();
                var relationship = 3.8 + bond + 0.03 * number + 0.25 * deviation;
                var session = 3.6 + benefit + 0.04 * number + 0.08 * deviation + 0.3 * chance.Normal();
                var alliance = 46 + 8 * bond + 2 * deviation + 3 * chance.Normal();
                var symptoms = 15 - 0.6 * number - 4 * benefit * number / SessionsPerPatient + 2 * chance.Normal();
                yield return Session(patient, therapist, number, relationship, session, alliance, symptoms);
            }
        }
    }

    private static SessionRequest Session(int patient, int therapist, int number, double relationship, double session, double alliance, double symptoms)
    {
        var key = $"p{patient + 1:00}.s{number:00}";
        return new()
        {
            SourceSystem = SourceSystem, Patient = $"p{patient + 1:00}", Therapist = $"t{therapist + 1}", Session = key, SessionNumber = number,
            OccurredAt = s_start.AddDays(7 * (number - 1) + patient % 5),
            Measures =
            [
                Measure(key, "rri-c-sf", Math.Round(Math.Clamp(relationship, 1, 5) * 8) / 8),
                Measure(key, "ses", Math.Round(Math.Clamp(session, 1, 5) * 4) / 4),
                Measure(key, "wai-sr", Math.Round(Math.Clamp(alliance, 12, 60))),
                Measure(key, "phq-9", Math.Round(Math.Clamp(symptoms, 0, 27))),
            ],
        };
    }

    private static MeasureRequest Measure(string session, string instrument, double score) => new()
    {
        SourceId = $"{session}.{instrument}", Version = 1, Status = MeasureStatus.Final, Instrument = instrument, Rater = ScoreRater.Client, Score = score,
        Aggregation = instrument switch { "rri-c-sf" or "ses" => ScoreAggregation.Mean, _ => ScoreAggregation.Sum },
    };

    /// <summary>Normal deviates from a seed, the same on every runtime: sums of twelve uniform ones of SplitMix64 (Steele, Lea and Flood 2014).</summary>
    private sealed class Chance(ulong seed)
    {
        private ulong _state = seed;

        public double Normal()
        {
            var sum = -6.0;
            for (var i = 0; i < 12; i++)
            {
                sum += (Next() >> 11) / (double)(1UL << 53);
            }

            return sum;
        }

        private ulong Next()
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
