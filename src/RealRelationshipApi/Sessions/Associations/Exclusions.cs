using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Why a stored score is part of no association. Each score has the first reason that applies.</summary>
internal enum ExclusionReason
{
    /// <summary>The version was withdrawn.</summary>
    Retracted,

    /// <summary>A higher version replaced it.</summary>
    Superseded,

    /// <summary>Its status is not final.</summary>
    WrongStatus,

    /// <summary>The site has not declared how items of the instrument are sent.</summary>
    ItemsAsUndeclared,

    /// <summary>It measures neither the relationship nor an outcome.</summary>
    NotOutcome,

    /// <summary>Form or scoring key differ from those of the first score of the series.</summary>
    FormChanged,

    /// <summary>It has no session key.</summary>
    NoSession,

    /// <summary>There is no score of the relationship to pair it with.</summary>
    NoRelationship,

    /// <summary>There is no outcome score to pair it with.</summary>
    NoOutcome,

    /// <summary>No outcome was scored at or before the first score of the relationship.</summary>
    NoPreScore,

    /// <summary>The relationship was scored after the last outcome.</summary>
    XAfterPost,

    /// <summary>It is outside of the window, or between the first and the last outcome.</summary>
    OutsideWindow,

    /// <summary>The only session of the only client of a therapist.</summary>
    OneSession,

    /// <summary>The only client of a therapist, with whom nobody is compared.</summary>
    OneClient,
}

/// <summary>Scores that take part in associations, and excluded ones by reason.</summary>
internal sealed class Exclusions
{
    private readonly long[] _counts = new long[Length];

    /// <summary>Length of <see cref="Counts"/>.</summary>
    public static int Length => 1 + EnumNames<ExclusionReason>.All.Count;

    /// <summary>The scores used, then those excluded by each <see cref="ExclusionReason"/>.</summary>
    public long[] Counts => _counts;

    public void AddUsed() => _counts[0]++;

    public void Add(ExclusionReason reason, long count = 1) => _counts[IndexOf(reason)] += count;

    /// <summary>Index of a reason in <see cref="Counts"/>.</summary>
    public static int IndexOf(ExclusionReason reason) => 1 + (int)reason;
}
