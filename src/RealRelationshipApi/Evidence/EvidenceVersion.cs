using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>A version of a study, or a release of a site.</summary>
/// <param name="Number">Number of the version.</param>
/// <param name="Revision">Evidence revision at which it took effect.</param>
/// <param name="RecordedAt">When that was.</param>
/// <param name="IsReleased">Whether it is a release of a site's sessions.</param>
internal sealed record EvidenceVersion(long Number, long Revision, DateTimeOffset RecordedAt, bool IsReleased)
{
    public static EvidenceVersion Of(StudyRecord study) => new(study.Version, study.Revision, study.RecordedAt, study.IsReleased);
}
