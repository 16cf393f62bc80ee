using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Search;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Studies;

/// <summary>Outcome of a write: a status with the current study, or a problem.</summary>
internal sealed record StudyOutcome(int Status, string Key, StudyRecord? Study, Problem? Problem)
{
    public bool IsAccepted => Problem is null;

    /// <summary>The current study; deserialized on first use, off the writer's thread.</summary>
    public StudyRecord? Study
    {
        get => field ??= CreateRecord?.Invoke();
        init;
    } = Study;

    /// <summary>Warnings for the submitter.</summary>
    public IReadOnlyList<Warning> Warnings { get; private init; } = [];

    private Func<StudyRecord>? CreateRecord { get; init; }

    internal static StudyOutcome Stored(int status, StudyVersionRow version, IReadOnlyList<StudyEffectRow> effects, IReadOnlyList<Warning> warnings) =>
        new(status, version.Key, null, null) { Warnings = warnings, CreateRecord = () => StudyQueries.ToRecord(version, effects) with { Warnings = warnings } };

    internal static StudyOutcome Rejected(string key, ProblemKind kind, string detail, params IReadOnlyList<FieldError> errors) =>
        Rejected(key, new Problem(kind, detail, errors));

    internal static StudyOutcome Rejected(string key, Problem problem) => new(problem.Kind.Status, key, null, problem);
}

/// <summary>The caller of a write.</summary>
/// <param name="Tenant">Tenant of the caller, which owns what it submits.</param>
/// <param name="Actor">Id of the key, or issuer and subject of the token; empty without one.</param>
/// <param name="IsOperator">Whether the caller may change studies of other tenants.</param>
/// <param name="IsReviewer">Whether the caller sees and decides on pending studies of other tenants.</param>
/// <param name="RequiresReview">Whether submitted studies wait for a review.</param>
internal sealed record Submitter(string Tenant, string Actor = "", bool IsOperator = false, bool IsReviewer = false, bool RequiresReview = false)
{
    public StudyViewer Viewer => new(Tenant, SeesAll: IsOperator || IsReviewer);
}

/// <summary>Writes studies in a write transaction. All checks run within it, so that none can be stale.</summary>
/// <remarks>A pending version moves neither the evidence nor what others see. Until it is accepted, the accepted version before it stays in the evidence.
/// </remarks>
internal static class StudyStore
{
    /// <summary>201 for a new study; 200 if the content is already stored; 409 for other content under the same key or an effect of another study. The key of a
    /// rejected study is free, and that of a returned one takes a new version of its tenant.</summary>
    public static StudyOutcome Submit(WriteTransaction transaction, Study study, Submitter submitter)
    {
        var claims = submitter.RequiresReview ? EffectClaims.Compare(transaction, study) : EffectClaims.ClaimNew(transaction, study);
        var latest = claims.ClaimedAll ? null : StudyQueries.Latest(transaction.Connection, study.Key);
        if (latest is null)
        {
            return StoreNew(transaction, study, submitter, claims);
        }

        if (FindVisible(transaction, latest, submitter) is { } visible && visible.ContentHash == study.ContentHash
            && visible.Status != StudyStatus.Retracted)
        {
            return new(StatusCodes.Status200OK, study.Key, visible, null);
        }

        if (latest.Status == StudyStatus.Returned && latest.Tenant == submitter.Tenant
            || latest.Status == StudyStatus.Rejected && !StudyQueries.WasAccepted(transaction.Connection, study.Key))
        {
            return StoreNextVersion(transaction, study, submitter.Tenant, submitter, latest.Version + 1, StatusCodes.Status201Created);
        }

        return latest.Status == StudyStatus.Retracted && latest.Tenant == submitter.Tenant
            ? StudyOutcome.Rejected(study.Key, ProblemKind.Conflict,
                $"Study '{study.Key}' was retracted. To bring it back, send it with PUT and its current ETag.")
            : KeyTaken(study.Key);
    }

    /// <summary>200 with a new version; unchanged content creates none.</summary>
    public static StudyOutcome Replace(WriteTransaction transaction, Study study, Submitter submitter, Func<string, Problem?> precondition)
    {
        var latest = StudyQueries.Latest(transaction.Connection, study.Key);
        if (CheckWritable(transaction, study.Key, latest, submitter, precondition) is { } rejection)
        {
            return rejection;
        }

        return latest!.Status != StudyStatus.Retracted && latest.ContentHash == study.ContentHash
            ? new(StatusCodes.Status200OK, study.Key, latest, null)
            : StoreNextVersion(transaction, study, latest.Tenant, submitter, latest.Version + 1, StatusCodes.Status200OK);
    }

    /// <summary>204: retracts a study from all later analyses; its history is kept.</summary>
    public static StudyOutcome Retract(WriteTransaction transaction, string key, Submitter submitter, Func<string, Problem?> precondition)
    {
        var latest = StudyQueries.Latest(transaction.Connection, key);
        if (CheckWritable(transaction, key, latest, submitter, precondition) is { } rejection)
        {
            return rejection;
        }

        if (latest!.Status == StudyStatus.Retracted)
        {
            return StudyOutcome.Rejected(key, new Problem(ProblemKind.Gone) { ETag = latest.ETag });
        }

        // The public version is retracted, not what waits for a review.
        var accepted = StudyQueries.AcceptedRows(transaction.Connection, key);
        var (version, effects) = accepted ?? StudyQueries.LatestRows(transaction.Connection, key);
        EffectClaims.Release(transaction, key);
        var retracted = Next(version, latest.Version + 1, StudyStatus.Retracted, moves: accepted is not null, submitter)
            .Insert(transaction, ChangeKind.Retracted, effects);
        return StudyOutcome.Stored(StatusCodes.Status204NoContent, retracted, effects, []);
    }

    /// <summary>The version after another one, made by a caller.</summary>
    internal static StudyVersionRow Next(StudyVersionRow row, long version, StudyStatus status, bool moves, Submitter submitter, string? reason = null) =>
        row with
        {
            Version = version,
            Status = EnumNames<StudyStatus>.Of(status),
            Moved = moves ? 1 : 0,
            ChangedBy = submitter.Tenant,
            Actor = submitter.Actor,
            Reason = reason,
        };

    internal static StudyOutcome DuplicateEffects(string key, IReadOnlyList<FieldError> duplicates) => StudyOutcome.Rejected(key, ProblemKind.Conflict,
        "An effect with the same sample, outcome type, raters, measures, scales, level and timing is stored already.", duplicates);

    // The same for every study, so that it does not tell whose it is and whether it waits for a review.
    private static StudyOutcome KeyTaken(string key) => StudyOutcome.Rejected(key, ProblemKind.Conflict,
        $"The key '{key}' is taken. To change a study of your own, send PUT with its current ETag.",
        new FieldError("#/key", "keyTaken", "is the key of another study"));

    private static StudyOutcome? CheckWritable(WriteTransaction transaction, string key, StudyRecord? latest, Submitter submitter,
        Func<string, Problem?> precondition)
    {
        var visible = latest is null ? null : FindVisible(transaction, latest, submitter);
        if (visible is null)
        {
            return StudyOutcome.Rejected(key, ProblemKind.NotFound, $"There is no study '{key}'.");
        }

        if (latest!.Tenant != submitter.Tenant && !submitter.IsOperator)
        {
            // After a rejection another tenant has the key.
            return visible.Tenant == submitter.Tenant ? KeyTaken(key)
                : StudyOutcome.Rejected(key, ProblemKind.Forbidden, "The study belongs to another tenant.");
        }

        return precondition(latest.ETag) is { } problem ? StudyOutcome.Rejected(key, problem) : null;
    }

    private static StudyRecord? FindVisible(WriteTransaction transaction, StudyRecord latest, Submitter submitter) =>
        submitter.Viewer is var viewer && viewer.SurelySees(latest) ? latest : StudyQueries.Find(transaction.Connection, latest.Key, viewer);

    // A rejected new study releases its claims.
    internal static StudyOutcome StoreNew(WriteTransaction transaction, Study study, Submitter submitter, EffectClaims claims)
    {
        var outcome = Store(transaction, study, submitter.Tenant, submitter, 1, ChangeKind.Submitted, StatusCodes.Status201Created, claims);
        if (!submitter.RequiresReview && !outcome.IsAccepted)
        {
            EffectClaims.Release(transaction, study.Key);
        }

        return outcome;
    }

    // A rejected new version restores the claims of the previous version.
    private static StudyOutcome StoreNextVersion(WriteTransaction transaction, Study study, string owner, Submitter submitter, long version, int status) =>
        transaction.InSavepoint(() => Store(transaction, study, owner, submitter, version,
                status == StatusCodes.Status201Created ? ChangeKind.Submitted : ChangeKind.Replaced, status,
                submitter.RequiresReview ? EffectClaims.Compare(transaction, study) : EffectClaims.Renew(transaction, study)),
            commitIf: outcome => outcome.IsAccepted);

    private static StudyOutcome Store(WriteTransaction transaction, Study study, string owner, Submitter submitter, long version, ChangeKind kind,
        int status, EffectClaims claims)
    {
        if (SiteSummaryConflicts.FindSessionDuplicates(transaction, study, owner) is { Count: > 0 } posted)
        {
            return StudyOutcome.Rejected(study.Key, Problem.Invalid(posted));
        }

        if (claims.FindDuplicates() is { Count: > 0 } duplicates)
        {
            return DuplicateEffects(study.Key, duplicates);
        }

        StudyEffectRow[] effects = [.. study.Effects.Select(StudyEffectRow.From)];
        var listing = StudyListing.Of(study.Request);
        var written = Next(new(study.Key, version, owner, 0, "", "", study.Content, study.ContentHash, null, 0, null, null, null,
                listing.Kind, listing.Year, listing.Search), version,
            submitter.RequiresReview ? StudyStatus.Pending : StudyStatus.Accepted, moves: !submitter.RequiresReview, submitter)
            .Insert(transaction, kind, effects);
        return StudyOutcome.Stored(status, written, effects,
        [
            .. claims.Overlaps, .. EffectNotes.Warnings([.. study.Effects.Select(e => e.Stored?.Notes ?? [])], i => study.Effects[i].Request.Key),
            .. InstrumentWarnings.Of(study),
        ]);
    }
}
