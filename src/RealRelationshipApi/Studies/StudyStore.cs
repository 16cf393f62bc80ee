using System.Data;

using Dapper;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Studies;

/// <summary>What came of a write: a status with the study as it now stands, or the problem that kept it out.</summary>
public sealed record StudyOutcome(int Status, string Key, StudyRecord? Study, Problem? Problem)
{
    public bool IsAccepted => Problem is null;

    /// <summary>The study as it now stands; made of what was written when it is asked for, on the thread of who asks.</summary>
    public StudyRecord? Study
    {
        get => field ??= CreateRecord?.Invoke();
        init;
    } = Study;

    /// <summary>What the sender should look at.</summary>
    public IReadOnlyList<Warning> Warnings { get; private init; } = [];

    private Func<StudyRecord>? CreateRecord { get; init; }

    internal static StudyOutcome Stored(int status, StudyVersionRow version, IReadOnlyList<StudyEffectRow> effects, IReadOnlyList<Warning> warnings) =>
        new(status, version.Key, null, null) { Warnings = warnings, CreateRecord = () => StudyQueries.ToRecord(version, effects) with { Warnings = warnings } };

    internal static StudyOutcome Rejected(string key, ProblemKind kind, string detail, params IReadOnlyList<FieldError> errors) =>
        Rejected(key, new Problem(kind, detail, errors));

    internal static StudyOutcome Rejected(string key, Problem problem) => new(problem.Kind.Status, key, null, problem);
}

/// <summary>Who writes: a tenant, whether it may change what belongs to others, and whether what it writes waits for review.</summary>
public sealed record Submitter(string Tenant, bool IsAdmin, bool RequiresReview = false)
{
    internal StudyStatus InitialStatus => RequiresReview ? StudyStatus.Pending : StudyStatus.Accepted;
}

/// <summary>Writes studies, inside the writer's transaction. Every check is made there, so that none can be out of date.</summary>
public static class StudyStore
{
    private const string IsStoredSql = "EXISTS (SELECT 1 FROM study_version WHERE study_key = @Key)";

    private const string ClaimNewSql = $"{ClaimSql} WHERE NOT {IsStoredSql} {UnlessTakenSql}";

    private const string ClaimAgainSql = $"{ClaimSql} WHERE {IsStoredSql} {UnlessTakenSql}";

    private const string ClaimSql =
        "INSERT INTO current_effect (identity, study_key, effect_key, sample, n, country, year) SELECT @Identity, @Key, @EffectKey, @Sample, @N, @Country, "
            + "@Year";

    private const string UnlessTakenSql = "ON CONFLICT (identity) DO NOTHING";

    private const string ReleaseClaimsSql = "DELETE FROM current_effect WHERE study_key = @key";

    /// <summary>A new study: 201; the same again: 200; the key with other content, or an effect that another study reports already: 409.</summary>
    public static StudyOutcome Submit(WriteTransaction transaction, Study study, Submitter submitter)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(study);
        var claims = new EffectClaims(transaction.Connection, study, ClaimNewSql);
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

    /// <summary>A new version of a study: 200; unchanged content makes none.</summary>
    public static StudyOutcome Replace(WriteTransaction transaction, Study study, Submitter submitter, Func<string, Problem?> precondition)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(study);
        var current = StudyQueries.Current(transaction.Connection, study.Key);
        if (CheckWritable(study.Key, current, submitter, precondition) is { } rejection)
        {
            return rejection;
        }

        return current!.Status != StudyStatus.Retracted && current.ContentHash == study.ContentHash
            ? new(StatusCodes.Status200OK, study.Key, current, null)
            : StoreNextVersion(transaction, study, current.Tenant, submitter.InitialStatus, current.Version + 1);
    }

    /// <summary>Takes a study out of every later pool; its history stays: 204.</summary>
    public static StudyOutcome Retract(WriteTransaction transaction, string key, Submitter submitter, Func<string, Problem?> precondition)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var current = StudyQueries.Current(transaction.Connection, key);
        if (CheckWritable(key, current, submitter, precondition) is { } rejection)
        {
            return rejection;
        }

        if (current!.Status == StudyStatus.Retracted)
        {
            return StudyOutcome.Rejected(key, new Problem(ProblemKind.Gone) { ETag = current.ETag });
        }

        transaction.Connection.Enqueue(ReleaseClaimsSql, new { key });
        var (version, effects) = StudyQueries.CurrentRows(transaction.Connection, key);
        var retracted = (version with { Version = version.Version + 1, Status = EnumNames<StudyStatus>.Of(StudyStatus.Retracted) }).Insert(transaction,
            ChangeKind.Retracted, effects);
        return StudyOutcome.Stored(StatusCodes.Status204NoContent, retracted, effects, []);
    }

    /// <summary>Lets a study that waits into the pool, as a version of its own: 200; one that is there already stays as it is.</summary>
    public static StudyOutcome Accept(WriteTransaction transaction, string key, string reviewer, Func<string, Problem?> precondition)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(precondition);
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

    // A new study that is refused gives back what it claimed.
    private static StudyOutcome StoreNew(WriteTransaction transaction, Study study, Submitter submitter, EffectClaims claims)
    {
        var outcome = Store(transaction, study, submitter.Tenant, submitter.InitialStatus, 1, ChangeKind.Submitted, StatusCodes.Status201Created, claims);
        if (!outcome.IsAccepted)
        {
            transaction.Connection.Enqueue(ReleaseClaimsSql, new { key = study.Key });
        }

        return outcome;
    }

    // Of a new version that is refused the claims of the one before come back, too.
    private static StudyOutcome StoreNextVersion(WriteTransaction transaction, Study study, string tenant, StudyStatus studyStatus, long version) =>
        transaction.InSavepoint(() =>
    {
        transaction.Connection.Enqueue(ReleaseClaimsSql, new { key = study.Key });
        return Store(transaction, study, tenant, studyStatus, version, ChangeKind.Replaced, StatusCodes.Status200OK,
            new(transaction.Connection, study, ClaimAgainSql));
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
        return StudyOutcome.Stored(status, written, effects, [.. claims.Overlaps]);
    }

    /// <summary>Claims the identity of each effect; the unique key decides, so that two writers can never both have it.</summary>
    private sealed class EffectClaims
    {
        private readonly IDbConnection _connection;
        private readonly IReadOnlyList<(StudyEffect Effect, PendingRows<int> Claimed)> _claims;

        public EffectClaims(IDbConnection connection, Study study, string claim)
        {
            _connection = connection;
            Overlaps = SampleOverlaps.QueryWarnings(connection, study);
            _claims = study.Request.Kind == StudyKind.Reference ? [] : [.. study.Effects.Select(effect => (effect, connection.EnqueueUpdate(claim, new
            {
                effect.Identity, study.Key, EffectKey = effect.Request.Key, effect.Request.Sample, effect.Stored?.N, study.Request.Country,
                study.Request.Citation.Year,
            })))];
        }

        /// <summary>Samples that are, or look like, those of others.</summary>
        public IEnumerable<Warning> Overlaps { get; }

        /// <summary>Whether there was something to claim, and nobody had any of it: then a new study is new.</summary>
        public bool ClaimedAll => _claims.Count > 0 && _claims.All(c => c.Claimed.Rows is not [0]);

        /// <summary>The effects that somebody has already.</summary>
        public IReadOnlyList<FieldError> FindDuplicates() => [.. _claims.Where(c => c.Claimed.Rows is [0]).Select(c => c.Effect)
            .Select(effect => new FieldError($"#/effects/{effect.Position}", "duplicateEffect", $"is the same effect as {HolderOf(effect)}"))];

        private string HolderOf(StudyEffect effect) => _connection.QuerySingle<string>(
            "SELECT study_key || '/' || effect_key FROM current_effect WHERE identity = @Identity", new { effect.Identity });
    }
}
