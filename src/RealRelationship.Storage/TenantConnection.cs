using System.Data;

using Dapper;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage;

/// <summary>A connection restricted to one tenant: the only way by which sessions and instruments reach their tables.</summary>
/// <remarks>Adds <c>@tenant</c> to the parameters of every statement, and rejects statements that do not use it.</remarks>
internal readonly struct TenantConnection
{
    private const string TenantParameter = "tenant";

    private readonly IDbConnection _connection;
    private readonly string _tenant;

    internal TenantConnection(IDbConnection connection, string tenant)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        (_connection, _tenant) = (connection, tenant);
    }

    public List<T> Query<T>(string statement, object? parameters = null) => _connection.Query<T>(RequireTenantParameter(statement), WithTenant(parameters))
        .AsList();

    /// <summary>Streams the rows in constant memory.</summary>
    public IEnumerable<T> QueryUnbuffered<T>(string statement, object? parameters = null) =>
        _connection.Query<T>(RequireTenantParameter(statement), WithTenant(parameters), buffered: false);

    public T QuerySingle<T>(string statement, object? parameters = null) =>
        _connection.QuerySingle<T>(RequireTenantParameter(statement), WithTenant(parameters));

    public T? QuerySingleOrDefault<T>(string statement, object? parameters = null) =>
        _connection.QuerySingleOrDefault<T>(RequireTenantParameter(statement), WithTenant(parameters));

    public T? QueryFirstOrDefault<T>(string statement, object? parameters = null) =>
        _connection.QueryFirstOrDefault<T>(RequireTenantParameter(statement), WithTenant(parameters));

    public long Count(string statement, object? parameters = null) =>
        _connection.ExecuteScalar<long>(RequireTenantParameter(statement), WithTenant(parameters));

    public void Execute(string statement, object? parameters = null) => _connection.Execute(RequireTenantParameter(statement), WithTenant(parameters));

    /// <inheritdoc cref="StatementPipelining.Enqueue"/>
    public void Enqueue(string statement, object? parameters = null) => _connection.Enqueue(RequireTenantParameter(statement), WithTenant(parameters));

    /// <inheritdoc cref="StatementPipelining.EnqueueQuery"/>
    public PendingRows<T> EnqueueQuery<T>(string statement, object? parameters = null) =>
        _connection.EnqueueQuery<T>(RequireTenantParameter(statement), WithTenant(parameters));

    private static string RequireTenantParameter(string statement) => statement.Contains($"@{TenantParameter}", StringComparison.Ordinal)
        ? statement
        : throw new InvalidOperationException("A statement on site data names no tenant.");

    private DynamicParameters WithTenant(object? parameters)
    {
        var all = new DynamicParameters(parameters);
        all.Add(TenantParameter, _tenant);
        return all;
    }
}

/// <summary>Creates tenant connections.</summary>
internal static class TenantConnectionExtensions
{
    public static TenantConnection ForTenant(this IDbConnection connection, string tenant) => new(connection, tenant);
}
