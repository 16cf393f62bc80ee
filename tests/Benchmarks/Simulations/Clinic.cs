namespace Benchmarks.Simulations;

/// <summary>A clinic whose truth is known: therapists differ, their clients differ, and the sessions of a client differ, each level with a correlation of its own.</summary>
internal sealed record Clinic(int Therapists, int Clients, int FewestSessions, int MostSessions)
{
    public const double Between = 0.5; // r of the clients' true means; their variances are 1
    public const double Spread = 1.5; // variance of a session around its client

    /// <summary>r of x and y within clients.</summary>
    public double Within { get; init; } = 0.3;

    /// <summary>What x and y gain at every session, in standard deviations of a session.</summary>
    public double Trend { get; init; }

    /// <summary>Standard deviation of a client's own trend around it.</summary>
    public double OwnTrends { get; init; }

    /// <summary>Correlation of a session with the next, of x and of y.</summary>
    public double Autocorrelation { get; init; }

    /// <summary>Variance of a therapist's clients' common part, in x and in y, which correlate .8 there.</summary>
    public double TherapistVariance { get; init; } = 0.3;

    /// <summary>r of means of T sessions: covariances σ_B + σ_W/T. 1/T counts by its mean where T differs.</summary>
    public double OfMeans => OfMeansWith(0);

    /// <summary>r of the means of therapists' clients.</summary>
    public double OfTherapists => OfMeansWith(Clients * TherapistVariance);

    private double InverseSessions => Enumerable.Range(FewestSessions, MostSessions - FewestSessions + 1).Average(t => 1.0 / t);

    public SessionRows[] Draw(Chance chance) => [.. Enumerable.Range(0, Therapists).SelectMany(j =>
    {
        var (x, y) = Pair(chance, 0.8, TherapistVariance);
        return Enumerable.Range(0, Clients).Select(_ => Client(chance, j, x, y)).ToArray();
    })];

    /// <summary>A pair of normal numbers with one variance and a correlation.</summary>
    public static (double X, double Y) Pair(Chance chance, double r, double variance)
    {
        var x = chance.Gauss();
        return (Math.Sqrt(variance) * x, Math.Sqrt(variance) * (r * x + Math.Sqrt(1 - r * r) * chance.Gauss()));
    }

    private SessionRows Client(Chance chance, int therapist, double therapistX, double therapistY)
    {
        var sessions = chance.Integer(FewestSessions, MostSessions);
        var (meanX, meanY) = Pair(chance, Between, 1);
        var (ownX, ownY) = Pair(chance, Within, OwnTrends * OwnTrends);
        double[][] rows = [new double[sessions], new double[sessions], new double[sessions]];
        var (x, y) = Pair(chance, Within, Spread);
        for (var t = 0; t < sessions; t++)
        {
            rows[0][t] = therapistX + meanX + x + Math.Sqrt(Spread) * (Trend + ownX) * t;
            rows[1][t] = therapistY + meanY + y + Math.Sqrt(Spread) * (Trend + ownY) * t;
            rows[2][t] = t + 1;
            var (newX, newY) = Pair(chance, Within, Spread * (1 - Autocorrelation * Autocorrelation));
            (x, y) = (Autocorrelation * x + newX, Autocorrelation * y + newY);
        }
        return new SessionRows(therapist, rows);
    }

    private double OfMeansWith(double therapist) => (0.8 * therapist + Between + Within * Spread * InverseSessions) / (therapist + 1 + Spread * InverseSessions);
}
