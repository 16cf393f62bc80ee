using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>A client in the last release of a cell.</summary>
/// <param name="Patient">The client.</param>
/// <param name="Contribution">The client's current contribution.</param>
/// <param name="IsInStableEpoch">Whether the client was already in the release <see cref="AssociationState.StableSince"/> ("early").</param>
internal sealed record ReleasedPatient(Pseudonym Patient, PatientContribution Contribution, bool IsInStableEpoch);

/// <summary>Selects clients to withhold, so that enough are missing together with those who departed.</summary>
/// <remarks>
/// <code>
/// 1. a client who is alone with a therapist, where two are the minimum
/// 2. early clients in the given order, until as many early ones as the threshold are missing
/// 3. clients whom that leaves alone
/// </code>
/// </remarks>
internal static class WithheldPatients
{
    /// <param name="members">In a secret order.</param>
    /// <param name="therapistSums">The cell's strata; the result is subtracted from them.</param>
    /// <param name="minClients">Minimum clients of a stratum.</param>
    /// <param name="minDeparted">How many early members must be missing.</param>
    public static IReadOnlyList<ReleasedPatient> Select(IEnumerable<ReleasedPatient> members, Dictionary<Pseudonym, TherapistSums> therapistSums,
        long minClients, long minDeparted)
    {
        var remaining = members.ToList();
        var withheld = new List<ReleasedPatient>();
        var departedEarly = therapistSums.Values.Sum(s => s.DepartedEarly);
        LetGo(remaining.FindAll(IsAlone));
        while (departedEarly < minDeparted && remaining.Find(m => m.IsInStableEpoch) is { } next)
        {
            LetGo([next]);
            LetGo(remaining.FindAll(m => m.Contribution.Therapist == next.Contribution.Therapist && IsAlone(m)));
        }

        return withheld;

        bool IsAlone(ReleasedPatient member) => !therapistSums[member.Contribution.Therapist].IsCounted(minClients);

        void LetGo(List<ReleasedPatient> going)
        {
            foreach (var member in going)
            {
                var stratum = therapistSums[member.Contribution.Therapist];
                stratum.Subtract(member.Contribution);
                stratum.ReleasedClients--;
                departedEarly += member.IsInStableEpoch ? 1 : 0;
                remaining.Remove(member);
                withheld.Add(member);
            }
        }
    }
}
