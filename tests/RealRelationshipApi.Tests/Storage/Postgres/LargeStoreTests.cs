using Dapper;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Studies;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>Plans that PostgreSQL makes for a store of many studies.</summary>
public sealed class LargeStoreTests : IDisposable
{
    private const int Copies = 50_000;
    private const int PageLength = 500;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A join of all versions with all later ones would make a whole reading grow as the square of the studies.</summary>
    [PostgresFact]
    public async Task A_page_of_studies_reads_a_few_rows_for_each_of_them()
    {
        await using var service = await Service.StartInAsync(_folder, settings: PostgresTestServer.StorageSettings(_folder.StorePath));
        await service.SubmitStudy(TestData.Study("a"));
        PostgresTestServer.Execute(PostgresTestServer.ConnectionStringFor(_folder.StorePath), $"""
            INSERT INTO study_version SELECT (jsonb_populate_record(v, jsonb_build_object('study_key', 'copy' || lpad(i::text, 6, '0')))).*
              FROM study_version v, generate_series(1, {Copies}) i;
            INSERT INTO study_effect SELECT (jsonb_populate_record(e, jsonb_build_object('study_key', 'copy' || lpad(i::text, 6, '0')))).*
              FROM study_effect e, generate_series(1, {Copies}) i;
            ANALYZE
            """);
        using var connection = service.Services.GetRequiredService<Database>().OpenSnapshot();
        var before = CountReadRows();
        Assert.Equal(PageLength, StudyQueries.PooledFrom(connection, "copy040000", PageLength).Take(PageLength).Count());
        Assert.InRange(CountReadRows() - before, PageLength, 10 * PageLength);

        long CountReadRows() => connection.ExecuteScalar<long>(
            "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables WHERE relname LIKE 'study_%'");
    }
}
