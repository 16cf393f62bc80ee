using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions;

/// <summary>Rewrites the encrypted contents of a site's stored measures. What was sent, and the hash over it, stay.</summary>
internal static class StoredMeasures
{
    private const int PageLength = 500;

    private const string PageSql = """
        SELECT measure, version, patient, sealed AS Content FROM measure_version
        WHERE tenant = @tenant AND withdraws = 0 AND (measure, version) > (@Measure, @Version) ORDER BY measure, version LIMIT @PageLength
        """;

    /// <summary>Reads all versions of a site's measures that are no withdrawals.</summary>
    public static void ForEach(WriteTransaction transaction, ColumnEncryption encryption, string tenant, Action<Pseudonym, Pseudonym, MeasureContent> read)
    {
        var last = new Row([], 0, [], []);
        for (var page = ReadPage(transaction, tenant, last); page.Count > 0; page = ReadPage(transaction, tenant, last))
        {
            foreach (var row in page)
            {
                last = row;
                read(new(row.Measure), new(row.Patient), MeasureContent.FromBytes(
                    encryption.Decrypt(row.Content, tenant, EncryptedRowPaths.Measure(new(row.Measure), row.Version, withdraws: false))));
            }
        }
    }

    /// <param name="transaction">Where to read and write.</param>
    /// <param name="encryption">Of the contents.</param>
    /// <param name="tenant">The site.</param>
    /// <param name="rewrite">The new content of a version; the same instance leaves it unchanged.</param>
    /// <returns>Number of rewritten versions, and the highest version of each measure with one.</returns>
    public static (long Count, IReadOnlyList<StoredMeasure> Highest) Rewrite(WriteTransaction transaction, ColumnEncryption encryption, string tenant,
        Func<MeasureContent, MeasureContent> rewrite)
    {
        var count = 0L;
        var highest = new List<StoredMeasure>();
        var last = new Row([], 0, [], []);
        for (var page = ReadPage(transaction, tenant, last); page.Count > 0; page = ReadPage(transaction, tenant, last))
        {
            foreach (var row in page)
            {
                last = row;
                var key = new Pseudonym(row.Measure);
                var path = EncryptedRowPaths.Measure(key, row.Version, withdraws: false);
                var content = MeasureContent.FromBytes(encryption.Decrypt(row.Content, tenant, path));
                var rewritten = rewrite(content);
                if (ReferenceEquals(rewritten, content))
                {
                    continue;
                }

                count++;
                transaction.ForTenant(tenant).Enqueue(
                    "UPDATE measure_version SET sealed = @content WHERE tenant = @tenant AND measure = @Measure AND version = @Version AND withdraws = 0",
                    new { row.Measure, row.Version, content = encryption.Encrypt(rewritten.ToBytes(), tenant, path) });
                if (highest.Count > 0 && highest[^1].Key == key)
                {
                    highest.RemoveAt(highest.Count - 1);
                }

                highest.Add(new(key, new(row.Patient), rewritten));
            }
        }

        return (count, highest);
    }

    private static IReadOnlyList<Row> ReadPage(WriteTransaction transaction, string tenant, Row last) =>
        transaction.Connection.ForTenant(tenant).Query<Row>(PageSql, new { last.Measure, last.Version, PageLength });

    private sealed record Row(byte[] Measure, long Version, byte[] Patient, byte[] Content);
}

/// <summary>A stored measure in its highest rewritten version.</summary>
internal sealed record StoredMeasure(Pseudonym Key, Pseudonym Patient, MeasureContent Content);
