namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>A released association of a site, unchanged until its next epoch.</summary>
/// <param name="Cell">As <see cref="RealRelationshipApi.Sessions.Associations.AssociationKey.Text"/>.</param>
/// <param name="Level">withinClient, betweenClient or betweenTherapist.</param>
/// <param name="Basis">observedMeans, detrended or partial.</param>
/// <param name="Epoch">Number of releases of the cell so far.</param>
/// <param name="Yi">Fisher z.</param>
/// <param name="Vi">Sampling variance of Fisher z.</param>
/// <param name="Patients">Number of patients, at least the threshold.</param>
/// <param name="Therapists">Number of therapists, at least the threshold.</param>
/// <param name="ReleasedAt">When the association was released.</param>
internal sealed record ReleasedEffect(string Cell, string Level, string Basis, long Epoch, double Yi, double Vi, long Patients, long Therapists,
    DateTimeOffset ReleasedAt);

/// <summary>A cell that is not released, with the class of reason but no number.</summary>
internal sealed record WithheldAssociation(string Cell, string Reason);

/// <summary>Content of a release: all that is public about a site until its next release.</summary>
/// <param name="Site">The site's pseudonym.</param>
/// <param name="Window">Relationship scores used for treatment outcome.</param>
/// <param name="Effects">Released associations.</param>
/// <param name="Suppressed">Cells that are not released.</param>
internal sealed record ReleaseContent(string Site, string Window, IReadOnlyList<ReleasedEffect> Effects, IReadOnlyList<WithheldAssociation> Suppressed)
{
    public static ReleaseContent None { get; } = new("", "", [], []);
}

/// <summary>A release with its number and evidence revision.</summary>
internal sealed record SiteRelease(string Tenant, long Number, long Evidence, DateTimeOffset RecordedAt, ReleaseContent Content)
{
    /// <summary>Why the content is not used: the stored release is not the one that was written; null if it is.</summary>
    public string? Fault { get; init; }

    /// <summary>Effects that were withdrawn since; their numbers are not disclosed.</summary>
    public IReadOnlyList<ReleasedEffect> Withdrawn { get; init; } = [];
}
