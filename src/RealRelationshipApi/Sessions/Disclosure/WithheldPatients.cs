using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>A client who stands in the last release of a cell.</summary>
/// <param name="Patient">Whose share it is.</param>
/// <param name="Contribution">What the client adds now.</param>
/// <param name="IsInStableEpoch">Whether the client stood already in the release since which nobody has left.</param>
internal sealed record ReleasedPatient(Pseudonym Patient, PatientContribution Contribution, bool IsInStableEpoch);

/// <summary>Takes members out of the next release, so that with those who have left on their own enough are missing.</summary>
/// <remarks>
/// <code>
/// 1. who is left alone with a therapist that counts from two clients on, goes
/// 2. others go in the order given, early ones, until as many early ones as the threshold have gone
/// 3. whom that leaves alone, goes too
/// </code>
/// </remarks>
internal static class WithheldPatients
{
    /// <param name="members">In an order that nobody can know.</param>
    /// <param name="therapistSums">The cell's strata, which lose whom this returns.</param>
    /// <param name="minClients">Clients from which on a stratum counts.</param>
    /// <param name="minDeparted">How many early members must have gone.</param>
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
