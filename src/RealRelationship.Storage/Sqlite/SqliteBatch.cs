using System.Data.Common;

using Microsoft.Data.Sqlite;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Sqlite;

/// <summary>Runs each statement at once, prepared.</summary>
internal sealed class SqliteBatch(SqliteConnection connection) : SqlBatch
{
    private readonly PreparedStatementCache _prepared = new(connection);

    public override DbConnection Connection => connection;

    public override void Enqueue(SqlStatement statement) => _prepared.Get(statement).Execute(statement);

    public override QueuedResult<List<T>> EnqueueQuery<T>(SqlStatement statement) => new(_prepared.Get(statement).Query<T>(statement));

    public override QueuedResult<int> EnqueueUpdate(SqlStatement statement) => new(_prepared.Get(statement).Execute(statement));
}
