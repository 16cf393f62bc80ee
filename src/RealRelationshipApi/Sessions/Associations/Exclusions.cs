namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Excluded scores of a patient, counted by reason.</summary>
internal sealed class Exclusions
{
    public static readonly string[] Reasons = ["noPair", "oneSession", "wrongStatus", "formChanged", "noPreScore", "xAfterPost", "retracted"];

    private readonly long[] _counts = new long[Reasons.Length];

    public long[] Counts => _counts;

    public void Add(string reason, long count = 1) => _counts[Array.IndexOf(Reasons, reason)] += count;
}
