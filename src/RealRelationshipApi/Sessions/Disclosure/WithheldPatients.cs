using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>A client in the last release of a cell.</summary>
/// <param name="Patient">The client.</param>
/// <param name="Contribution">The client's current contribution.</param>
/// <param name="IsInStableEpoch">Whether the client was already in the release <see cref="AssociationState.StableSince"/> ("early").</param>
internal sealed record ReleasedPatient(Pseudonym Patient, PatientContribution Contribution, bool IsInStableEpoch);

/// <summary>Selects clients to withhold, so that together with the departed ones enough are missing.</summary>
/// <remarks>
/// <code>
/// 1. a client who is alone with a therapist, where two are the minimum
/// 2. early clients in the given order, until the threshold of missing early ones is reached
/// 3. clients who are then alone with a therapist
/// </code>
/// </remarks>
internal static class WithheldPatients
{
    /// <param name="members">Members in a secret order.</param>
    /// <param name="therapistSums">Strata of the cell; selected clients are subtracted from them.</param>
    /// <param name="minClients">Minimum clients of a stratum.</param>
    /// <param name="minDeparted">Minimum number of missing early members.</param>
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
