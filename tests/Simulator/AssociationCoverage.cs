using System.Globalization;

using RealRelationship.Statistics;
using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Testing.Simulations;

using RealRelationshipApi.Sessions.Associations;

using Simulator.Clinics;

using ClinicStanding = RealRelationship.Statistics.SessionCorrelations.ClinicStanding;

namespace Simulator;

/// <summary>Coverage of the service's intervals for simulated clinics, and how often an ordinary clinic is classified as unusual.</summary>
internal static class AssociationCoverage
{
    private const double Nominal = 0.95;
    private const int FirstSeed = 2_000_003;

    /// <summary>Each switch off and on: a shared trend of .1 standard deviations a session, an autocorrelation of .3, therapists who differ.</summary>
    public static IReadOnlyList<(string Name, SimulatedClinic Clinic)> Clinics { get; } =
    [
        .. from therapists in new[] { 0, 0.5 }
           from autocorrelation in new[] { 0, 0.3 }
           from trend in new[] { 0, 0.1 }
           select (Name: Name(trend, autocorrelation, therapists),
               new SimulatedClinic { Trend = trend, Autocorrelation = autocorrelation, TherapistVariance = therapists }),
    ];

    /// <summary>Number of intervals of each estimate that cover the true value, and their total.</summary>
    public static IReadOnlyDictionary<Estimand, Proportion> MeasureCoverage(SimulatedClinic clinic, int runs)
    {
        var counts = Enum.GetValues<Estimand>().ToDictionary(e => e, _ => new Proportion());
        Parallel.For(0, runs, run =>
        {
            foreach (var association in InMemoryAssociations.Compute(clinic.Simulate(new SeededRandom(FirstSeed + run))))
            {
                if (InMemoryAssociations.EstimandOf(association) is { } estimand && association is { Lower: { } lower, Upper: { } upper })
                {
                    counts[estimand].Add(lower <= clinic.TrueCorrelation(estimand) && clinic.TrueCorrelation(estimand) <= upper);
                }
            }
        });
        return counts;
    }

    /// <summary>How often an ordinary clinic (drawn from the population of the pool) is classified as below or above.</summary>
    public static Proportion MeasureStandingErrors(int pooled, int runs)
    {
        var count = new Proportion();
        Parallel.For(0, runs, run =>
        {
            var chance = new SeededRandom(FirstSeed + run);
            var sites = Enumerable.Range(0, pooled).Select(_ => SimulateSite(chance)).ToList();
            var pool = RandomEffectsModel.Fit([.. sites.Select(s => s.Z)], [.. sites.Select(s => s.StandardError * s.StandardError)]);
            var own = SimulateSite(chance);
            count.Add(ClinicStanding.Classify(own.Z, own.StandardError, own.Df, pool.Prediction, Nominal) is Standing.Below or Standing.Above);
        });
        return count;
    }

    /// <summary>Writes the tables of the manual.</summary>
    public static void Write(TextWriter output, int runs)
    {
        var worlds = Clinics.Select(w => (w.Name, w.Clinic, Counts: MeasureCoverage(w.Clinic, runs))).ToList();
        output.WriteLine($"| estimate | {string.Join(" | ", worlds.Select(w => w.Name))} |");
        output.WriteLine($"|---|{string.Concat(worlds.Select(_ => "---|"))}");
        foreach (var estimand in Enum.GetValues<Estimand>())
        {
            output.WriteLine(
                $"| {NameOf(estimand)} | {string.Join(" | ", worlds.Select(w => w.Counts[estimand].Format(w.Clinic.TrueCorrelation(estimand), runs)))} |");
        }

        output.WriteLine();
        output.WriteLine("| sites in the pool | ordinary clinics called below or above |");
        output.WriteLine("|---|---|");
        foreach (var pooled in new[] { 8, 16, 40 })
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {pooled} | {100 * MeasureStandingErrors(pooled, runs).Share:F1} % |"));
        }
    }

    /// <summary>Beyond three Monte-Carlo errors of the nominal coverage.</summary>
    public static bool DeviatesFromNominal(Proportion count) => Math.Abs(count.Share - Nominal) > 3 * Math.Sqrt(Nominal * (1 - Nominal) / count.Total);

    // 20 clients of 4 therapists. Where all levels correlate alike, so do means of any number of sessions.
    private static (double Z, double StandardError, double Df) SimulateSite(SeededRandom chance)
    {
        var r = Math.Tanh(chance.Normal(0.3, 0.02));
        var clinic = new SimulatedClinic { Therapists = 4, ClientsPerTherapist = 5, SessionsPerClient = 3, Within = new(r, 0, 0), Between = new(r, 0, 0) };
        var found = InMemoryAssociations.Compute(clinic.Simulate(chance)).Single(a => InMemoryAssociations.EstimandOf(a) == Estimand.ObservedMeans);
        return (found.Z!.Value, found.StandardError!.Value, found.Df!.Value);
    }

    private static string Name(double trend, double autocorrelation, double therapists) =>
        string.Join(", ",
            new[] { trend > 0 ? "trend" : null, autocorrelation > 0 ? "autocorrelation" : null, therapists > 0 ? "therapists" : null }.OfType<string>()
                .DefaultIfEmpty("none"));

    private static string NameOf(Estimand estimand) => estimand switch
    {
        Estimand.Detrended => "within clients, `detrended`",
        Estimand.Raw => "within clients, `raw`",
        Estimand.ObservedMeans => "between clients, `observedMeans`",
        Estimand.Latent => "between clients, `latent`",
        Estimand.BetweenTherapists => "between therapists",
        Estimand.TreatmentOutcome => "treatment outcome, `partial`",
        Estimand.TreatmentProgress => "treatment progress",
        Estimand.WithinBesideAlliance => "within clients beside the alliance, `partial`",
        Estimand.BetweenBesideAlliance => "between clients beside the alliance, `partial`",
        _ => throw new ArgumentOutOfRangeException(nameof(estimand)),
    };
}

/// <summary>How often something happened.</summary>
internal sealed class Proportion
{
    private readonly Lock _lock = new();
    private long _hits;

    public long Total { get; private set; }

    public double Share => _hits / (double)Total;

    public void Add(bool happened)
    {
        lock (_lock)
        {
            (_hits, Total) = (_hits + (happened ? 1 : 0), Total + 1);
        }
    }

    /// <summary>Coverage, the truth, and a star beyond three Monte-Carlo errors.</summary>
    public string Format(double truth, int runs) => string.Create(CultureInfo.InvariantCulture,
        $"{100 * Share:F1}{(AssociationCoverage.DeviatesFromNominal(this) ? "\\*" : "")} ({truth:.00}){(Total < runs ? $" of {Total}" : "")}");
}
