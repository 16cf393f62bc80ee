using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

/// <summary>A stored version of a study.</summary>
internal sealed record StudyVersionRow(string Key, long Version, string Tenant, long Evidence, string RecordedAt, string Status, string Content,
    string ContentHash, byte[]? RowHash)
{
    private const string InsertVersionSql = """
        INSERT INTO study_version (study_key, version, tenant, evidence, recorded_at, status, content, content_hash, row_hash)
        VALUES (@Key, @Version, @Tenant, @Evidence, @RecordedAt, @Status, @Content, @ContentHash, @RowHash)
        """;

    private const string InsertEffectSql = """
        INSERT INTO study_effect (study_key, version, position, effect_key, yi, vi, n, converted, approximate, turned, formula)
        VALUES (@Key, @Version, @Position, @EffectKey, @Yi, @Vi, @N, @Converted, @Approximate, @Turned, @Formula)
        """;

    /// <summary>Stores the version with its effects as the next evidence change.</summary>
    /// <param name="transaction">The write transaction.</param>
    /// <param name="kind">Kind of change.</param>
    /// <param name="effects">Effects of the version, in order.</param>
    /// <param name="changedBy">The tenant that made the change, if not the owner.</param>
    /// <returns>The stored row.</returns>
    public StudyVersionRow Insert(WriteTransaction transaction, ChangeKind kind, IReadOnlyList<StudyEffectRow> effects, string? changedBy = null)
    {
        var row = this;
        transaction.RecordEvidenceChange(changedBy ?? Tenant, kind, Key, Version, recorded =>
        {
            row = this with { Evidence = recorded.Evidence, RecordedAt = recorded.RecordedAt };
            row = row with { RowHash = row.ComputeHash(transaction.CreateHash(KeyPurposes.StudyVersion), effects) };
            return row.RowHash;
        });
        transaction.Enqueue(InsertVersionSql, row);
        foreach (var effect in effects)
        {
            transaction.Enqueue(InsertEffectSql, effect with { Key = Key, Version = Version });
        }

        return row;
    }

    public byte[] ComputeHash(KeyedHash hash, IEnumerable<StudyEffectRow> effects)
    {
        hash.Add(Key).Add(Version).Add(Tenant).Add(Evidence).Add(RecordedAt).Add(Status).Add(Content);
        foreach (var effect in effects)
        {
            hash.Add(effect.Position).Add(effect.EffectKey).Add(effect.Yi).Add(effect.Vi).Add(effect.N)
                .Add(effect.Converted).Add(effect.Approximate).Add(effect.Turned).Add(effect.Formula);
        }

        return hash.Finish();
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
