using Npgsql;

namespace Benchmarks.Load.Servers;

/// <summary>A database of a run's own, which goes away with it.</summary>
internal sealed class TemporaryPostgresDatabase : IAsyncDisposable
{
    private readonly string _server;
    private readonly string _name;

    private TemporaryPostgresDatabase(string server, string name) => (_server, _name) = (server, name);

    public (string Name, string Value)[] Settings =>
        [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", new NpgsqlConnectionStringBuilder(_server) { Database = _name }.ConnectionString)];

    public static async Task<TemporaryPostgresDatabase> CreateAsync(string server)
    {
        var name = $"load_{Guid.CreateVersion7():n}";
        await ExecuteAsync(server, $"CREATE DATABASE {name}");
        return new(server, name);
    }

    public async ValueTask DisposeAsync() => await ExecuteAsync(_server, $"DROP DATABASE {_name} WITH (FORCE)");

    private static async Task ExecuteAsync(string server, string statement)
    {
        await using var source = NpgsqlDataSource.Create(server);
        await using var command = source.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }
}
