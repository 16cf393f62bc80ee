using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

/// <summary>Repeated measurements whose correlations are published or worked out elsewhere.</summary>
internal static class PublishedSessions
{
    /// <summary>Bland and Altman 1995, BMJ 310, 446: intramural pH and PaCO2 of eight patients; bland1995 of R's rmcorr.</summary>
    public static IReadOnlyList<ClientSessions> Bland1995 =>
    [
        Client(0, [6.68, 6.53, 6.43, 6.33], [3.97, 4.12, 4.09, 3.97]),
        Client(0, [6.85, 7.06, 7.13, 7.17], [5.27, 5.37, 5.41, 5.44]),
        Client(0, [7.40, 7.42, 7.41, 7.37, 7.34, 7.35, 7.28, 7.30, 7.34], [5.67, 3.64, 4.32, 4.73, 4.96, 5.04, 5.22, 4.82, 5.07]),
        Client(0, [7.36, 7.33, 7.29, 7.30, 7.35], [5.67, 5.10, 5.53, 4.75, 5.51]),
        Client(0, [7.35, 7.30, 7.30, 7.37, 7.27, 7.28, 7.32, 7.32], [4.28, 4.44, 4.32, 3.23, 4.46, 4.72, 4.75, 4.99]),
        Client(0, [7.38, 7.30, 7.29, 7.33, 7.31, 7.33], [4.78, 4.73, 5.12, 4.93, 5.03, 4.93]),
        Client(0, [6.86, 6.94, 6.92], [6.85, 6.44, 6.52]),
        Client(0, [7.19, 7.29, 7.21, 7.25, 7.20, 7.19, 6.77, 6.82], [5.28, 4.56, 4.34, 4.32, 4.41, 3.69, 6.09, 5.58]),
    ];

    /// <summary>Made up: four clients with four sessions each.</summary>
    public static IReadOnlyList<ClientSessions> FourByFour =>
    [
        Client(0, [3, 3.25, 3.5, 3.75], [3.2, 3.4, 3.6, 4]),
        Client(0, [4, 4, 4.25, 4.5], [4.2, 4, 4.4, 4.6]),
        Client(0, [2.5, 2.75, 2.5, 3], [3, 2.8, 3, 3.4]),
        Client(0, [3.5, 3.25, 3.75, 4], [3.6, 3.4, 4, 4.2]),
    ];

    private static ClientSessions Client(int therapist, double[] x, double[] y) => new(therapist, [x, y]);
}
