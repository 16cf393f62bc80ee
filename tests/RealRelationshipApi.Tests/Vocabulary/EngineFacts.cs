using System.Runtime.CompilerServices;

using Xunit.v3;

namespace RealRelationshipApi.Tests.Vocabulary;

/// <summary>A fact of the SQLite file itself, which a run on PostgreSQL leaves out: <c>--filter Engine!=Sqlite</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SqliteFactAttribute : FactAttribute, ITraitAttribute
{
    public SqliteFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        Skip = "It looks into the SQLite file, and the stores of this run are in PostgreSQL.";
        SkipType = typeof(PostgresServer);
        SkipUnless = nameof(PostgresServer.LeavesStoresToSqlite);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Engine", "Sqlite")];
}

/// <summary>The same for each of several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SqliteTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public SqliteTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        Skip = "It looks into the SQLite file, and the stores of this run are in PostgreSQL.";
        SkipType = typeof(PostgresServer);
        SkipUnless = nameof(PostgresServer.LeavesStoresToSqlite);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Engine", "Sqlite")];
}

/// <summary>What a test on PostgreSQL needs beside the service.</summary>
internal enum PostgresNeed
{
    /// <summary>A server on which databases may be made.</summary>
    Server,

    /// <summary>PostgreSQL's own programs, for a server that the test may stop.</summary>
    Programs,

    /// <summary>The pooler, too.</summary>
    PgBouncer,
}

/// <summary>A fact of a service on PostgreSQL, whichever engine holds the stores of the other tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresFactAttribute : FactAttribute, ITraitAttribute
{
    public PostgresFactAttribute(PostgresNeed need = PostgresNeed.Server, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        SkipType = typeof(PostgresServer);
        (SkipUnless, Skip) = PostgresServer.Needing(need);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Engine", "Postgres")];
}

/// <summary>The same for each of several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public PostgresTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        SkipType = typeof(PostgresServer);
        (SkipUnless, Skip) = PostgresServer.Needing(PostgresNeed.Server);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Engine", "Postgres")];
}
