using System.Data.Common;

using Dapper;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Migrations;

/// <summary>The part of step 2 that SQL cannot do: builds the chain of the existing history and hashes its rows.</summary>
/// <remarks>Frozen with its step: any later change of the hashed content needs a step of its own.</remarks>
internal static class HashChainBackfill
{
    public const long MigrationNumber = 2;

    public static void Apply(SqlBatch batch, PrivacyKey privacy)
    {
        var connection = batch.Connection;
        var log = new ChangeLog(privacy);
        var head = new ChangeLogHead(0, 0, "", new byte[KeyedHash.Length]);
        var changes = connection.Query<Change>(
            """
            SELECT c.number, c.evidence, c.recorded_at AS RecordedAt, c.tenant, c.kind, c.subject, c.version, v.tenant AS Owner, v.status, v.content
            FROM change_before_chain c JOIN study_version v ON v.study_key = c.subject AND v.version = c.version ORDER BY c.number
            """).ToList();
        foreach (var change in changes)
        {
            var hash = ComputeHash(connection, privacy, change);
            batch.Enqueue(new("UPDATE study_version SET row_hash = @hash WHERE study_key = @Subject AND version = @Version",
                new { hash, change.Subject, change.Version }));
            head = log.Append(batch, head, new(change.Number, change.Evidence, true, change.RecordedAt, change.Tenant, change.Kind),
                new(change.Subject, change.Version, hash));
        }

        if (head.Log > 0)
        {
            log.WriteHead(batch, head);
        }

        batch.Enqueue(new("DROP TABLE change_before_chain"));
        batch.Flush();
    }

    private static byte[] ComputeHash(DbConnection connection, PrivacyKey privacy, Change change)
    {
        var hash = privacy.CreateHash(KeyPurposes.StudyVersion).Add(change.Subject).Add(change.Version).Add(change.Owner).Add(change.Evidence)
            .Add(change.RecordedAt).Add(change.Status).Add(change.Content);
        foreach (var effect in connection.Query<Effect>(
            """
            SELECT position, effect_key AS Key, yi, vi, n, converted, approximate, turned, formula
            FROM study_effect WHERE study_key = @Subject AND version = @Version ORDER BY position
            """, change))
        {
            hash.Add(effect.Position).Add(effect.Key).Add(effect.Yi).Add(effect.Vi).Add(effect.N).Add(effect.Converted).Add(effect.Approximate)
                .Add(effect.Turned).Add(effect.Formula);
        }

        return hash.Finish();
    }

    private sealed record Change(long Number, long Evidence, string RecordedAt, string Tenant, string Kind, string Subject, long Version, string Owner,
        string Status, string Content);

    private sealed record Effect(long Position, string Key, double? Yi, double? Vi, long? N, long Converted, long Approximate, long Turned, string? Formula);
}
