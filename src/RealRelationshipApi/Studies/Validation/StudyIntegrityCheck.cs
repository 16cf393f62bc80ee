using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using Dapper;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Search;

namespace RealRelationshipApi.Studies.Validation;

/// <summary>Verifies all stored versions of studies against the change log, and derived tables against the current versions.</summary>
internal sealed class StudyIntegrityCheck(ChangeLog log) : IntegrityCheck
{
    private const string StudyKinds = $"'{ChangeKinds.Submitted}', '{ChangeKinds.Replaced}', '{ChangeKinds.Retracted}', '{ChangeKinds.Reviewed}'";

    // Instruments have the same kinds, and subjects with a slash.
    private const string EntriesSql = $"""
        SELECT s.number, s.subject AS Key, s.version, s.content_hash AS ContentHash, c.moves FROM change_subject s JOIN change c ON c.number = s.number
        WHERE c.kind IN ({StudyKinds}) AND s.subject NOT LIKE '%/%' AND (s.subject, s.version, s.number) > (@Key, @Version, @Number)
        ORDER BY s.subject, s.version, s.number LIMIT @PageLength
        """;

    private const string ClaimsSql = """
        SELECT identity, study_key AS Key, effect_key AS EffectKey, sample, n, country, year FROM current_effect
        WHERE (study_key, identity) > (@Key, @Identity) ORDER BY study_key, identity LIMIT @PageLength
        """;

    private static readonly Comparer<(string Key, long Version)> s_byVersion =
        Comparer<(string Key, long Version)>.Create(
            (a, b) => string.CompareOrdinal(a.Key, b.Key) is var keys and not 0 ? keys : a.Version.CompareTo(b.Version));

    public override string Name => "the studies";

    public override IReadOnlyList<string> Tables => ["study_version", "study_effect", "current_effect"];

    public override void Run(DbConnection connection, VerificationResult result)
    {
        using var fingerprint = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var entries = StudyQueries.ReadPages<Entry, Entry>(new(0, "", 0, [], 0), entry => entry, after =>
            [.. connection.Query<Entry>(EntriesSql, new { after.Key, after.Version, after.Number, StudyQueries.PageLength })]);
        foreach (var (key, versions, written) in MergeJoin.ByKey(StudyQueries.AllRows(connection), row => (row.Version.Key, row.Version.Version), entries,
            e => (e.Key, e.Version), s_byVersion))
        {
            CheckVersion($"Version {key.Version} of study '{key.Key}'", versions, written, result);
            versions.ForEach(version => fingerprint.AppendData(Encoding.UTF8.GetBytes(ToCanonicalText(version.Version, version.Effects))));
        }

        CheckClaims(connection, result);
        result.AddFact("evidence", "sha256:" + Convert.ToHexStringLower(fingerprint.GetHashAndReset()));
    }

    private void CheckVersion(string name, List<(StudyVersionRow Row, IReadOnlyList<StudyEffectRow> Effects)> versions, List<Entry> written,
        VerificationResult result)
    {
        if (versions.Count == 0)
        {
            result.AddError($"{name} is missing: change {written[0].Number} wrote it.");
        }
        else if (written.Count == 0)
        {
            result.AddError($"{name} is stored, but the log knows nothing of it.");
        }
        else if (!versions[0].Row.ComputeHash(log.CreateHash(KeyPurposes.StudyVersion), versions[0].Effects).AsSpan().SequenceEqual(written[0].ContentHash))
        {
            result.AddError($"{name} is not what change {written[0].Number} wrote: it or one of its effects was edited.");
        }
        else if (versions[0].Row is var row && !written[0].ContentHash.AsSpan().SequenceEqual(row.RowHash))
        {
            result.AddError($"{name} carries another hash than change {written[0].Number} says.");
        }
        else if (row.Moved != written[0].Moves)
        {
            result.AddError($"{name} is stored as {(row.Moved == 1 ? "part of" : "no part of")} the evidence, but change {written[0].Number} says otherwise.");
        }
        else if (row.ContentHash != Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(row.Content))))
        {
            result.AddError($"{name} carries an entity tag that is not the SHA-256 of its content.");
        }
        else if (TryDeserialize(row.Content) is { } study && StudyListing.Of(study) != new StudyListing(row.Kind ?? "", row.Year, row.Search ?? ""))
        {
            result.AddError($"{name} is listed with another kind, year or search text than its content gives.");
        }

        foreach (var again in written.Skip(1))
        {
            result.AddError($"{name} was written by change {written[0].Number}, but change {again.Number} says the same.");
        }
    }

    // Depends on neither tenant nor encryption key, so that equal evidence has equal text.
    private static string ToCanonicalText(StudyVersionRow row, IReadOnlyList<StudyEffectRow> effects)
    {
        var text = new StringBuilder($"{row.Key}\u001f{row.Version}\u001f{row.Status}\u001f{row.ContentHash}\u001e");
        foreach (var e in effects)
        {
            text.Append($"{e.EffectKey}\u001f{e.Yi:R}\u001f{e.Vi:R}\u001f{e.N}\u001e");
        }

        return text.ToString();
    }

    private static void CheckClaims(DbConnection connection, VerificationResult result)
    {
        var stored = StudyQueries.ReadPages<Claim, Claim>(new("", "", "", "", null, null, 0), claim => claim, after =>
            [.. connection.Query<Claim>(ClaimsSql, new { after.Key, after.Identity, StudyQueries.PageLength })]);
        foreach (var (key, current, claims) in MergeJoin.ByKey(StudyQueries.EvidenceRows(connection), row => row.Version.Key, stored, claim => claim.Key,
            StringComparer.Ordinal))
        {
            var expected = current.SelectMany(row => ClaimsOf(row.Version, row.Effects)).ToHashSet();
            if (!expected.SetEquals(claims))
            {
                var wrong = claims.Except(expected).Concat(expected.Except(claims)).Select(claim => claim.EffectKey).Distinct(StringComparer.Ordinal);
                result.AddError($"What is kept of the current effects of study '{key}' is not what its current version gives: {string.Join(", ", wrong)}.");
            }
        }
    }

    private static IEnumerable<Claim> ClaimsOf(StudyVersionRow row, IReadOnlyList<StudyEffectRow> effects)
    {
        if (row.Status != EnumNames<StudyStatus>.Of(StudyStatus.Accepted) || TryDeserialize(row.Content) is not { Kind: not StudyKind.Reference } study)
        {
            return [];
        }

        return study.Effects.Zip(effects, (members, stored) =>
            new Claim(new StudyEffect(members, 0, null).Identity, row.Key, members.Key, members.Sample, stored.N, study.Country, study.Citation.Year ?? 0));
    }

    // Content that cannot be deserialized does not match the log either.
    private static StudyRequest? TryDeserialize(string content)
    {
        try
        {
            return JsonSerializer.Deserialize<StudyRequest>(content, StrictJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Entry(long Number, string Key, long Version, byte[] ContentHash, long Moves);

    private sealed record Claim(string Identity, string Key, string EffectKey, string Sample, long? N, string? Country, long Year);
}
