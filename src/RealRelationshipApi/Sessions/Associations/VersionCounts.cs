namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Versions of a measure besides its highest one.</summary>
/// <param name="IsRetracted">Whether the highest version is withdrawn.</param>
/// <param name="Retracted">Number of withdrawn earlier versions.</param>
/// <param name="Superseded">Number of the others.</param>
internal readonly record struct VersionCounts(bool IsRetracted, long Retracted, long Superseded)
{
    /// <param name="versions">All stored versions; at least one is not a withdrawal. A withdrawal withdraws its own version and lower ones.</param>
    public static VersionCounts Of(IReadOnlyCollection<(long Version, bool Withdraws)> versions)
    {
        var highest = versions.Where(v => !v.Withdraws).Max(v => v.Version);
        var withdrawn = versions.Where(v => v.Withdraws).Select(v => v.Version).DefaultIfEmpty().Max();
        var earlier = versions.Where(v => !v.Withdraws && v.Version < highest).ToList();
        var retracted = earlier.Count(v => v.Version <= withdrawn);
        return new(highest <= withdrawn, retracted, earlier.Count - retracted);
    }
}
