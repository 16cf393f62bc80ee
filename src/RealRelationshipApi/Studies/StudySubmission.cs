using RealRelationship.Storage.Writing;

using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

/// <summary>The submission of a study as a write that claims its effects in advance.</summary>
internal sealed class StudySubmission(Study study, Submitter submitter) : ClaimingWrite<StudyOutcome>
{
    private EffectClaims? _claims;

    /// <remarks>Site summaries may be rejected after their claims succeeded; references and pending studies claim nothing.</remarks>
    public override string? ClaimKey =>
        submitter.RequiresReview || study.Request.Kind is StudyKind.Reference or StudyKind.SiteSummary ? null : study.Key;

    public override void Claim(WriteTransaction transaction) => _claims = EffectClaims.ClaimNew(transaction, study);

    public override bool TryWrite(WriteTransaction transaction)
    {
        Result = _claims!.ClaimedAll ? StudyStore.StoreNew(transaction, study, submitter, _claims) : null;
        return Result is not null;
    }

    public override void Release(WriteTransaction transaction) => _claims!.ReleaseClaimed();

    public override void Write(WriteTransaction transaction) => Result = StudyStore.Submit(transaction, study, submitter);
}
