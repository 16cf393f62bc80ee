namespace RealRelationship.Storage.Writing;

/// <summary>Queues statements on the data of one tenant, which is <c>@tenant</c> in each of them.</summary>
public sealed class TenantBatch
{
    private readonly SqlBatch _batch;
    private readonly string _tenant;

    internal TenantBatch(SqlBatch batch, string tenant)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        (_batch, _tenant) = (batch, tenant);
    }

    /// <inheritdoc cref="WriteTransaction.Enqueue"/>
    /// <exception cref="InvalidOperationException">The statement does not name <c>@tenant</c>.</exception>
    public void Enqueue(string statement, object? parameters = null) => _batch.Enqueue(SqlStatement.ForTenant(_tenant, statement, parameters));

    /// <inheritdoc cref="WriteTransaction.EnqueueQuery"/>
    /// <exception cref="InvalidOperationException">The statement does not name <c>@tenant</c>.</exception>
    public QueuedResult<List<T>> EnqueueQuery<T>(string statement, object? parameters = null) =>
        _batch.EnqueueQuery<T>(SqlStatement.ForTenant(_tenant, statement, parameters));
}
