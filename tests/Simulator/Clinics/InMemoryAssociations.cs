using System.Buffers.Binary;

using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Associations;

namespace Simulator.Clinics;

/// <summary>The service's own stage 1, from scores to associations, without its store: records, shares, sums, correlations.</summary>
internal static class InMemoryAssociations
{
    private const double Confidence = 0.95;
    private static readonly DateTime s_start = new(2025, 1, 6, 9, 0, 0, DateTimeKind.Utc);

    public static IReadOnlyList<SiteAssociation> Compute(IReadOnlyList<SimulatedClient> clients)
    {
        var shares = new Dictionary<string, List<PatientContribution>>(StringComparer.Ordinal);
        foreach (var (i, client) in clients.Index())
        {
            foreach (var (cell, share) in PatientContributions.Compute(ToPatientRecord(client), OutcomeWindow.Session3).ByAssociation)
            {
                if (!shares.TryGetValue(cell, out var ofCell))
                {
                    shares.Add(cell, ofCell = []);
                }

                ofCell.Add(share with { Patient = Key(4, i) });
            }
        }

        return SiteAssociationReader.Compute(shares.ToDictionary(s => s.Key, s => AssociationSums.FromContributions(s.Key, s.Value), StringComparer.Ordinal),
            shares, OutcomeWindow.Session3, Confidence);
    }

    /// <summary>The estimated quantity of an association; null for those of additional instruments.</summary>
    public static Estimand? EstimandOf(SiteAssociation association) =>
        EstimandOf(association.Key.OutcomeType, association.Level, association.Basis, association.Key.Alliance is not null);

    public static Estimand? EstimandOf(string outcomeType, string level, string basis, bool besideAlliance) =>
        (outcomeType, level, basis, besideAlliance) switch
        {
            (AssociationKey.SessionOutcome, AssociationKey.WithinClient, SiteAssociation.Detrended, false) => Estimand.Detrended,
            (AssociationKey.SessionOutcome, AssociationKey.WithinClient, SiteAssociation.Raw, false) => Estimand.Raw,
            (AssociationKey.SessionOutcome, AssociationKey.BetweenClient, SiteAssociation.ObservedMeans, false) => Estimand.ObservedMeans,
            (AssociationKey.SessionOutcome, AssociationKey.BetweenClient, SiteAssociation.Latent, false) => Estimand.Latent,
            (AssociationKey.SessionOutcome, AssociationKey.BetweenTherapist, SiteAssociation.ObservedMeans, false) => Estimand.BetweenTherapists,
            (AssociationKey.TreatmentOutcome, AssociationKey.BetweenClient, SiteAssociation.Partial, false) => Estimand.TreatmentOutcome,
            (AssociationKey.TreatmentProgress, AssociationKey.BetweenClient, SiteAssociation.ObservedMeans, false) => Estimand.TreatmentProgress,
            (AssociationKey.SessionOutcome, AssociationKey.WithinClient, SiteAssociation.Partial, true) => Estimand.WithinBesideAlliance,
            (AssociationKey.SessionOutcome, AssociationKey.BetweenClient, SiteAssociation.Partial, true) => Estimand.BetweenBesideAlliance,
            _ => null,
        };

    private static PatientRecord ToPatientRecord(SimulatedClient client)
    {
        var record = new PatientRecord();
        var measures = 0;
        for (var t = 0; t < client.Sessions.Length; t++)
        {
            Put(t, ConstructNames.RealRelationship, "rri-c", client.Sessions[t][0]);
            Put(t, ConstructNames.SessionOutcome, "ses", client.Sessions[t][1]);
            Put(t, ConstructNames.Alliance, "wai-sr", client.Sessions[t][2]);
        }

        Put(0, ConstructNames.TreatmentOutcome, "core-om", client.Before);
        Put(client.Sessions.Length, ConstructNames.TreatmentOutcome, "core-om", client.After);
        Put(client.Sessions.Length - 1, ConstructNames.TreatmentProgress, "com", client.Progress);
        return record;

        void Put(int session, string construct, string instrument, double value) =>
            record.Put(new(Key(1, measures++), ScoreState.Analysed, Key(2, session), Pseudonym.None,
            Key(3, client.Therapist), session + 1, s_start.AddDays(7 * session).Ticks, construct, new(instrument, 0, "total", "client"), value));
    }

    private static Pseudonym Key(byte kind, int number)
    {
        var bytes = new byte[Pseudonym.Length];
        bytes[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), number);
        return new(bytes);
    }
}
