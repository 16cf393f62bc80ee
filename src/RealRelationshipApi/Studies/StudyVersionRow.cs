using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Search;

namespace RealRelationshipApi.Studies;

/// <summary>A stored version of a study.</summary>
/// <param name="Key">Key of the study.</param>
/// <param name="Version">Number of the version, from 1.</param>
/// <param name="Tenant">Owner of the study.</param>
/// <param name="Evidence">Evidence revision after the change.</param>
/// <param name="RecordedAt">UTC timestamp of the change.</param>
/// <param name="Status">Name of its <see cref="StudyStatus"/>.</param>
/// <param name="Content">Canonical JSON of the study.</param>
/// <param name="ContentHash">SHA-256 of the content in hexadecimal.</param>
/// <param name="RowHash">Keyed hash of the row and its effects.</param>
/// <param name="Moved">1 if the version moved the evidence, and is public; 0 for pending and rejected ones.</param>
/// <param name="ChangedBy">Tenant that made the version; null in rows of release 0.1.</param>
/// <param name="Actor">Id of the key, or issuer and subject of the token, that made the version; empty without one.</param>
/// <param name="Reason">Reason of a review.</param>
/// <param name="Kind">Kind of the study, for lists.</param>
/// <param name="Year">Year of publication, for lists.</param>
/// <param name="Search">What <c>q</c> of lists searches; see <see cref="StudyListing"/>.</param>
internal sealed record StudyVersionRow(string Key, long Version, string Tenant, long Evidence, string RecordedAt, string Status, string Content,
    string ContentHash, byte[]? RowHash, long Moved, string? ChangedBy, string? Actor, string? Reason, string? Kind, long? Year, string? Search)
{
    private const string InsertVersionSql = """
        INSERT INTO study_version (study_key, version, tenant, evidence, recorded_at, status, content, content_hash, row_hash, moved,
          changed_by, actor, reason, kind, year, search)
        VALUES (@Key, @Version, @Tenant, @Evidence, @RecordedAt, @Status, @Content, @ContentHash, @RowHash, @Moved,
          @ChangedBy, @Actor, @Reason, @Kind, @Year, @Search)
        """;

    private const string InsertEffectSql = """
        INSERT INTO study_effect (study_key, version, position, effect_key, yi, vi, n, converted, approximate, turned, formula)
        VALUES (@Key, @Version, @Position, @EffectKey, @Yi, @Vi, @N, @Converted, @Approximate, @Turned, @Formula)
        """;

    /// <summary>Stores the version with its effects, as the next change of the evidence if it moves that.</summary>
    /// <param name="transaction">The write transaction.</param>
    /// <param name="kind">Kind of change.</param>
    /// <param name="effects">Effects of the version, in order.</param>
    /// <returns>The stored row.</returns>
    public StudyVersionRow Insert(WriteTransaction transaction, ChangeKind kind, IReadOnlyList<StudyEffectRow> effects)
    {
        var row = this;
        var tenant = ChangedBy ?? Tenant;
        _ = Moved == 1 ? transaction.RecordEvidenceChange(tenant, kind, Key, Version, ComputeHash)
            : transaction.RecordChange(tenant, kind, Key, Version, ComputeHash);
        transaction.EnqueueRow(InsertVersionSql, row);
        foreach (var effect in effects)
        {
            transaction.EnqueueRow(InsertEffectSql, effect with { Key = Key, Version = Version });
        }

        return row;

        byte[] ComputeHash(ChangePosition recorded)
        {
            row = this with { Evidence = recorded.Evidence, RecordedAt = recorded.RecordedAt };
            row = row with { RowHash = row.ComputeHash(transaction.CreateHash(KeyPurposes.StudyVersion), effects) };
            return row.RowHash;
        }
    }

    public byte[] ComputeHash(KeyedHash hash, IEnumerable<StudyEffectRow> effects)
    {
        hash.Add(Key).Add(Version).Add(Tenant).Add(Evidence).Add(RecordedAt).Add(Status).Add(Content);
        foreach (var effect in effects)
        {
            hash.Add(effect.Position).Add(effect.EffectKey).Add(effect.Yi).Add(effect.Vi).Add(effect.N)
                .Add(effect.Converted).Add(effect.Approximate).Add(effect.Turned).Add(effect.Formula);
        }

        // Rows of release 0.1 do not say who made them.
        return (ChangedBy is null ? hash : hash.Add(ChangedBy).Add(Actor).Add(Reason)).Finish();
    }
}

/// <summary>A stored effect of a version.</summary>
internal sealed record StudyEffectRow(string Key, long Version, long Position, string EffectKey, double? Yi, double? Vi, long? N, long Converted,
    long Approximate, long Turned, string? Formula)
{
    /// <summary>Relative difference below which a stored effect counts as converted by the current formula.</summary>
    private const double ConversionTolerance = 0.01;

    public static StudyEffectRow From(StudyEffect effect) =>
        new("", 0, effect.Position, effect.Request.Key, effect.Stored?.Yi, effect.Stored?.Vi, effect.Stored?.N,
        ToInteger(effect.Stored?.Converted), ToInteger(effect.Stored?.Approximate), ToInteger(effect.Stored?.SignReversed), effect.Stored?.Formula);

    /// <summary>The stored effect, with the notes of the current conversion.</summary>
    public StoredEffect? ToStoredEffect(EffectBase reported) => Yi is { } yi
        ? new(yi, Vi!.Value, StoredEffect.Correlation(reported.Statistic, yi, Turned != 0), N, Converted != 0, Approximate != 0, Turned != 0, Formula!)
        {
            Notes = Notes(reported, yi, Vi.Value),
        }
        : null;

    private static IReadOnlyList<string> Notes(EffectBase reported, double yi, double vi)
    {
        // Release 0.1 accepted odds ratios that are rejected today.
        var (today, _) = StatisticConversion.HasPlausibleInterval(reported.Statistic)
            ? StatisticConversion.TryToFisherZ(reported.Statistic, reported.Level, reported.Sessions, "") : (null, null);
        return today is null ? [EffectNotes.SupersededFormula]
            : AreClose(Math.Abs(today.Estimate), Math.Abs(yi)) && AreClose(today.Variance, vi) ? today.Notes
            : [.. today.Notes, EffectNotes.SupersededFormula];
    }

    private static bool AreClose(double a, double b) => Math.Abs(a - b) <= ConversionTolerance * Math.Max(Math.Abs(a), Math.Abs(b));

    private static long ToInteger(bool? value) => value == true ? 1 : 0;
}
