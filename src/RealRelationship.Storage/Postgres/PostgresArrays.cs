using System.Data;

using Npgsql;

using NpgsqlTypes;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Postgres;

/// <summary>The parameters of several statements of the same text, as an array for each.</summary>
internal static class PostgresArrays
{
    public static IEnumerable<NpgsqlParameter> ToParameters(SqlStatement[] statements)
    {
        for (var i = 0; i < statements[0].Parameters.Count; i++)
        {
            var (type, values) = ToArray(statements, i);
            yield return new NpgsqlParameter(statements[0].Parameters[i].Name, NpgsqlDbType.Array | type) { Value = values };
        }
    }

    private static (NpgsqlDbType Type, object Values) ToArray(SqlStatement[] statements, int parameter) => statements[0].Parameters[parameter].Type switch
    {
        DbType.String => (NpgsqlDbType.Text, Values(statements, parameter, value => (string?)value)),
        DbType.Int64 => (NpgsqlDbType.Bigint, Values(statements, parameter, value => (long?)value)),
        DbType.Int32 => (NpgsqlDbType.Integer, Values(statements, parameter, value => (int?)value)),
        DbType.Double => (NpgsqlDbType.Double, Values(statements, parameter, value => (double?)value)),
        DbType.Binary => (NpgsqlDbType.Bytea, Values(statements, parameter, value => (byte[]?)value)),
        var other => throw new InvalidOperationException($"No column stores {other}."),
    };

    private static T[] Values<T>(SqlStatement[] statements, int parameter, Func<object?, T> convert) =>
        // The properties may belong to different types.
        Array.ConvertAll(statements, statement => convert(statement.ValueOf(statement.Parameters[parameter]) is var value and not DBNull ? value : null));
}
