using System.Text.Json.Nodes;

using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Tests.Sessions.Associations;

/// <summary>Scores of one session, as far as they are there: the relationship, the session's outcome (higher is better), symptoms (higher is worse).</summary>
internal sealed record ClinicSession(string Patient, string Therapist, string Key, long Number, DateTimeOffset At)
{
    public double? X { get; init; }

    public double? Y { get; init; }

    public double? Symptoms { get; init; }

    public double? Alliance { get; init; }
}

/// <summary>Correlations of a clinic from its raw scores, by least-squares residuals instead of sums.</summary>
internal static class IndependentAssociations
{
    /// <summary>Scores of a session whose measures are named rri-c-sf, ses, phq-9 and wai-sr.</summary>
    public static ClinicSession SessionOf(SessionRequest session)
    {
        double? Score(string instrument) => session.Measures.FirstOrDefault(m => m.Instrument == instrument)?.Score;
        return new(session.Patient!, session.Therapist!, session.Session!, session.SessionNumber!.Value, session.OccurredAt!.Value)
        {
            X = Score("rri-c-sf"), Y = Score("ses"), Symptoms = Score("phq-9"), Alliance = Score("wai-sr"),
        };
    }

    /// <summary>Name of an association in <see cref="Compute"/>.</summary>
    public static string NameOf(JsonNode association) =>
        $"{association["level"]} {association["basis"]} {association["outcomeInstrument"]} {string.Join('+', association["adjustedFor"]!.AsArray())}".TrimEnd();

    /// <summary>r by name.</summary>
    public static SortedDictionary<string, double> Compute(IReadOnlyList<ClinicSession> sessions)
    {
        var pairs = sessions.Where(s => s is { X: not null, Y: not null }).ToList();
        var triples = pairs.Where(s => s.Alliance is not null).ToList();
        return new(StringComparer.Ordinal)
        {
            ["withinClient raw ses"] = Partial(Within(pairs, s => s.X!.Value), Within(pairs, s => s.Y!.Value)),
            ["withinClient detrended ses sessionNumber"] =
                Partial(Within(pairs, s => s.X!.Value), Within(pairs, s => s.Y!.Value), Within(pairs, s => s.Number)),
            ["withinClient partial ses sessionNumber+wai-sr"] = Partial(Within(triples, s => s.X!.Value), Within(triples, s => s.Y!.Value),
                Within(triples, s => s.Number), Within(triples, s => s.Alliance!.Value)),
            ["betweenClient observedMeans ses"] = Partial(Between(pairs, s => s.X!.Value), Between(pairs, s => s.Y!.Value)),
            ["betweenClient partial ses wai-sr"] = Partial(Between(triples, s => s.X!.Value), Between(triples, s => s.Y!.Value),
                Between(triples, s => s.Alliance!.Value)),
            ["betweenClient partial phq-9 preScore"] = TreatmentOutcome(sessions),
            ["betweenClient latent ses"] = Latent(pairs),
        };
    }

    // Deviations of sessions from the means of their client.
    private static double[] Within(List<ClinicSession> sessions, Func<ClinicSession, double> value)
    {
        var means = sessions.GroupBy(s => s.Patient, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Average(value), StringComparer.Ordinal);
        return [.. sessions.Select(s => value(s) - means[s.Patient])];
    }

    // Deviations of clients' means from the mean of their therapist.
    private static double[] Between(List<ClinicSession> sessions, Func<ClinicSession, double> value) => Center(
        [.. sessions.GroupBy(s => s.Patient, StringComparer.Ordinal).Select(g => (g.First().Therapist, g.Average(value)))]);

    private static double[] Center(List<(string Therapist, double Value)> clients)
    {
        var means = clients.GroupBy(c => c.Therapist, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Average(c => c.Value), StringComparer.Ordinal);
        return [.. clients.Select(c => c.Value - means[c.Therapist])];
    }

    // The relationship nearest to session 3, of sessions 2 to 4, with the last symptoms given the first.
    private static double TreatmentOutcome(IReadOnlyList<ClinicSession> sessions)
    {
        var clients = sessions.GroupBy(s => s.Patient, StringComparer.Ordinal).Select(g =>
        {
            var symptoms = g.Where(s => s.Symptoms is not null).OrderBy(s => s.At).ToList();
            var early = g.Where(s => s is { X: not null, Number: >= 2 and <= 4 }).OrderBy(s => Math.Abs(s.Number - 3)).ThenBy(s => s.Number).FirstOrDefault();
            var start = g.Where(s => s.X is not null).Min(s => s.At);
            return (g.First().Therapist, Start: start, Early: early, First: symptoms.FirstOrDefault(), Last: symptoms.LastOrDefault());
        }).Where(c => c.Early is not null && c.First != c.Last && c.First!.At <= c.Start && c.Early.At < c.Last!.At).ToList();
        return Partial(Center(clients.ConvertAll(c => (c.Therapist, c.Early!.X!.Value))),
            Center(clients.ConvertAll(c => (c.Therapist, -c.Last!.Symptoms!.Value))),
            Center(clients.ConvertAll(c => (c.Therapist, -c.First!.Symptoms!.Value))));
    }

    // Covariances of clients' means less what the spread of their sessions adds to these: a client's mean over T sessions has 1/T of it, of which centring
    // within a therapist of n clients leaves 1 - 1/n.
    private static double Latent(List<ClinicSession> sessions)
    {
        var clients = sessions.GroupBy(s => s.Patient, StringComparer.Ordinal).ToList();
        var therapists = clients.Select(c => c.First().Therapist).Distinct(StringComparer.Ordinal).Count();
        var (x, y) = (Between(sessions, s => s.X!.Value), Between(sessions, s => s.Y!.Value));
        var (withinX, withinY) = (Within(sessions, s => s.X!.Value), Within(sessions, s => s.Y!.Value));
        var caseloads = clients.GroupBy(c => c.First().Therapist, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        var length = (clients.Count - therapists) / clients.Sum(c => (1 - 1.0 / caseloads[c.First().Therapist]) / c.Count());
        double Element(double[] a, double[] b, double[] withinA, double[] withinB) =>
            Dot(a, b) / (clients.Count - therapists) - Dot(withinA, withinB) / (sessions.Count - clients.Count) / length;
        return Element(x, y, withinX, withinY) / Math.Sqrt(Element(x, x, withinX, withinX) * Element(y, y, withinY, withinY));
    }

    // Correlation of the residuals after regressing both on the covariates, one after the other.
    private static double Partial(double[] x, double[] y, params double[][] covariates)
    {
        for (var i = 0; i < covariates.Length; i++)
        {
            var z = covariates[i];
            (x, y) = (Residuals(x, z), Residuals(y, z));
            for (var j = i + 1; j < covariates.Length; j++)
            {
                covariates[j] = Residuals(covariates[j], z);
            }
        }

        return Dot(x, y) / Math.Sqrt(Dot(x, x) * Dot(y, y));
    }

    private static double[] Residuals(double[] values, double[] on)
    {
        var slope = Dot(values, on) / Dot(on, on);
        return [.. values.Zip(on, (v, z) => v - slope * z)];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
