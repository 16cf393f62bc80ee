using Microsoft.Data.Sqlite;

namespace Benchmarks.Load.Baseline;

/// <summary>One statement, compiled once, that puts a row into a table.</summary>
internal sealed class PreparedInsert : IDisposable
{
    private readonly SqliteCommand _command;

    public PreparedInsert(SqliteConnection connection, string table, string columns)
    {
        var names = columns.Split(", ");
        _command = new($"INSERT INTO {table} ({columns}) VALUES ({string.Join(", ", names.Select(name => $"@{name}"))})", connection);
        foreach (var name in names)
        {
            _command.Parameters.Add(new SqliteParameter { ParameterName = $"@{name}" });
        }

        _command.Prepare();
    }

    public void Run(params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        _command.ExecuteNonQuery();
    }

    public void Dispose() => _command.Dispose();
}
