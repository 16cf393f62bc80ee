using System.Data.Common;

using Dapper;

using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Encryption;

/// <summary>Re-encrypts values of older keys under the newest one, in small batches, so that a running service is hardly slowed.</summary>
public sealed class KeyRotation(GroupCommitWriter writer, Migrator migrator, Database database, ColumnEncryption encryption,
    IEnumerable<EncryptedColumn> columns)
{
    private const int BatchLength = 200;

    // Name of every encrypted column in the schema.
    private const string EncryptedColumnName = "sealed";

    /// <summary>Rotates every encrypted column.</summary>
    /// <param name="reportError">Receives each value that cannot be decrypted; it stays unchanged.</param>
    /// <param name="cancellationToken">Checked between batches; finished batches stay, and the next run continues.</param>
    /// <returns>The number of re-encrypted values of each column.</returns>
    public async Task<IReadOnlyList<(EncryptedColumn Column, long Sealed)>> RunAsync(Action<string> reportError, CancellationToken cancellationToken)
    {
        var counts = new List<(EncryptedColumn, long)>();
        foreach (var column in columns)
        {
            counts.Add((column, await RotateColumnAsync(column, reportError, cancellationToken)));
        }

        ReportUnregisteredColumns(reportError);
        return counts;
    }

    // An unregistered column would become unreadable once its key is removed.
    private void ReportUnregisteredColumns(Action<string> reportError)
    {
        using var snapshot = database.OpenSnapshot();
        foreach (var table in migrator.Tables.Where(
            table => table.Columns.Any(c => c.Name == EncryptedColumnName) && !columns.Any(c => c.Table == table.Name && c.Column == EncryptedColumnName)))
        {
            if (snapshot.ExecuteScalar<long>(table.CountSql) > 0)
            {
                reportError($"{table.Name}.{EncryptedColumnName} was not rotated: this version does not know how.");
            }
        }
    }

    private async Task<long> RotateColumnAsync(EncryptedColumn column, Action<string> reportError, CancellationToken cancellationToken)
    {
        IReadOnlyList<object>? last = null;
        for (var count = 0L; ;)
        {
            var after = last;
            var batch = await writer.WriteAsync(transaction => RotateBatch(transaction.Connection, column, after), cancellationToken);
            batch.Errors.ForEach(reportError);
            count += batch.Reencrypted;
            if (batch.Last is null)
            {
                return count;
            }

            last = batch.Last;
        }
    }

    private RotatedBatch RotateBatch(DbConnection connection, EncryptedColumn column, IReadOnlyList<object>? after)
    {
        var batch = new RotatedBatch();
        foreach (var (key, tenant, value) in ReadBatch(connection, column, after))
        {
            batch.Last = key;
            var rowPath = column.RowPath(key);
            try
            {
                var parameters = Parameters(key);
                parameters.Add("value", encryption.Encrypt(encryption.Decrypt(value, tenant, rowPath), tenant, rowPath));
                connection.Execute(
                    $"UPDATE {column.Table} SET {column.Column} = @value WHERE {string.Join(" AND ", column.Key.Select((name, i) => $"{name} = @k{i}"))}",
                    parameters);
                batch.Reencrypted++;
            }
            catch (StorageCorruptionException error)
            {
                batch.Errors.Add($"{column.Table}: {error.Message}");
            }
        }

        return batch;
    }

    // The key id is in bytes 2 to 9 of the encrypted value.
    private List<(IReadOnlyList<object> Key, string Tenant, byte[] Value)> ReadBatch(DbConnection connection, EncryptedColumn column,
        IReadOnlyList<object>? after)
    {
        var key = string.Join(", ", column.Key);
        var parameters = Parameters(after ?? []);
        parameters.Add("newest", encryption.NewestKeyId.ToArray());
        parameters.Add("BatchLength", BatchLength);
        var beyond = after is null ? "" : $"AND ({key}) > ({string.Join(", ", column.Key.Select((_, i) => $"@k{i}"))})";
        using var reader = connection.ExecuteReader(
            $"SELECT {key}, {column.Tenant}, {column.Column} FROM {column.Table} WHERE substr({column.Column}, 2, 8) <> @newest {beyond} ORDER BY {key} LIMIT "
                + "@BatchLength", parameters);
        var rows = new List<(IReadOnlyList<object>, string, byte[])>();
        while (reader.Read())
        {
            rows.Add(([.. column.Key.Select((_, i) => reader.GetValue(i))], reader.GetString(column.Key.Count), (byte[])reader.GetValue(column.Key.Count + 1)));
        }

        return rows;
    }

    private static DynamicParameters Parameters(IReadOnlyList<object> key)
    {
        var parameters = new DynamicParameters();
        for (var i = 0; i < key.Count; i++)
        {
            parameters.Add($"k{i}", key[i]);
        }

        return parameters;
    }

    private sealed class RotatedBatch
    {
        public IReadOnlyList<object>? Last { get; set; }

        public long Reencrypted { get; set; }

        public List<string> Errors { get; } = [];
    }
}
