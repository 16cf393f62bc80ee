namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Why scores of a patient take no part, counted by reason.</summary>
internal sealed class Exclusions
{
    public static readonly string[] Reasons = ["noPair", "oneSession", "wrongStatus", "formChanged", "noPreScore", "xAfterPost", "retracted"];

    private readonly long[] _counts = new long[Reasons.Length];

    public long[] Counts => _counts;

    public void Add(string reason, long count = 1) => _counts[Array.IndexOf(Reasons, reason)] += count;
}
