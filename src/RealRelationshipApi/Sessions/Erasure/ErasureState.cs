using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary>Whether a patient was erased: the number of the erasure in its table, and in the change log, which decides; 0 if there is none.</summary>
internal sealed record ErasureState(long Stored, long Recorded)
{
    /// <summary>Kind of the subjects of erasures in the change log.</summary>
    public const string SubjectKind = "erasure";

    public static string SubjectOf(Pseudonym patient) => $"{SubjectKind}/{Convert.ToHexStringLower(patient.Bytes)}";

    /// <summary>The patient of a subject.</summary>
    public static Pseudonym PatientOf(string subject) => new(Convert.FromHexString(subject.AsSpan(SubjectKind.Length + 1)));

    /// <exception cref="TamperedDataException">An erasure is stored that the log does not know.</exception>
    public bool IsErased => Recorded > 0 || (Stored == 0 ? false : throw Unrecorded());

    public static TamperedDataException Unrecorded() => new("An erasure is stored for the patient that the change log knows nothing of.");

    public static QueuedResult<List<ErasureState>> EnqueueQuery(TenantBatch tenant, Pseudonym patient) => tenant.EnqueueQuery<ErasureState>(
        $"""
        SELECT coalesce((SELECT log FROM erasure WHERE tenant = @tenant AND patient = @patient), 0) AS Stored,
          coalesce((SELECT s.number FROM change_subject s WHERE s.subject = @subject AND {SubjectChanges.IndexedSql} LIMIT 1), 0) AS Recorded
        """, new { patient = patient.Bytes, subject = SubjectOf(patient) });
}
