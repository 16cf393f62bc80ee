using RealRelationship.Statistics;
using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Testing.Simulations;

namespace Benchmarks.Simulations;

/// <summary>Coverage of the intervals of a clinic's own correlations.</summary>
internal static class SessionCorrelationCoverage
{
    private const double Level = 0.95;
    private const int Replicates = 999;
    private const double Trend = 0.1;
    private const string FewClients = "a robust standard error from few clients";
    private const string SharedTrend = "x and y share the trend: hence `Detrended`";
    private const string SessionsTreatedAsIndependent = "sessions count as independent";
    private const string Leverage = "clients with many sessions decide, and the degrees of freedom do not know that their trends differ";
    private const string UnequalMeans = "means of few sessions and of many count as equally precise";
    private const string TherapistsNotCentred = "therapists differ: hence strata";
    private const string PercentileBootstrap = "a percentile interval is right in large samples only";
    private const string ResampledPairs = "a pair drawn again varies more than pairs do";
    private const string QuantileOfAll = "q allows for the uncertainty of τ², but most of the spread is the clinic's own error";
    private const string TauUncertain = "τ² of the pool is uncertain, and t allows for it only in part";

    /// <summary>Writes the table.</summary>
    public static void Write(TextWriter output, int sets) => CoverageRow.Write(output, sets, [.. WithinClients(), .. Between(), .. Latent(), .. Standings()]);

    private static IEnumerable<CoverageRow> WithinClients()
    {
        var (few, usual, many) = (new BivariateClinic(1, 10, 2, 10), new BivariateClinic(1, 20, 2, 10), new BivariateClinic(1, 60, 2, 10));
        yield return Raw("20 clients, no trend", usual);
        yield return Raw("20 clients, autocorrelation .3", usual with { Autocorrelation = 0.3 }) with { ReasonTooShort = SessionsTreatedAsIndependent };
        yield return Raw("20 clients, shared trend, r = 0", usual with { Trend = Trend, WithinCorrelation = 0 }) with { ReasonTooShort = SharedTrend };
        yield return Raw("60 clients, shared trend, r = 0", many with { Trend = Trend, WithinCorrelation = 0 }) with { ReasonTooShort = SharedTrend };
        foreach (var (name, clinic) in new[] { ("10", few), ("20", usual), ("60", many) })
        {
            yield return Detrended($"{name} clients, no trend", clinic);
            yield return Detrended($"{name} clients, shared trend", clinic with { Trend = Trend });
            yield return Detrended($"{name} clients, shared trend, autocorrelation .3", clinic with { Trend = Trend, Autocorrelation = 0.3 });
        }
        yield return Detrended("20 clients, shared trend, r = 0", usual with { Trend = Trend, WithinCorrelation = 0 });
        yield return Detrended("20 clients with 2 to 30 sessions, shared trend, autocorrelation .3",
            new BivariateClinic(1, 20, 2, 30) { Trend = Trend, Autocorrelation = 0.3 });
        yield return Detrended("20 clients, trends of their own (SD .1 a session)",
            usual with { Trend = Trend, TrendDeviation = 0.1 }) with
        { ReasonTooShort = Leverage };
        yield return Detrended("20 clients with 2 to 30 sessions, trends of their own",
            new BivariateClinic(1, 20, 2, 30) { Trend = Trend, TrendDeviation = 0.1 }) with
        { ReasonTooShort = Leverage };
    }

    private static CoverageRow Raw(string model, BivariateClinic clinic) =>
        new("within clients, raw", model, chance => Covers(ClientSessions.SumsWithinClients(clinic.Simulate(chance), 3).Raw(Level), clinic.WithinCorrelation));

    private static CoverageRow Detrended(string model, BivariateClinic clinic) =>
        new("within clients, detrended", model,
            chance =>
                Covers(ClientSessions.SumsWithinClients(clinic.Simulate(chance), 3).Detrended(Level), clinic.WithinCorrelation))
        {
            ReasonTooShort = FewClients,
            ReasonTooLong = FewClients
        };

    private static IEnumerable<CoverageRow> Between()
    {
        var (equal, unequal) = (new BivariateClinic(10, 8, 6, 6), new BivariateClinic(10, 8, 3, 10));
        yield return new("between clients, observed means", "10 therapists × 8 clients, 6 sessions",
            chance => Covers(OfMeans(equal.Simulate(chance)), equal.CorrelationOfMeans));
        yield return new("between clients, observed means", "10 therapists × 8 clients, 3 to 10 sessions",
            chance => Covers(OfMeans(unequal.Simulate(chance)), unequal.CorrelationOfMeans))
        { ReasonTooShort = UnequalMeans };
        var therapists = new BivariateClinic(15, 8, 6, 6);
        yield return new("between therapists", "15 therapists × 8 clients, 6 sessions", chance =>
            Covers(BetweenClients.BetweenTherapists(ClientSessions.SumsBetweenClients(Means(therapists.Simulate(chance))), Level),
                therapists.CorrelationOfTherapistMeans));
        yield return Treatment("treatment outcome", "12 therapists × 8 clients, therapist effects", 12, 1);
        yield return Treatment("treatment outcome", "12 therapists × 8 clients, large therapist effects", 12, 4);
        yield return Treatment("treatment outcome", "40 therapists × 2 or 3 clients, large therapist effects", 40, 4);
        yield return Treatment("treatment outcome, not centred", "12 therapists × 8 clients, large therapist effects", 12, 4,
            centred: false) with
        { ReasonTooShort = TherapistsNotCentred };
    }

    private static SessionCorrelation? OfMeans(ClientSessions[] clinic) => BetweenClients.Correlation(ClientSessions.SumsBetweenClients(Means(clinic)), Level);

    private static ClientSessions[] Means(ClientSessions[] clinic) => [.. clinic.Select(client => client with { Variables = client.Variables[..2] })];

    /// <summary>y_post = .5 y_pre + .3 x + error, x and y_pre correlating .2; partial r is .3 √(1 − .04)/√(.09 (1 − .04) + .64).</summary>
    private static CoverageRow Treatment(string interval, string model, int therapists, double therapistVariance, bool centred = true) =>
        new(interval, model, chance =>
    {
        var clients = new List<(int, double[])>();
        for (var j = 0; j < therapists; j++)
        {
            var ((x, post), pre) = (BivariateClinic.CorrelatedPair(chance, 0.5, therapistVariance), chance.Normal(0, therapistVariance));
            for (var i = therapists > 20 ? 2 + j % 2 : 8; i > 0; i--)
            {
                var (ownX, ownPre) = BivariateClinic.CorrelatedPair(chance, 0.2, 1);
                clients.Add((centred ? j : 0, [x + ownX, post + 0.5 * ownPre + 0.3 * ownX + 0.8 * chance.StandardNormal(), pre + ownPre]));
            }
        }
        return Covers(BetweenClients.Correlation(ClientSessions.SumsByTherapist(clients), Level), 0.3 * Math.Sqrt(0.96) / Math.Sqrt(0.09 * 0.96 + 0.64));
    });

    private static IEnumerable<CoverageRow> Latent()
    {
        yield return Latent("5 therapists × 10 clients, 3 to 10 sessions", new BivariateClinic(5, 10, 3, 10));
        yield return Latent("10 therapists × 10 clients, 3 to 10 sessions", new BivariateClinic(10, 10, 3, 10));
        yield return Latent("30 therapists × 10 clients, 3 to 10 sessions", new BivariateClinic(30, 10, 3, 10));
        yield return Latent("60 therapists × 2 clients, 3 to 10 sessions", new BivariateClinic(60, 2, 3, 10));
        yield return new("between clients, observed means, held against the latent r", "30 therapists × 10 clients, 3 to 10 sessions", chance =>
            Covers(OfMeans(new BivariateClinic(30, 10, 3, 10).Simulate(chance)), BivariateClinic.BetweenCorrelation))
        { ReasonTooShort = "another quantity: hence `Latent`" };
    }

    private static CoverageRow Latent(string model, BivariateClinic clinic) => new("between clients, latent", model, chance =>
        LatentBootstrap.Interval([.. clinic.Simulate(chance).Select(client => client.ToLatentClient)], Level, Replicates,
            (ulong)chance.Integer(0, 1_000_000_000)) is { } interval
            ? interval.Lower <= BivariateClinic.BetweenCorrelation && BivariateClinic.BetweenCorrelation <= interval.Upper
            : null)
    { ReasonTooShort = PercentileBootstrap, ReasonTooLong = clinic.Clients < 3 ? ResampledPairs : PercentileBootstrap };

    /// <summary>A clinic like those of the pool should be classified as outside in one of twenty cases.</summary>
    private static IEnumerable<CoverageRow> Standings()
    {
        foreach (var k in new[] { 16, 40 })
        {
            yield return Standing($"pool of {k}, 20 clients with 2 to 10 sessions (detrended)", k,
                (chance, r) =>
                    ClientSessions.SumsWithinClients(new BivariateClinic(1, 20, 2, 10) { Trend = Trend, WithinCorrelation = r }.Simulate(chance), 3)
                        .Detrended(Level));
            yield return Standing($"pool of {k}, 20 clients of 2 therapists (between clients)", k, (chance, r) => BetweenClients.Correlation(
                ClientSessions.SumsByTherapist(
                    Enumerable.Range(0, 20).Select(i => (i % 2, BivariateClinic.CorrelatedPair(chance, r, 1) is var (x, y) ? new[] { x, y } : []))), Level));
        }
    }

    private static CoverageRow Standing(string model, int k, Func<SeededRandom, double, SessionCorrelation?> clinic) =>
        new("ordinary clinic not called below or above", model, chance =>
    {
        var world = SimulatedEffects.Simulate(chance, k);
        var pool = RandomEffectsModel.Fit(world.Estimates, world.Variances);
        return clinic(chance, Math.Tanh(world.NewEffect)) is not { } site
            ? null
            : ClinicStanding.Classify(site.Z, site.StandardError, site.DegreesOfFreedom, pool.Prediction, Level)
                is RealRelationship.Statistics.SessionCorrelations.Standing.Inside
                    or RealRelationship.Statistics.SessionCorrelations.Standing.TooFewToSay;
    })
        { ReasonTooShort = TauUncertain, ReasonTooLong = QuantileOfAll };

    private static bool? Covers(SessionCorrelation? r, double truth) => r is null ? null : r.Lower <= truth && truth <= r.Upper;
}
