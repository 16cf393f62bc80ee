namespace RealRelationship.Testing.Simulations;

/// <summary>A clinic whose truth is known: therapists differ, their clients differ, and the sessions of a client differ,
/// each level with a correlation of its own.</summary>
internal sealed record BivariateClinic(int Therapists, int Clients, int MinSessions, int MaxSessions)
{
    public const double BetweenCorrelation = 0.5; // r of the clients' true means; their variances are 1
    public const double WithinVariance = 1.5; // variance of a session around its client

    /// <summary>r of x and y within clients.</summary>
    public double WithinCorrelation { get; init; } = 0.3;

    /// <summary>What x and y gain at every session, in standard deviations of a session.</summary>
    public double Trend { get; init; }

    /// <summary>Standard deviation of a client's own trend around it.</summary>
    public double TrendDeviation { get; init; }

    /// <summary>Correlation of a session with the next, of x and of y.</summary>
    public double Autocorrelation { get; init; }

    /// <summary>Variance of a therapist's clients' common part, in x and in y, which correlate .8 there.</summary>
    public double TherapistVariance { get; init; } = 0.3;

    /// <summary>r of means of T sessions: covariances σ_B + σ_W/T. 1/T counts by its mean where T differs.</summary>
    public double CorrelationOfMeans => CorrelationWithTherapistVariance(0);

    /// <summary>r of the means of therapists' clients.</summary>
    public double CorrelationOfTherapistMeans => CorrelationWithTherapistVariance(Clients * TherapistVariance);

    private double MeanInverseSessions => Enumerable.Range(MinSessions, MaxSessions - MinSessions + 1).Average(t => 1.0 / t);

    public ClientSessions[] Simulate(SeededRandom chance) => [.. Enumerable.Range(0, Therapists).SelectMany(j =>
    {
        var (x, y) = CorrelatedPair(chance, 0.8, TherapistVariance);
        return Enumerable.Range(0, Clients).Select(_ => SimulateClient(chance, j, x, y)).ToArray();
    })];

    /// <summary>A pair of normal numbers with one variance and a correlation.</summary>
    public static (double X, double Y) CorrelatedPair(SeededRandom chance, double r, double variance)
    {
        var x = chance.StandardNormal();
        return (Math.Sqrt(variance) * x, Math.Sqrt(variance) * (r * x + Math.Sqrt(1 - r * r) * chance.StandardNormal()));
    }

    private ClientSessions SimulateClient(SeededRandom chance, int therapist, double therapistX, double therapistY)
    {
        var sessions = chance.Integer(MinSessions, MaxSessions);
        var (meanX, meanY) = CorrelatedPair(chance, BetweenCorrelation, 1);
        var (ownX, ownY) = CorrelatedPair(chance, WithinCorrelation, TrendDeviation * TrendDeviation);
        double[][] rows = [new double[sessions], new double[sessions], new double[sessions]];
        var (x, y) = CorrelatedPair(chance, WithinCorrelation, WithinVariance);
        for (var t = 0; t < sessions; t++)
        {
            rows[0][t] = therapistX + meanX + x + Math.Sqrt(WithinVariance) * (Trend + ownX) * t;
            rows[1][t] = therapistY + meanY + y + Math.Sqrt(WithinVariance) * (Trend + ownY) * t;
            rows[2][t] = t + 1;
            var (newX, newY) = CorrelatedPair(chance, WithinCorrelation, WithinVariance * (1 - Autocorrelation * Autocorrelation));
            (x, y) = (Autocorrelation * x + newX, Autocorrelation * y + newY);
        }
        return new ClientSessions(therapist, rows);
    }

    private double CorrelationWithTherapistVariance(double therapist) =>
        (0.8 * therapist + BetweenCorrelation + WithinCorrelation * WithinVariance * MeanInverseSessions)
            / (therapist + 1 + WithinVariance * MeanInverseSessions);
}
