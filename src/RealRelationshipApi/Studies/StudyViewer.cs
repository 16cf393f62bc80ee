using RealRelationship.Storage;

using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

/// <summary>Who looks at studies. Versions that are or were in the evidence are visible to everyone; others to their tenant and to reviewers.</summary>
/// <param name="Tenant">Tenant of the caller.</param>
/// <param name="SeesAll">Whether the caller reviews studies, or is the operator.</param>
internal sealed record StudyViewer(string Tenant, bool SeesAll)
{
    /// <summary>Whether a version shows this viewer who made it, and why.</summary>
    public bool SeesAuthorOf(StudyVersionRow version) => SeesAll || version.Tenant == Tenant;

    /// <summary>Whether the latest version of a study is known to be visible without a query.</summary>
    public bool SurelySees(StudyRecord latest) => SeesAll || latest.Tenant == Tenant || latest.Status == StudyStatus.Accepted;

    /// <summary>SQL condition: the version of an alias of <c>study_version</c> is visible to the parameters <c>@viewer</c> and <c>@seesAll</c>.</summary>
    /// <remarks>In a store of release 0.1, pending versions and their retractions moved the evidence.</remarks>
    public static string VisibleSql(string alias) => $"""
        (@seesAll = 1 OR {alias}.tenant = @viewer OR {alias}.moved = 1 AND ({alias}.status = 'accepted' OR {alias}.status = 'retracted' AND EXISTS
          (SELECT 1 FROM study_version earlier WHERE earlier.study_key = {alias}.study_key AND earlier.version < {alias}.version
            AND earlier.status = 'accepted')))
        """;

    /// <summary>SQL condition: the latest version of a study that the viewer may see.</summary>
    public static readonly string LatestVisibleSql = $"""
        {VisibleSql("v")} AND NOT EXISTS (SELECT 1 FROM study_version later
          WHERE later.study_key = v.study_key AND later.version > v.version AND {VisibleSql("later")} {Subquery.OfEachRow})
        """;

    public long SeesAllParameter => SeesAll ? 1 : 0;
}
