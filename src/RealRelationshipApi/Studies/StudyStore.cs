using Dapper;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
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

/// <summary>The submitting tenant, whether it may change studies of others, and whether its studies need a review.</summary>
internal sealed record Submitter(string Tenant, bool IsAdmin, bool RequiresReview = false)
{
    internal StudyStatus InitialStatus => RequiresReview ? StudyStatus.Pending : StudyStatus.Accepted;
}

/// <summary>Writes studies in a write transaction. All checks run within it, so that none can be stale.</summary>
internal static class StudyStore
{
    private const string IsStoredSql = "EXISTS (SELECT 1 FROM study_version WHERE study_key = @Key)";

    private const string ClaimNewSql = $"{ClaimSql} WHERE NOT {IsStoredSql} {UnlessTakenSql}";

    private const string ClaimAgainSql = $"{ClaimSql} WHERE {IsStoredSql} {UnlessTakenSql}";

    private const string ClaimSql =
        "INSERT INTO current_effect (identity, study_key, effect_key, sample, n, country, year) SELECT @Identity, @Key, @EffectKey, @Sample, @N, @Country, "
            + "@Year";

    private const string UnlessTakenSql = "ON CONFLICT (identity) DO NOTHING";

    private const string ReleaseClaimsSql = "DELETE FROM current_effect WHERE study_key = @key";

    /// <summary>201 for a new study; 200 if the content is already stored; 409 for other content under the same key or an effect of another study.</summary>
    public static StudyOutcome Submit(WriteTransaction transaction, Study study, Submitter submitter)
    {
        var claims = new EffectClaims(transaction, study, ClaimNewSql);
        var current = claims.ClaimedAll ? null : StudyQueries.Current(transaction.Connection, study.Key);
        return current switch
        {
            null => StoreNew(transaction, study, submitter, claims),
            { Status: StudyStatus.Retracted } => StudyOutcome.Rejected(study.Key, ProblemKind.Conflict,
                $"Study '{study.Key}' was retracted. To bring it back, send it with PUT and its current ETag."),
            _ when current.ContentHash == study.ContentHash => new(StatusCodes.Status200OK, study.Key, current, null),
            _ => StudyOutcome.Rejected(study.Key, ProblemKind.Conflict,
                $"Another study has the key '{study.Key}'. To change it, send PUT with its current ETag."),
        };
    }

    /// <summary>200 with a new version; unchanged content creates none.</summary>
    public static StudyOutcome Replace(WriteTransaction transaction, Study study, Submitter submitter, Func<string, Problem?> precondition)
    {
        var current = StudyQueries.Current(transaction.Connection, study.Key);
        if (CheckWritable(study.Key, current, submitter, precondition) is { } rejection)
        {
            return rejection;
        }

        return current!.Status != StudyStatus.Retracted && current.ContentHash == study.ContentHash
            ? new(StatusCodes.Status200OK, study.Key, current, null)
            : StoreNextVersion(transaction, study, current.Tenant, submitter.InitialStatus, current.Version + 1);
    }

    /// <summary>204: retracts a study from all later analyses; its history is kept.</summary>
    public static StudyOutcome Retract(WriteTransaction transaction, string key, Submitter submitter, Func<string, Problem?> precondition)
    {
        var current = StudyQueries.Current(transaction.Connection, key);
        if (CheckWritable(key, current, submitter, precondition) is { } rejection)
        {
            return rejection;
        }

        if (current!.Status == StudyStatus.Retracted)
        {
            return StudyOutcome.Rejected(key, new Problem(ProblemKind.Gone) { ETag = current.ETag });
        }

        transaction.Enqueue(ReleaseClaimsSql, new { key });
        var (version, effects) = StudyQueries.CurrentRows(transaction.Connection, key);
        var retracted = (version with { Version = version.Version + 1, Status = EnumNames<StudyStatus>.Of(StudyStatus.Retracted) }).Insert(transaction,
            ChangeKind.Retracted, effects);
        return StudyOutcome.Stored(StatusCodes.Status204NoContent, retracted, effects, []);
    }

    /// <summary>200: accepts a pending study as a new version; an accepted one is left unchanged.</summary>
    public static StudyOutcome Accept(WriteTransaction transaction, string key, string reviewer, Func<string, Problem?> precondition)
    {
        var current = StudyQueries.Current(transaction.Connection, key);
        if (current is null)
        {
            return StudyOutcome.Rejected(key, ProblemKind.NotFound, $"There is no study '{key}'.");
        }

        if (current.Status == StudyStatus.Retracted)
        {
            return StudyOutcome.Rejected(key, new Problem(ProblemKind.Gone) { ETag = current.ETag });
        }

        if (precondition(current.ETag) is { } problem)
        {
            return StudyOutcome.Rejected(key, problem);
        }

        if (current.Status == StudyStatus.Accepted)
        {
            return new(StatusCodes.Status200OK, key, current, null);
        }

        var (version, effects) = StudyQueries.CurrentRows(transaction.Connection, key);
        var accepted = (version with { Version = version.Version + 1, Status = EnumNames<StudyStatus>.Of(StudyStatus.Accepted) }).Insert(transaction,
            ChangeKind.Reviewed, effects, reviewer);
        return StudyOutcome.Stored(StatusCodes.Status200OK, accepted, effects, []);
    }

    private static StudyOutcome? CheckWritable(string key, StudyRecord? current, Submitter submitter, Func<string, Problem?> precondition)
    {
        if (current is null)
        {
            return StudyOutcome.Rejected(key, ProblemKind.NotFound, $"There is no study '{key}'.");
        }

        if (current.Tenant != submitter.Tenant && !submitter.IsAdmin)
        {
            return StudyOutcome.Rejected(key, ProblemKind.Forbidden, "The study belongs to another tenant.");
        }

        return precondition(current.ETag) is { } problem ? StudyOutcome.Rejected(key, problem) : null;
    }

    // A rejected new study releases its claims.
    private static StudyOutcome StoreNew(WriteTransaction transaction, Study study, Submitter submitter, EffectClaims claims)
    {
        var outcome = Store(transaction, study, submitter.Tenant, submitter.InitialStatus, 1, ChangeKind.Submitted, StatusCodes.Status201Created, claims);
        if (!outcome.IsAccepted)
        {
            transaction.Enqueue(ReleaseClaimsSql, new { key = study.Key });
        }

        return outcome;
    }

    // A rejected new version restores the claims of the previous version.
    private static StudyOutcome StoreNextVersion(WriteTransaction transaction, Study study, string tenant, StudyStatus studyStatus, long version) =>
        transaction.InSavepoint(() =>
    {
        transaction.Enqueue(ReleaseClaimsSql, new { key = study.Key });
        return Store(transaction, study, tenant, studyStatus, version, ChangeKind.Replaced, StatusCodes.Status200OK,
            new(transaction, study, ClaimAgainSql));
    }, commitIf: outcome => outcome.IsAccepted);

    private static StudyOutcome Store(WriteTransaction transaction, Study study, string tenant, StudyStatus studyStatus, long version, ChangeKind kind,
        int status, EffectClaims claims)
    {
        if (SiteSummaryConflicts.FindSessionDuplicates(transaction, study, tenant) is { Count: > 0 } posted)
        {
            return StudyOutcome.Rejected(study.Key, Problem.Invalid(posted));
        }

        if (claims.FindDuplicates() is { Count: > 0 } duplicates)
        {
            return StudyOutcome.Rejected(study.Key, ProblemKind.Conflict,
                "An effect with the same sample, outcome type, raters, measures, scale, level and timing is stored already.", duplicates);
        }

        StudyEffectRow[] effects = [.. study.Effects.Select(StudyEffectRow.From)];
        var written = new StudyVersionRow(study.Key, version, tenant, 0, "", EnumNames<StudyStatus>.Of(studyStatus), study.Content, study.ContentHash, null)
            .Insert(transaction, kind, effects);
        return StudyOutcome.Stored(status, written, effects, [.. claims.Overlaps, .. EffectNotes.Warnings([.. study.Effects.Select(e => e.Stored?.Notes ?? [])],
            i => study.Effects[i].Request.Key)]);
    }

    /// <summary>Claims the identity of each effect by a unique key, so that no two studies can have the same effect.</summary>
    private sealed class EffectClaims
    {
        private readonly WriteTransaction _transaction;
        private readonly IReadOnlyList<(StudyEffect Effect, QueuedResult<int> Claimed)> _claims;

        public EffectClaims(WriteTransaction transaction, Study study, string claim)
        {
            _transaction = transaction;
            Overlaps = SampleOverlaps.QueryWarnings(transaction, study);
            _claims = study.Request.Kind == StudyKind.Reference ? [] : [.. study.Effects.Select(effect => (effect, transaction.EnqueueUpdate(claim, new
            {
                effect.Identity, study.Key, EffectKey = effect.Request.Key, effect.Request.Sample, effect.Stored?.N, study.Request.Country,
                study.Request.Citation.Year,
            })))];
        }

        /// <summary>Warnings about samples that may overlap with those of other studies.</summary>
        public IEnumerable<Warning> Overlaps { get; }

        /// <summary>Whether there were claims and all succeeded, so that the study is new.</summary>
        public bool ClaimedAll => _claims.Count > 0 && _claims.All(c => c.Claimed.Value > 0);

        /// <summary>One error for each effect that another study has.</summary>
        public IReadOnlyList<FieldError> FindDuplicates() => [.. _claims.Where(c => c.Claimed.Value == 0).Select(c => c.Effect)
            .Select(effect => new FieldError($"#/effects/{effect.Position}", "duplicateEffect", $"is the same effect as {HolderOf(effect)}"))];

        private string HolderOf(StudyEffect effect) => _transaction.Connection.QuerySingle<string>(
            "SELECT study_key || '/' || effect_key FROM current_effect WHERE identity = @Identity", new { effect.Identity });
    }
}
