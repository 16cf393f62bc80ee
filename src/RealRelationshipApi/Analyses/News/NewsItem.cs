using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.News;

/// <summary>What came with a revision, as far as a question selects it.</summary>
internal enum NewsKind
{
    /// <summary>A study whose effects were not selected before.</summary>
    Added,

    /// <summary>A new version of a study.</summary>
    Replaced,

    /// <summary>A study was retracted.</summary>
    Retracted,

    /// <summary>The new version of a study is no longer selected.</summary>
    Deselected,

    /// <summary>An eligible study without a usable coefficient.</summary>
    Registered,

    /// <summary>A study is no longer registered, and none of its effects is selected.</summary>
    Unregistered,

    /// <summary>Associations of a site.</summary>
    Released,

    /// <summary>Associations of a site left all of its releases.</summary>
    Withdrawn,

    /// <summary>Effects of other studies, which are selected or not because of this one.</summary>
    Others,
}

/// <summary>What the evidence of a question is made of, where that is worth saying.</summary>
internal enum EvidenceOrigin
{
    /// <summary>What the filter asks for, or real studies of a store without synthetic ones.</summary>
    Asked,

    /// <summary>Real studies, with synthetic effects left out.</summary>
    RealStudies,

    /// <summary>Real studies and releases of sites, with synthetic effects left out.</summary>
    RealEvidence,

    /// <summary>Synthetic studies, since there is no real evidence.</summary>
    Synthetic,

    /// <summary>Releases of sites beside synthetic studies.</summary>
    Both,
}

/// <summary>What came with a revision.</summary>
/// <param name="Kind">The kind of news.</param>
/// <param name="Study">Key of the study, or name of the site.</param>
/// <param name="Citation">Citation of the study; null for a site.</param>
/// <param name="Effects">Number of its effects that are selected since, or were until then.</param>
/// <param name="Participants">Sum over their samples of the largest number of participants; null if one is unknown.</param>
/// <param name="OtherEffects">Number of effects of other studies that are selected, or not, because of it.</param>
/// <param name="IsSynthetic">Whether the study is synthetic.</param>
internal sealed record NewsSubject(NewsKind Kind, string Study, Citation? Citation, int Effects, double? Participants, int OtherEffects, bool IsSynthetic);

/// <summary>What an evidence revision changed for a question.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="Subject">What came.</param>
/// <param name="Before">The pool at the revision before; null if nothing was selected then, and at the switch between synthetic and real evidence.</param>
/// <param name="After">The pool at this revision.</param>
/// <param name="Origin">What the evidence at this revision is made of.</param>
/// <param name="IsSwitch">Whether the revision switches between synthetic and real evidence.</param>
/// <param name="SyntheticLeft">Number of synthetic effects of other studies that left at a switch.</param>
/// <param name="ConclusionChanged">Conclusions that differ from those before.</param>
internal sealed record NewsItem(long Revision, DateTimeOffset RecordedAt, NewsSubject Subject, NewsPool? Before, NewsPool After, EvidenceOrigin Origin,
    bool IsSwitch, int SyntheticLeft, IReadOnlyList<ConclusionChange> ConclusionChanged)
{
    /// <summary>Whether an earlier revision selected effects of the same origin, though the one before has no estimate.</summary>
    public bool HasPrecedent { get; init; }
}

/// <summary>A pooled effect with its model.</summary>
internal sealed record NewsPool(PoolAtRevisionResponse Response, Dependence Dependence, double Confidence);

/// <summary>A page of the news.</summary>
/// <param name="Items">The news, newest first.</param>
/// <param name="Last">Last revision that the page covers, from which the next page goes on; null on the last page.</param>
/// <param name="Start">When the first revision of the store was recorded; null without evidence.</param>
internal sealed record NewsPage(IReadOnlyList<NewsItem> Items, long? Last, DateTimeOffset? Start);
