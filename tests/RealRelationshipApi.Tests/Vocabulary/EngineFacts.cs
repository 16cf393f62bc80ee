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

/// <summary>A fact of a service on PostgreSQL, whichever engine holds the stores of the other tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresFactAttribute : FactAttribute, ITraitAttribute
{
    public PostgresFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        Skip = $"It needs PostgreSQL: set {PostgresServer.Variable} to a server on which databases may be made, for example Host=localhost;Username=postgres.";
        SkipType = typeof(PostgresServer);
        SkipUnless = nameof(PostgresServer.IsThere);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Engine", "Postgres")];
}

/// <summary>The same for each of several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public PostgresTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        var fact = new PostgresFactAttribute(file, line);
        (Skip, SkipType, SkipUnless) = (fact.Skip, fact.SkipType, fact.SkipUnless);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Engine", "Postgres")];
}
