using Dapper;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;
using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Writing;

/// <summary>Queued statements and reads in one transaction, on the engine of the run.</summary>
public sealed class WriteTransactionTests : IDisposable
{
    private const string InsertLeaseSql = "INSERT INTO request_lease (holder, rule, ends_at, taken) VALUES (@holder, @Rule, @endsAt, @taken)";
    private const string CountLeasesSql = "SELECT count(*) FROM request_lease";
    private const string InsertEffectSql = """
        INSERT INTO study_effect (study_key, version, position, effect_key, yi, vi, n, converted, approximate, turned, formula)
        VALUES ('a', 1, @position, @Key, @yi, @yi, @n, 0, 0, 0, @formula)
        """;

    private const string InsertRowSql = """
        INSERT INTO study_effect (study_key, version, position, effect_key, yi, vi, n, converted, approximate, turned, formula)
        VALUES (@Study, @Version, @Position, @Key, @Yi, @Vi, @N, @Converted, @Approximate, @Turned, @Formula)
        """;

    private static readonly string s_longText = new('é', 9_000);

    private static readonly byte[] s_hash = [.. Enumerable.Range(224, 32).Select(i => (byte)i)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reads_see_what_was_queued_before()
    {
        await using var service = await Service.StartInAsync(_folder);
        await WriteAsync(service, transaction =>
        {
            var before = transaction.EnqueueQuery<long>(CountLeasesSql);
            transaction.Enqueue(InsertLeaseSql, Lease("a"));
            var between = transaction.EnqueueQuery<long>(CountLeasesSql);
            transaction.Enqueue(InsertLeaseSql, Lease("b"));
            Assert.Equal(2, transaction.Connection.ExecuteScalar<long>(CountLeasesSql));
            Assert.Equal(0, Assert.Single(before.Value));
            Assert.Equal(1, Assert.Single(between.Value));
            Assert.Equal(2, transaction.EnqueueUpdate("UPDATE request_lease SET taken = @taken", new { taken = 5L }).Value);
            Assert.Equal(0, transaction.EnqueueUpdate("UPDATE request_lease SET taken = 6 WHERE holder = @holder", new { holder = "c" }).Value);
            Assert.Equal([5, 5], transaction.Connection.Query<long>("SELECT taken FROM request_lease"));
            return true;
        });
        Assert.Equal(["a|5", "b|5"], RawStore.Query(_folder.StorePath, "SELECT holder, taken FROM request_lease ORDER BY holder"));
    }

    [Fact]
    public async Task More_statements_than_one_message_takes_are_all_stored()
    {
        await using var service = await Service.StartInAsync(_folder);
        await WriteAsync(service, transaction =>
        {
            for (var i = 0; i < 1_201; i++)
            {
                transaction.Enqueue(InsertLeaseSql, Lease($"h{i}"));
            }

            return true;
        });
        Assert.Equal(["1201"], RawStore.Query(_folder.StorePath, CountLeasesSql));
    }

    [Fact]
    public async Task A_rolled_back_savepoint_takes_its_queued_statements_with_it()
    {
        await using var service = await Service.StartInAsync(_folder);
        await WriteAsync(service, transaction =>
        {
            transaction.Enqueue(InsertLeaseSql, Lease("outside"));
            Insert(transaction, "unsent", readsBetween: false, keeps: false);
            Insert(transaction, "sent", readsBetween: true, keeps: false);
            Insert(transaction, "kept", readsBetween: false, keeps: true);
            return true;
        });
        Assert.Equal(["kept", "outside"], RawStore.Query(_folder.StorePath, "SELECT holder FROM request_lease ORDER BY holder"));

        static void Insert(WriteTransaction transaction, string holder, bool readsBetween, bool keeps) => transaction.InSavepoint(() =>
        {
            transaction.Enqueue(InsertLeaseSql, Lease(holder));
            return readsBetween ? transaction.Connection.ExecuteScalar<long>(CountLeasesSql) : 0;
        }, commitIf: _ => keeps);
    }

    [Fact]
    public async Task Values_of_every_column_type_and_nulls_are_stored_as_given()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.SubmitStudy(TestData.Study("a"));
        await WriteAsync(service, transaction =>
        {
            transaction.Enqueue(InsertEffectSql, new { position = 7, Key = "full", yi = (double?)0.1, n = (long?)(1L << 40), formula = s_longText });
            transaction.Enqueue(InsertEffectSql, new { position = 8, Key = "empty", yi = (double?)null, n = (long?)null, formula = (string?)null });
            transaction.Enqueue("UPDATE study_version SET row_hash = @hash WHERE study_key = 'a'", new { hash = s_hash });
            var rows = transaction.Connection.Query<(string, double?, long?, string?)>(
                "SELECT effect_key, yi, n, formula FROM study_effect WHERE position > 6 ORDER BY position");
            Assert.Equal([("full", 0.1, 1L << 40, s_longText), ("empty", null, null, null)], rows);
            Assert.Equal(s_hash, transaction.Connection.ExecuteScalar<byte[]>("SELECT row_hash FROM study_version"));
            return true;
        });
    }

    [Fact]
    public async Task Rows_sent_together_are_stored_as_given()
    {
        const int Rows = 9_000;
        await using var service = await Service.StartInAsync(_folder);
        await service.SubmitStudy(TestData.Study("a"));
        await WriteAsync(service, transaction =>
        {
            for (var i = 0L; i < Rows; i++)
            {
                transaction.EnqueueRow(InsertRowSql, new EffectRow(i + 1, $"é{i}", i % 2 == 0 ? null : 0.1 + i, i % 3 == 0 ? null : (1L << 40) + i,
                    i % 5 == 0 ? null : i == 1 ? s_longText : "'\\{,\"NULL"));
            }

            return true;
        });
        var rows = RawStore.Query(_folder.StorePath, "SELECT position, effect_key, yi, vi, n, formula FROM study_effect WHERE position > 0 ORDER BY position");
        Assert.Equal(Rows, rows.Count);
        Assert.Equal($"2|é1|1.1|1.1|{(1L << 40) + 1}|{s_longText}", rows[1]);
        Assert.Equal("1|é0||||", rows[0]);
        Assert.Equal($"9000|é8999|8999.1|8999.1|{(1L << 40) + 8999}|'\\{{,\"NULL", rows[^1]);
    }

    [Fact]
    public async Task A_constraint_violated_by_rows_sent_together_fails_only_its_item()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.SubmitStudy(TestData.Study("a"));
        using var ready = new ManualResetEventSlim();
        var first = WriteAsync(service, _ => ready.Wait(TimeSpan.FromSeconds(30)));
        var writes = new[] { 1L, 2, 2, 3 }.Select(position => WriteAsync(service, transaction =>
        {
            transaction.EnqueueRow(InsertRowSql, new EffectRow(position, $"e{position}", 0.1, 5, "r"));
            return position;
        })).ToList();
        ready.Set();
        Assert.True(await first);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => writes[2]);
        long[] stored = await Task.WhenAll(writes.Where((_, i) => i != 2));
        Assert.Equal([1, 2, 3], stored);
        Assert.Equal(["1", "2", "3"], RawStore.Query(_folder.StorePath, "SELECT position FROM study_effect WHERE position > 0 ORDER BY position"));
    }

    [Theory]
    [InlineData("SELECT @other", "The statement names @other, but its parameters have no such property.")]
    [InlineData("SELECT @day", "No column stores a DateTime, which day is.")]
    public async Task A_parameter_that_cannot_be_bound_fails_only_its_item(string statement, string message)
    {
        await using var service = await Service.StartInAsync(_folder);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => WriteAsync(service, transaction =>
        {
            transaction.Enqueue(InsertLeaseSql, Lease("a"));
            transaction.Enqueue(statement, new { day = DateTime.UnixEpoch });
            return true;
        }));
        Assert.Equal(message, error.Message);
        Assert.Equal(["0"], RawStore.Query(_folder.StorePath, CountLeasesSql));
        await service.SubmitStudy(TestData.Study("a"));
    }

    [Fact]
    public async Task A_violated_constraint_fails_only_its_item()
    {
        await using var service = await Service.StartInAsync(_folder);
        var failed = WriteAsync(service, transaction =>
        {
            transaction.Enqueue(InsertLeaseSql, Lease("a"));
            transaction.Enqueue(InsertLeaseSql, Lease("a"));
            return true;
        });
        var stored = WriteAsync(service, transaction =>
        {
            transaction.Enqueue(InsertLeaseSql, Lease("b"));
            return true;
        });
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => failed);
        Assert.True(await stored);
        Assert.Equal(["b"], RawStore.Query(_folder.StorePath, "SELECT holder FROM request_lease"));
    }

    [Fact]
    public async Task A_tenant_batch_writes_for_its_tenant_only()
    {
        await using var service = await Service.StartInAsync(_folder);
        await WriteAsync(service, transaction =>
        {
            var north = transaction.ForTenant("north");
            north.Enqueue("INSERT INTO site_count (tenant, sealed) VALUES (@tenant, @content)", new { tenant = "south", content = new byte[] { 1 } });
            Assert.Equal([1], Assert.Single(north.EnqueueQuery<byte[]>("SELECT sealed FROM site_count WHERE tenant = @tenant").Value));
            Assert.Throws<InvalidOperationException>(() => north.Enqueue("DELETE FROM site_count"));
            Assert.Throws<InvalidOperationException>(() => north.EnqueueQuery<byte[]>("SELECT sealed FROM site_count"));
            Assert.Throws<ArgumentException>(() => transaction.ForTenant(""));
            return true;
        });
        Assert.Equal(["north"], RawStore.Query(_folder.StorePath, "SELECT tenant FROM site_count"));
    }

    [SqliteFact]
    public async Task A_write_to_a_read_only_store_says_so()
    {
        await using var service = await Service.StartInAsync(_folder);
        await WriteAsync(service, transaction => transaction.Connection.Execute("PRAGMA query_only = ON"));
        var refused = (await service.Post("/studies", TestData.Study("a"))).ShouldBeProblem(503);
        Assert.Contains("the store is read-only", refused.Text, StringComparison.Ordinal);
    }

    private static object Lease(string holder) => new { holder, Rule = "minute", endsAt = "2026-01-01T00:00:00.000000Z", taken = 1 };

    private static Task<T> WriteAsync<T>(Service service, Func<WriteTransaction, T> work) =>
        service.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(work);

    private sealed record EffectRow(long Position, string Key, double? Yi, long? N, string? Formula)
    {
        public string Study { get; } = "a";

        public long Version { get; } = 1;

        public double? Vi => Yi;

        public long Converted { get; }

        public long Approximate { get; }

        public long Turned { get; }
    }
}
