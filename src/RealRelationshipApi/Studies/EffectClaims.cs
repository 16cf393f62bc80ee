using Dapper;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Studies;

/// <summary>The identity of each effect of accepted studies, claimed by a unique key, so that no two studies can have the same effect.</summary>
/// <remarks>Studies that wait for a review claim nothing; they are compared with accepted ones on submission and again on acceptance.</remarks>
internal sealed class EffectClaims
{
    private const string IsStoredSql = "EXISTS (SELECT 1 FROM study_version WHERE study_key = @Key)";

    private const string ClaimSql =
        "INSERT INTO current_effect (identity, study_key, effect_key, sample, n, country, year) SELECT @Identity, @Key, @EffectKey, @Sample, @N, @Country, "
            + "@Year";

    private const string UnlessTakenSql = "ON CONFLICT (identity) DO NOTHING";

    private const string ClaimNewSql = $"{ClaimSql} WHERE NOT {IsStoredSql} {UnlessTakenSql}";

    private const string ClaimAgainSql = $"{ClaimSql} WHERE {IsStoredSql} {UnlessTakenSql}";

    private const string ReleaseOneSql = "DELETE FROM current_effect WHERE identity = @Identity";

    private const string ReleaseSql = "DELETE FROM current_effect WHERE study_key = @key";

    private readonly WriteTransaction _transaction;
    private readonly Study _study;
    private readonly IReadOnlyList<(StudyEffect Effect, QueuedResult<int> Claimed)>? _claims;

    // Without a statement nothing is claimed.
    private EffectClaims(WriteTransaction transaction, Study study, string? claim)
    {
        (_transaction, _study) = (transaction, study);
        _claims = claim is null ? null : study.Request.Kind == StudyKind.Reference ? []
            : [.. study.Effects.Select(effect => (effect, transaction.EnqueueClaim(claim, new
            {
                effect.Identity, study.Key, EffectKey = effect.Request.Key, effect.Request.Sample, effect.Stored?.N, study.Request.Country,
                Year = study.Request.Citation.Year ?? 0,
            })))];
        Overlaps = SampleOverlaps.QueryWarnings(transaction, study);
    }

    /// <summary>Claims the effects of a study, unless its key is stored.</summary>
    public static EffectClaims ClaimNew(WriteTransaction transaction, Study study) => new(transaction, study, ClaimNewSql);

    /// <summary>Claims nothing: for a study that waits for a review.</summary>
    public static EffectClaims Compare(WriteTransaction transaction, Study study) => new(transaction, study, claim: null);

    /// <summary>Claims the effects of a stored study, in place of those of its accepted version.</summary>
    public static EffectClaims Renew(WriteTransaction transaction, Study study)
    {
        Release(transaction, study.Key);
        return new(transaction, study, ClaimAgainSql);
    }

    public static void Release(WriteTransaction transaction, string key) => transaction.Enqueue(ReleaseSql, new { key });

    /// <summary>Removes the claims of these that succeeded.</summary>
    public void ReleaseClaimed()
    {
        foreach (var (effect, _) in _claims!.Where(c => c.Claimed.Value > 0))
        {
            _transaction.Enqueue(ReleaseOneSql, new { effect.Identity });
        }
    }

    /// <summary>Warnings about samples that may overlap with those of other studies.</summary>
    public IEnumerable<Warning> Overlaps { get; }

    /// <summary>Whether there were claims and all succeeded, so that the study is new.</summary>
    public bool ClaimedAll => _claims is { Count: > 0 } && _claims.All(c => c.Claimed.Value > 0);

    /// <summary>One error for each effect that another accepted study has, or that the study has twice.</summary>
    public IReadOnlyList<FieldError> FindDuplicates() => _claims is null ? CompareWithAccepted()
        : [.. _claims.Where(c => c.Claimed.Value == 0).Select(c => Duplicate(c.Effect, HolderOf(_transaction, c.Effect)!))];

    private IReadOnlyList<FieldError> CompareWithAccepted()
    {
        if (_study.Request.Kind == StudyKind.Reference)
        {
            return [];
        }

        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        var errors = new List<FieldError>();
        foreach (var effect in _study.Effects)
        {
            var holder = HolderOf(_transaction, effect);
            if (!own.TryAdd(effect.Identity, $"{_study.Key}/{effect.Request.Key}"))
            {
                errors.Add(Duplicate(effect, own[effect.Identity]));
            }
            else if (holder is not null && !holder.StartsWith($"{_study.Key}/", StringComparison.Ordinal))
            {
                errors.Add(Duplicate(effect, holder));
            }
        }

        return errors;
    }

    private static FieldError Duplicate(StudyEffect effect, string holder)
    {
        var reported = effect.Request;
        string[] absent =
        [
            .. reported.RelationshipScale is null ? ["relationshipScale"] : Array.Empty<string>(),
            .. reported.OutcomeScale is null ? ["outcomeScale"] : Array.Empty<string>(),
            .. reported.Timing is null ? ["timing"] : Array.Empty<string>(),
        ];
        return new($"#/effects/{effect.Position}", "duplicateEffect", $"is the same effect as {holder}. If it is another one, tell the two apart by "
            + (absent.Length == 0 ? "sample" : $"{string.Join(", ", absent)}, or by sample for other people"));
    }

    private static string? HolderOf(WriteTransaction transaction, StudyEffect effect) => transaction.Connection.QuerySingleOrDefault<string>(
        "SELECT study_key || '/' || effect_key FROM current_effect WHERE identity = @Identity", new { effect.Identity });
}
