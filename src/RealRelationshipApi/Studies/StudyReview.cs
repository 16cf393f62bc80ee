using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Studies;

/// <summary>Decisions on pending studies, in a write transaction.</summary>
internal static class StudyReview
{
    /// <summary>200 with the new version; a version that already has this status is left unchanged.</summary>
    /// <param name="transaction">The write transaction.</param>
    /// <param name="key">Key of the study.</param>
    /// <param name="request">The decision.</param>
    /// <param name="reviewer">The caller.</param>
    /// <param name="mayReviewOwn">Whether tenants may decide on their own studies.</param>
    /// <param name="precondition">Compares the ETag of the latest version.</param>
    public static StudyOutcome Decide(WriteTransaction transaction, string key, StudyReviewRequest request, Submitter reviewer, bool mayReviewOwn,
        Func<string, Problem?> precondition)
    {
        var latest = StudyQueries.Latest(transaction.Connection, key);
        if (latest is null)
        {
            return StudyOutcome.Rejected(key, ProblemKind.NotFound, $"There is no study '{key}'.");
        }

        if (latest.Status == StudyStatus.Retracted)
        {
            return StudyOutcome.Rejected(key, new Problem(ProblemKind.Gone) { ETag = latest.ETag });
        }

        if (precondition(latest.ETag) is { } problem)
        {
            return StudyOutcome.Rejected(key, problem);
        }

        var decided = request.Decision switch
        {
            ReviewDecision.Accept => StudyStatus.Accepted,
            ReviewDecision.Reject => StudyStatus.Rejected,
            _ => StudyStatus.Returned,
        };
        if (latest.Status == decided)
        {
            return new(StatusCodes.Status200OK, key, latest, null);
        }

        // Rejecting a returned study frees its key.
        if (latest.Status != StudyStatus.Pending && !(latest.Status == StudyStatus.Returned && decided == StudyStatus.Rejected))
        {
            return StudyOutcome.Rejected(key, ProblemKind.Conflict, latest.Status switch
            {
                StudyStatus.Accepted => "The study is accepted, and only pending ones can be rejected or returned. Its tenant or an operator can retract it.",
                StudyStatus.Returned => "The study was returned for changes. Its tenant can send a new version; until then it can only be rejected.",
                _ => "The study was rejected. Its tenant can send a new version.",
            });
        }

        if (latest.Tenant == reviewer.Tenant && !mayReviewOwn)
        {
            return StudyOutcome.Rejected(key, ProblemKind.Forbidden, "Another tenant has to review a study of your own.");
        }

        var (version, effects) = StudyQueries.LatestRows(transaction.Connection, key);
        return decided == StudyStatus.Accepted ? Accept(transaction, version, effects, reviewer, request.Reason)
            : Insert(transaction, version, effects, decided, reviewer, request.Reason);
    }

    // Other studies may have been accepted since this one was submitted.
    private static StudyOutcome Accept(WriteTransaction transaction, StudyVersionRow version, IReadOnlyList<StudyEffectRow> effects, Submitter reviewer,
        string? reason) => transaction.InSavepoint(() =>
    {
        var study = Study.FromStored(version, effects);
        if (SiteSummaryConflicts.FindSessionDuplicates(transaction, study, version.Tenant) is { Count: > 0 } posted)
        {
            return StudyOutcome.Rejected(version.Key, Problem.Invalid(posted));
        }

        return EffectClaims.Renew(transaction, study).FindDuplicates() is { Count: > 0 } duplicates
            ? StudyStore.DuplicateEffects(version.Key, duplicates)
            : Insert(transaction, version, effects, StudyStatus.Accepted, reviewer, reason);
    }, commitIf: outcome => outcome.IsAccepted);

    private static StudyOutcome Insert(WriteTransaction transaction, StudyVersionRow version, IReadOnlyList<StudyEffectRow> effects, StudyStatus status,
        Submitter reviewer, string? reason)
    {
        var decided = StudyStore.Next(version, version.Version + 1, status, moves: status == StudyStatus.Accepted, reviewer, reason)
            .Insert(transaction, ChangeKind.Reviewed, effects);
        return StudyOutcome.Stored(StatusCodes.Status200OK, decided, effects, []);
    }
}
