using System.Runtime.CompilerServices;

using RealRelationship.Testing.Postgres;

using Xunit.v3;

namespace RealRelationship.Testing;

/// <summary>A fact of the SQLite file itself, which a run on PostgreSQL leaves out: <c>--filter Engine!=Sqlite</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SqliteFactAttribute : FactAttribute, ITraitAttribute
{
    private readonly bool _isSlow;

    /// <param name="slow">What takes seconds of processor time, if it is a slow test, too: a sentence (<see cref="SlowFactAttribute"/>).</param>
    /// <param name="file">Set by the compiler.</param>
    /// <param name="line">Set by the compiler.</param>
    public SqliteFactAttribute(string? slow = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        Skip = SqliteTests.SkipReason(slow);
        SkipType = typeof(SqliteTests);
        SkipUnless = slow is null ? nameof(SqliteTests.AreRun) : nameof(SqliteTests.SlowAreRun);
        _isSlow = slow is not null;
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => SqliteTests.Traits(_isSlow);
}

/// <summary>The same for each of several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SqliteTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    private readonly bool _isSlow;

    /// <inheritdoc cref="SqliteFactAttribute(string?, string?, int)"/>
    public SqliteTheoryAttribute(string? slow = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line)
    {
        Skip = SqliteTests.SkipReason(slow);
        SkipType = typeof(SqliteTests);
        SkipUnless = slow is null ? nameof(SqliteTests.AreRun) : nameof(SqliteTests.SlowAreRun);
        _isSlow = slow is not null;
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => SqliteTests.Traits(_isSlow);
}

/// <summary>Whether this run includes the tests that look into SQLite files.</summary>
public static class SqliteTests
{
    public static bool AreRun => PostgresTestServer.IsSqliteDefaultEngine;

    public static bool SlowAreRun => AreRun && SlowTests.AreRun;

    internal static string SkipReason(string? slow) => !AreRun || slow is null
        ? "It looks into the SQLite file, and the stores of this run are in PostgreSQL." : SlowTests.SkipReason(slow);

    internal static IReadOnlyCollection<KeyValuePair<string, string>> Traits(bool isSlow) =>
        [new("Engine", "Sqlite"), .. isSlow ? SlowTests.Traits : []];
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
