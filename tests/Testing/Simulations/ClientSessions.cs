using RealRelationship.Statistics.SessionCorrelations;

namespace RealRelationship.Testing.Simulations;

/// <summary>One client's sessions: variables by row (x, y, then what is partialled out), sessions by column.</summary>
internal sealed record ClientSessions(int Therapist, double[][] Variables)
{
    public int Sessions => Variables[0].Length;

    public double[] Means => [.. Variables.Select(v => v.Average())];

    /// <summary>Packed cross-products of deviations from the client's means.</summary>
    public double[] CrossProducts => PackedProducts([.. Variables.Zip(Means, (v, mean) => v.Select(x => x - mean).ToArray())]);

    public LatentClient ToLatentClient => new(Therapist, Sessions, Means[0], Means[1], CrossProducts[0], CrossProducts[1], CrossProducts[Variables.Length]);

    /// <summary>The sums within clients; clients with one session are excluded.</summary>
    public static WithinClientSums SumsWithinClients(IEnumerable<ClientSessions> clients, int variables)
    {
        var length = variables * (variables + 1) / 2;
        var (s, outer, n, k) = (new double[length], new double[length * (length + 1) / 2], 0, 0);
        foreach (var client in clients.Where(client => client.Sessions > 1))
        {
            var m = client.CrossProducts;
            (s, outer, n, k) = (Add(s, m), Add(outer, PackedProducts([.. m.Select(x => new[] { x })])), n + client.Sessions, k + 1);
        }
        return new WithinClientSums(variables, n, k, s, outer);
    }

    /// <summary>The sums between clients, of their means.</summary>
    public static List<StratumSums> SumsBetweenClients(IEnumerable<ClientSessions> clients) =>
        SumsByTherapist(clients.Select(client => (client.Therapist, client.Means)));

    public static List<StratumSums> SumsByTherapist(IEnumerable<(int Therapist, double[] Values)> clients) =>
        [.. clients.GroupBy(client => client.Therapist).Select(group => new StratumSums(
            group.Count(),
            group.Select(client => client.Values).Aggregate(Add),
            group.Select(client => PackedProducts([.. client.Values.Select(x => new[] { x })])).Aggregate(Add)))];

    public static LatentCorrelation? LatentCorrelationOf(IReadOnlyCollection<ClientSessions> clients)
    {
        var strata = clients.GroupBy(client => client.Therapist)
            .Select(
                group =>
                    new LatentStratum(SumsBetweenClients(group.Select(client => client with { Variables = client.Variables[..2] }))[0],
                        group.Sum(client => 1.0 / client.Sessions)));
        var within = clients.Select(client => client.ToLatentClient).Aggregate(new double[3], (sum, c) => Add(sum, [c.WithinXX, c.WithinXY, c.WithinYY]));
        return BetweenClients.Latent(strata, within, clients.Sum(client => client.Sessions), clients.Count);
    }

    /// <summary>Packed products of rows with rows.</summary>
    private static double[] PackedProducts(double[][] rows) =>
        [.. rows.SelectMany((a, i) => rows.Skip(i).Select(b => a.Zip(b, (x, y) => x * y).Sum()))];

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
