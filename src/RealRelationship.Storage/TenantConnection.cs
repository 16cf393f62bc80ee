using System.Data;

using Dapper;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage;

/// <summary>Reads the data of one tenant: with <see cref="TenantBatch"/> the only way by which sessions and instruments reach their tables.</summary>
/// <remarks>Adds <c>@tenant</c> to the parameters of every statement, and rejects statements that do not use it.</remarks>
public sealed class TenantConnection
{
    private readonly IDbConnection _connection;
    private readonly string _tenant;

    internal TenantConnection(IDbConnection connection, string tenant)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        (_connection, _tenant) = (connection, tenant);
    }

    public IReadOnlyList<T> Query<T>(string statement, object? parameters = null) => _connection.Query<T>(Checked(statement), WithTenant(parameters)).AsList();

    /// <summary>Streams the rows in constant memory.</summary>
    public IEnumerable<T> QueryUnbuffered<T>(string statement, object? parameters = null) =>
        _connection.Query<T>(Checked(statement), WithTenant(parameters), buffered: false);

    public T QuerySingle<T>(string statement, object? parameters = null) => _connection.QuerySingle<T>(Checked(statement), WithTenant(parameters));

    public T? QuerySingleOrDefault<T>(string statement, object? parameters = null) =>
        _connection.QuerySingleOrDefault<T>(Checked(statement), WithTenant(parameters));

    public T? QueryFirstOrDefault<T>(string statement, object? parameters = null) =>
        _connection.QueryFirstOrDefault<T>(Checked(statement), WithTenant(parameters));

    public long Count(string statement, object? parameters = null) => _connection.ExecuteScalar<long>(Checked(statement), WithTenant(parameters));

    private static string Checked(string statement) => SqlStatement.RequireTenantParameter(statement);

    private DynamicParameters WithTenant(object? parameters)
    {
        var all = new DynamicParameters(parameters);
        all.Add("tenant", _tenant);
        return all;
    }
}

/// <summary>Creates tenant connections.</summary>
public static class TenantConnectionExtensions
{
    public static TenantConnection ForTenant(this IDbConnection connection, string tenant) => new(connection, tenant);
}
