namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>One association of a site as anybody may see it: frozen at its epoch.</summary>
/// <param name="Cell">As <see cref="RealRelationshipApi.Sessions.Associations.AssociationKey.Text"/>.</param>
/// <param name="Level">withinClient, betweenClient or betweenTherapist.</param>
/// <param name="Basis">observedMeans, detrended or partial.</param>
/// <param name="Epoch">How often the cell has been released.</param>
/// <param name="Yi">Fisher z.</param>
/// <param name="Vi">Its sampling variance.</param>
/// <param name="Patients">At least as many as the threshold.</param>
/// <param name="Therapists">Likewise.</param>
/// <param name="ReleasedAt">When the numbers were frozen.</param>
internal sealed record ReleasedEffect(string Cell, string Level, string Basis, long Epoch, double Yi, double Vi, long Patients, long Therapists,
    DateTimeOffset ReleasedAt);

/// <summary>A cell of a site that is not released, and the class of reason: no number.</summary>
internal sealed record WithheldAssociation(string Cell, string Reason);

/// <summary>What a release of a site holds: all that may be seen of it until the next.</summary>
/// <param name="Site">The site's pseudonym.</param>
/// <param name="Window">Which session the relationship was taken from.</param>
/// <param name="Effects">Frozen associations.</param>
/// <param name="Suppressed">Cells without.</param>
internal sealed record ReleaseContent(string Site, string Window, IReadOnlyList<ReleasedEffect> Effects, IReadOnlyList<WithheldAssociation> Suppressed);

/// <summary>A release with its place in the history.</summary>
internal sealed record SiteRelease(string Tenant, long Number, long Evidence, DateTimeOffset RecordedAt, ReleaseContent Content);
