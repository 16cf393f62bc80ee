using RealRelationshipApi.Sessions.StageOne;

namespace RealRelationshipApi.Sessions.Releases;

/// <summary>A client who stands in the last release of a cell.</summary>
/// <param name="Patient">Whose share it is.</param>
/// <param name="Share">What the client adds now.</param>
/// <param name="IsEarly">Whether the client stood already in the release since which nobody has left.</param>
internal sealed record Member(Pseudonym Patient, Share Share, bool IsEarly);

/// <summary>Takes members out of the next release, so that with those who have left on their own enough are missing.</summary>
/// <remarks>
/// <code>
/// 1. who is left alone with a therapist that counts from two clients on, goes
/// 2. others go in the order given, early ones, until as many early ones as the threshold have gone
/// 3. whom that leaves alone, goes too
/// </code>
/// </remarks>
internal static class Leavers
{
    /// <param name="members">In an order that nobody can know.</param>
    /// <param name="strata">The cell's strata, which lose whom this returns.</param>
    /// <param name="fewest">Clients from which on a stratum counts.</param>
    /// <param name="enough">How many early members must have gone.</param>
    public static IReadOnlyList<Member> Of(IEnumerable<Member> members, Dictionary<Pseudonym, Stratum> strata, long fewest, long enough)
    {
        var left = members.ToList();
        var leaving = new List<Member>();
        var early = strata.Values.Sum(s => s.GoneEarly);
        LetGo(left.FindAll(IsAlone));
        while (early < enough && left.Find(m => m.IsEarly) is { } next)
        {
            LetGo([next]);
            LetGo(left.FindAll(m => m.Share.Stratum == next.Share.Stratum && IsAlone(m)));
        }

        return leaving;

        bool IsAlone(Member member) => !strata[member.Share.Stratum].Counts(fewest);

        void LetGo(List<Member> going)
        {
            foreach (var member in going)
            {
                var stratum = strata[member.Share.Stratum];
                stratum.Subtract(member.Share);
                stratum.Released--;
                early += member.IsEarly ? 1 : 0;
                left.Remove(member);
                leaving.Add(member);
            }
        }
    }
}
