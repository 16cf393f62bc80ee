using System.Data.Common;

using Dapper;

namespace RealRelationshipApi.Storage;

/// <summary>Seals what older keys sealed anew, under the newest, a few rows at a time, so that a service beside it hardly notices.</summary>
public sealed class Rotation(Writer writer, Migrator migrator, Database database, Sealer sealer, IEnumerable<SealedColumn> columns)
{
    private const int BatchLength = 200;

    // What the schema calls the columns that hold sealed values.
    private const string Name = "sealed";

    /// <summary>Goes through every sealed column.</summary>
    /// <param name="fault">Told of each value that does not open; it stays as it is.</param>
    /// <param name="cancellationToken">Ends between two batches; what was done stays done, and the next time goes on.</param>
    /// <returns>How many values each column had sealed anew.</returns>
    public async Task<IReadOnlyList<(SealedColumn Column, long Sealed)>> RunAsync(Action<string> fault, CancellationToken cancellationToken)
    {
        var counts = new List<(SealedColumn, long)>();
        foreach (var column in columns)
        {
            counts.Add((column, await RotateAsync(column, fault, cancellationToken)));
        }

        FindForgotten(fault);
        return counts;
    }

    // A column that no slice named would lose its key unnoticed.
    private void FindForgotten(Action<string> fault)
    {
        using var snapshot = database.OpenSnapshot();
        foreach (var table in migrator.Tables.Where(table => table.Columns.Any(c => c.Name == Name) && !columns.Any(c => c.Table == table.Name && c.Column == Name)))
        {
            if (snapshot.ExecuteScalar<long>(table.Count) > 0)
            {
                fault($"{table.Name}.{Name} was not rotated: this version does not know how.");
            }
        }
    }

    private async Task<long> RotateAsync(SealedColumn column, Action<string> fault, CancellationToken cancellationToken)
    {
        IReadOnlyList<object>? last = null;
        for (var count = 0L; ;)
        {
            var after = last;
            var batch = await writer.WriteAsync(transaction => RotateBatch(transaction.Connection, column, after), cancellationToken);
            batch.Faults.ForEach(fault);
            count += batch.Sealed;
            if (batch.Last is null)
            {
                return count;
            }

            last = batch.Last;
        }
    }

    private Batch RotateBatch(DbConnection connection, SealedColumn column, IReadOnlyList<object>? after)
    {
        var batch = new Batch();
        foreach (var (key, tenant, value) in Read(connection, column, after))
        {
            batch.Last = key;
            var place = column.Place(key);
            try
            {
                var parameters = Parameters(key);
                parameters.Add("value", sealer.Seal(sealer.Open(value, tenant, place), tenant, place));
                connection.Execute($"UPDATE {column.Table} SET {column.Column} = @value WHERE {string.Join(" AND ", column.Key.Select((name, i) => $"{name} = @k{i}"))}", parameters);
                batch.Sealed++;
            }
            catch (StorageDamagedException error)
            {
                batch.Faults.Add($"{column.Table}: {error.Message}");
            }
        }

        return batch;
    }

    // The name of the key stands in bytes 2 to 9 of what is sealed.
    private List<(IReadOnlyList<object> Key, string Tenant, byte[] Value)> Read(DbConnection connection, SealedColumn column, IReadOnlyList<object>? after)
    {
        var key = string.Join(", ", column.Key);
        var parameters = Parameters(after ?? []);
        parameters.Add("newest", sealer.NewestKeyId.ToArray());
        parameters.Add("BatchLength", BatchLength);
        var beyond = after is null ? "" : $"AND ({key}) > ({string.Join(", ", column.Key.Select((_, i) => $"@k{i}"))})";
        using var reader = connection.ExecuteReader(
            $"SELECT {key}, {column.Tenant}, {column.Column} FROM {column.Table} WHERE substr({column.Column}, 2, 8) <> @newest {beyond} ORDER BY {key} LIMIT @BatchLength", parameters);
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

    private sealed class Batch
    {
        public IReadOnlyList<object>? Last { get; set; }

        public long Sealed { get; set; }

        public List<string> Faults { get; } = [];
    }
}
