using RealRelationship.Testing.Simulations;

namespace Simulator.Clinics;

/// <summary>A clinic whose truth is known at each level: therapists differ, their clients differ, and the sessions of a client differ, in relationship,
/// outcome and alliance.</summary>
/// <remarks>
/// <code>
/// session t of client i of therapist j:  therapist j + client i + noise t (correlated with noise t − 1) + trend · t, each part a triple (x, y, alliance)
/// treatment outcome:   before = .2 client's x + …,   after = .5 before + .3 x of session 3 + .8 …
/// treatment progress:  .4 x of the last session + …
/// </code>
/// Variances are 1 between clients and <see cref="WithinVariance"/> within; all correlations below are of one level.
/// </remarks>
internal sealed record SimulatedClinic
{
    private const double WithinVariance = 1.5;
    private const double BeforeOnRelationship = 0.2;
    private const double AfterOnBefore = 0.5;
    private const double AfterOnRelationship = 0.3;
    private const double AfterNoise = 0.8;
    private const double ProgressOnRelationship = 0.4;

    public int Therapists { get; init; } = 12;

    /// <summary>Of each therapist.</summary>
    public int ClientsPerTherapist { get; init; } = 6;

    /// <summary>Of each client: at least 3.</summary>
    public int SessionsPerClient { get; init; } = 6;

    /// <summary>Within clients.</summary>
    public LevelCorrelations Within { get; init; } = new(0.3, 0.5, 0.4);

    /// <summary>Between the true means of clients of one therapist.</summary>
    public LevelCorrelations Between { get; init; } = new(0.5, 0.6, 0.5);

    /// <summary>What every variable gains at every session, in standard deviations of a session.</summary>
    public double Trend { get; init; }

    /// <summary>Correlation of a session with the next.</summary>
    public double Autocorrelation { get; init; }

    /// <summary>Variance of the common part of a therapist's clients, whose triples correlate .8.</summary>
    public double TherapistVariance { get; init; }

    /// <summary>The r that each of the service's estimates is of.</summary>
    public double TrueCorrelation(Estimand estimand)
    {
        double t = SessionsPerClient;
        // variance of a mean of T sessions
        var ofMean = Enumerable.Range(0, SessionsPerClient)
            .SelectMany(i => Enumerable.Range(0, SessionsPerClient), (i, j) => Math.Pow(Autocorrelation, Math.Abs(i - j))).Sum() / (t * t);
        var ofSessions = t * (1 - ofMean); // sum of squares within a client
        var ofTrend = Trend * Trend * t * (t * t - 1) / 12;
        var means = Between.PlusIndependent(Within, WithinVariance * ofMean);
        var taken = (ofSessions + ofTrend) / (t - 1) / t; // what the latent estimate takes off
        return estimand switch
        {
            Estimand.Detrended => Within.XY,
            Estimand.Raw => (Within.XY * ofSessions + ofTrend) / (ofSessions + ofTrend),
            Estimand.ObservedMeans => means.XY,
            Estimand.Latent => (Between.XY + WithinVariance * (Within.XY * ofMean - (Within.XY * ofSessions + ofTrend) / (t - 1) / t))
                / (1 + WithinVariance * (ofMean - taken)),
            Estimand.BetweenTherapists =>
                (LevelCorrelations.BetweenTherapists.XY * TherapistVariance * ClientsPerTherapist + Between.XY + Within.XY * WithinVariance * ofMean)
                    / (TherapistVariance * ClientsPerTherapist + 1 + WithinVariance * ofMean),
            Estimand.TreatmentOutcome => CorrelationFromSlope(AfterOnRelationship, 1 + WithinVariance - BeforeOnRelationship * BeforeOnRelationship,
                AfterNoise * AfterNoise),
            Estimand.TreatmentProgress => CorrelationFromSlope(ProgressOnRelationship, 1 + WithinVariance, 1),
            Estimand.WithinBesideAlliance => Within.Partial,
            Estimand.BetweenBesideAlliance => means.Partial,
            _ => throw new ArgumentOutOfRangeException(nameof(estimand)),
        };
    }

    public IReadOnlyList<SimulatedClient> Simulate(SeededRandom chance) => [.. Enumerable.Range(0, Therapists).SelectMany(therapist =>
    {
        var common = LevelCorrelations.BetweenTherapists.Draw(chance, TherapistVariance);
        var (after, progress) = (chance.Normal(0, TherapistVariance), chance.Normal(0, TherapistVariance));
        return Enumerable.Range(0, ClientsPerTherapist).Select(_ => SimulateClient(chance, therapist, common, after, progress)).ToArray();
    })];

    private SimulatedClient SimulateClient(SeededRandom chance, int therapist, double[] common, double commonAfter, double commonProgress)
    {
        var own = Between.Draw(chance, 1);
        var noise = Within.Draw(chance, WithinVariance);
        var sessions = new double[SessionsPerClient][];
        for (var t = 0; t < SessionsPerClient; t++)
        {
            var trend = Math.Sqrt(WithinVariance) * Trend * t;
            sessions[t] = [.. common.Select((part, i) => part + own[i] + noise[i] + trend)];
            var next = Within.Draw(chance, WithinVariance * (1 - Autocorrelation * Autocorrelation));
            noise = [.. noise.Select((last, i) => Autocorrelation * last + next[i])];
        }

        var before = BeforeOnRelationship * own[0] + Math.Sqrt(1 - BeforeOnRelationship * BeforeOnRelationship) * chance.StandardNormal();
        var after = commonAfter + AfterOnBefore * before + AfterOnRelationship * sessions[2][0] + AfterNoise * chance.StandardNormal();
        return new(therapist, sessions, before, after, commonProgress + ProgressOnRelationship * sessions[^1][0] + chance.StandardNormal());
    }

    private static double CorrelationFromSlope(double slope, double variance, double noise) =>
        slope * Math.Sqrt(variance) / Math.Sqrt(slope * slope * variance + noise);
}

/// <summary>One client: x, y and alliance by session, and what was scored once.</summary>
internal sealed record SimulatedClient(int Therapist, double[][] Sessions, double Before, double After, double Progress);

/// <summary>Correlations of relationship x, outcome y and alliance a at one level, where each has the same variance.</summary>
internal sealed record LevelCorrelations(double XY, double XA, double YA)
{
    public static LevelCorrelations BetweenTherapists { get; } = new(0.8, 0.8, 0.8);

    /// <summary>Of x and y with the alliance partialled out.</summary>
    public double Partial => (XY - XA * YA) / Math.Sqrt((1 - XA * XA) * (1 - YA * YA));

    /// <summary>Of the sum of something of variance 1 and something else of another variance.</summary>
    public LevelCorrelations PlusIndependent(LevelCorrelations other, double variance) =>
        new((XY + variance * other.XY) / (1 + variance), (XA + variance * other.XA) / (1 + variance), (YA + variance * other.YA) / (1 + variance));

    public double[] Draw(SeededRandom chance, double variance)
    {
        var x = chance.StandardNormal();
        var a = XA * x + Math.Sqrt(1 - XA * XA) * chance.StandardNormal();
        var onA = (YA - XA * XY) / (1 - XA * XA);
        var onX = XY - onA * XA;
        var y = onX * x + onA * a + Math.Sqrt(1 - onX * XY - onA * YA) * chance.StandardNormal();
        return [Math.Sqrt(variance) * x, Math.Sqrt(variance) * y, Math.Sqrt(variance) * a];
    }
}

/// <summary>What the service estimates, each with a truth of its own.</summary>
internal enum Estimand
{
    Detrended, Raw, ObservedMeans, Latent, BetweenTherapists, TreatmentOutcome, TreatmentProgress, WithinBesideAlliance,
    BetweenBesideAlliance
}
