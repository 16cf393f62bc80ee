using System.Data;

using Dapper;

namespace RealRelationshipApi.Storage;

/// <summary>A connection to the data of one site: the only way from its sessions and instruments to their tables. Whoever has one has named a tenant.</summary>
/// <remarks>It gives <c>@tenant</c> to every statement by itself, and runs none that does not use it.</remarks>
internal readonly struct SiteConnection
{
    private const string Parameter = "tenant";

    private readonly IDbConnection _connection;
    private readonly string _tenant;

    internal SiteConnection(IDbConnection connection, string tenant)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        (_connection, _tenant) = (connection, tenant);
    }

    public List<T> Query<T>(string statement, object? parameters = null) => _connection.Query<T>(Checked(statement), WithTenant(parameters)).AsList();

    /// <summary>Rows one after the other, as they are asked for, however many there are.</summary>
    public IEnumerable<T> Stream<T>(string statement, object? parameters = null) => _connection.Query<T>(Checked(statement), WithTenant(parameters), buffered: false);

    public T QuerySingle<T>(string statement, object? parameters = null) => _connection.QuerySingle<T>(Checked(statement), WithTenant(parameters));

    public T? QuerySingleOrDefault<T>(string statement, object? parameters = null) => _connection.QuerySingleOrDefault<T>(Checked(statement), WithTenant(parameters));

    public T? QueryFirstOrDefault<T>(string statement, object? parameters = null) => _connection.QueryFirstOrDefault<T>(Checked(statement), WithTenant(parameters));

    public long Count(string statement, object? parameters = null) => _connection.ExecuteScalar<long>(Checked(statement), WithTenant(parameters));

    public void Execute(string statement, object? parameters = null) => _connection.Execute(Checked(statement), WithTenant(parameters));

    /// <inheritdoc cref="Pipelining.Send"/>
    public void Send(string statement, object? parameters = null) => _connection.Send(Checked(statement), WithTenant(parameters));

    /// <inheritdoc cref="Pipelining.Ask"/>
    public Answer<T> Ask<T>(string question, object? parameters = null) => _connection.Ask<T>(Checked(question), WithTenant(parameters));

    private static string Checked(string statement) => statement.Contains($"@{Parameter}", StringComparison.Ordinal)
        ? statement
        : throw new InvalidOperationException("A statement on site data names no tenant.");

    private DynamicParameters WithTenant(object? parameters)
    {
        var all = new DynamicParameters(parameters);
        all.Add(Parameter, _tenant);
        return all;
    }
}

/// <summary>Where connections to the data of one site come from.</summary>
internal static class SiteConnections
{
    public static SiteConnection OfSite(this IDbConnection connection, string tenant) => new(connection, tenant);
}
