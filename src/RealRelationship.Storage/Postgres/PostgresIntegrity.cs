using System.Data.Common;

using Dapper;

namespace RealRelationship.Storage.Postgres;

/// <summary>The integrity checks that PostgreSQL offers without an extension. The other checks read every row,
/// and thereby every page.</summary>
internal static class PostgresIntegrity
{
    private const string InvalidIndexesSql = """
        SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        WHERE relnamespace = current_schema()::regnamespace AND NOT (indisvalid AND indisready)
        """;

    private const string ForeignKeysSql = """
        SELECT f.conrelid::regclass::text, f.confrelid::regclass::text, string_agg(format('p.%I = c.%I', pa.attname, ca.attname), ' AND '),
            string_agg(format('c.%I', ca.attname), ', ')
        FROM pg_constraint f CROSS JOIN LATERAL unnest(f.conkey, f.confkey) AS pair (child, parent)
        JOIN pg_attribute ca ON ca.attrelid = f.conrelid AND ca.attnum = pair.child
        JOIN pg_attribute pa ON pa.attrelid = f.confrelid AND pa.attnum = pair.parent
        WHERE f.contype = 'f' AND f.connamespace = current_schema()::regnamespace GROUP BY f.oid, f.conrelid, f.confrelid
        """;

    public static IEnumerable<string> Check(DbConnection connection)
    {
        foreach (var index in connection.Query<string>(InvalidIndexesSql))
        {
            yield return $"PostgreSQL does not use index {index}: it is not valid.";
        }

        if (connection.ExecuteScalar<long?>("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()") is { } failures and > 0)
        {
            yield return $"PostgreSQL has met {failures} pages whose checksum was wrong.";
        }

        foreach (var (child, parent, match, columns) in connection.Query<(string Child, string Parent, string Match, string Columns)>(ForeignKeysSql))
        {
            var rows =
                connection.ExecuteScalar<long>(
                    $"SELECT count(*) FROM {child} c WHERE num_nulls({columns}) = 0 AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {match})");
            if (rows > 0)
            {
                yield return $"{rows} rows of {child} belong to rows of {parent} that are not there.";
            }
        }
    }
}
