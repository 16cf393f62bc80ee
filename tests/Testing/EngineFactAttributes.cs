using System.Runtime.CompilerServices;

using RealRelationship.Testing.Postgres;

using Xunit.v3;

namespace RealRelationship.Testing;

/// <summary>A fact of the SQLite file itself, which a run on PostgreSQL leaves out: <c>--filter Engine!=Sqlite</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SqliteFactAttribute : FactAttribute, ITraitAttribute
{
    public SqliteFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        Skip = "It looks into the SQLite file, and the stores of this run are in PostgreSQL.";
        SkipType = typeof(PostgresTestServer);
        SkipUnless = nameof(PostgresTestServer.IsSqliteDefaultEngine);
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
        SkipType = typeof(PostgresTestServer);
        SkipUnless = nameof(PostgresTestServer.IsSqliteDefaultEngine);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Engine", "Sqlite")];
}

/// <summary>Requirements of a test on PostgreSQL.</summary>
internal enum PostgresRequirement
{
    /// <summary>A server on which databases may be made.</summary>
    Server,

    /// <summary>PostgreSQL's own programs, for a server that the test may stop.</summary>
    Binaries,

    /// <summary>The pooler, too.</summary>
    PgBouncer,
}

/// <summary>A test of a service on PostgreSQL, whichever engine the other tests use.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresFactAttribute : FactAttribute, ITraitAttribute
{
    public PostgresFactAttribute(PostgresRequirement need = PostgresRequirement.Server, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        SkipType = typeof(PostgresTestServer);
        (SkipUnless, Skip) = PostgresTestServer.SkipUnlessMet(need);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Engine", "Postgres")];
}

/// <summary>The same for each of several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public PostgresTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        SkipType = typeof(PostgresTestServer);
        (SkipUnless, Skip) = PostgresTestServer.SkipUnlessMet(PostgresRequirement.Server);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Engine", "Postgres")];
}
