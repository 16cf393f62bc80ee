using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;
using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Encryption;

/// <summary>After a rotation the old keys are of no use to the store any more.</summary>
public sealed class KeyRotationTests : IDisposable
{
    private const string OldKey = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w=";
    private const string NewKey = "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU=";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Values_are_reencrypted_in_batches_and_undecryptable_ones_are_reported()
    {
        await using (var old = WithKeyRing(OldKey))
        {
            var sealer = old.GetRequiredService<ColumnEncryption>();
            await Write(old, transaction =>
            {
                foreach (var i in Enumerable.Range(0, 501))
                {
                    Insert(transaction, "clinic", $"{i:D4}", sealer.Encrypt([(byte)i], "clinic", i == 7 ? "another place" : $"secret clinic {i:D4}"));
                }

                Insert(transaction, "clinic", "none", null);
            });
        }

        await using var ring = WithKeyRing($"{NewKey},{OldKey}");
        var writer = ring.GetRequiredService<GroupCommitWriter>();
        await writer.StartAsync(CancellationToken.None);
        var errors = new List<string>();
        var counts = await ring.GetRequiredService<KeyRotation>().RunAsync(errors.Add, CancellationToken.None);
        Assert.Equal(500, Assert.Single(counts).Sealed);
        Assert.Equal(["secret: A sealed value at secret clinic 0007 is not what was written."], errors);
        Assert.Equal(0, (await ring.GetRequiredService<KeyRotation>().RunAsync(_ => { }, CancellationToken.None)).Sum(c => c.Sealed));

        await using var without = WithKeyRing(NewKey);
        var newest = without.GetRequiredService<ColumnEncryption>();
        var values = await Read(writer);
        Assert.Equal(Enumerable.Range(0, 501).Where(i => i != 7).Select(i => (byte)i),
            values.Where(v => v.Id != "0007").Select(v => newest.Decrypt(v.Value, "clinic", $"secret clinic {v.Id}").Single()));
        await writer.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task An_unregistered_encrypted_column_is_reported()
    {
        await using var parts = StorageServiceProvider.Build(_folder);
        var writer = parts.GetRequiredService<GroupCommitWriter>();
        await writer.StartAsync(CancellationToken.None);
        await writer.WriteAsync(
            transaction =>
                Dapper.SqlMapper.Execute(transaction.Connection, "INSERT INTO site_count (tenant, sealed) VALUES ('clinic', @sealedValue)",
                    new { sealedValue = new byte[40] }));
        var errors = new List<string>();
        await parts.GetRequiredService<KeyRotation>().RunAsync(errors.Add, CancellationToken.None);
        Assert.Equal(["site_count.sealed was not rotated: this version does not know how."], errors);
        await writer.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Without_encrypted_values_nothing_is_rotated() =>
        Assert.Contains("0 values were sealed anew, 0 faults.",
            (await ServiceExecutable.RunAsync(_folder, ["encryption", "rotate"])).ShouldExitWith(0).StandardOutput, StringComparison.Ordinal);

    private ServiceProvider WithKeyRing(string keys) => StorageServiceProvider.Build(_folder,
        services => services.AddSingleton(new EncryptedColumn("secret", ["tenant", "id"], "tenant", "value", key => $"secret {string.Join(' ', key)}")),
        ("Privacy__EncryptionKeys", keys));

    private async Task Write(ServiceProvider parts, Action<WriteTransaction> work)
    {
        var writer = parts.GetRequiredService<GroupCommitWriter>();
        await writer.StartAsync(CancellationToken.None);
        var bytes = PostgresTestServer.IsDefaultEngine ? "bytea" : "BLOB";
        RawStore.Execute(_folder.StorePath, $"CREATE TABLE secret (tenant TEXT NOT NULL, id TEXT NOT NULL, value {bytes}, PRIMARY KEY (tenant, id))");
        await writer.WriteAsync(transaction =>
        {
            work(transaction);
            return true;
        });
        await writer.StopAsync(CancellationToken.None);
    }

    private static void Insert(WriteTransaction transaction, string tenant, string id, byte[]? value) =>
        Dapper.SqlMapper.Execute(transaction.Connection, "INSERT INTO secret (tenant, id, value) VALUES (@tenant, @id, @value)", new { tenant, id, value });

    private static Task<List<(string Id, byte[] Value)>> Read(GroupCommitWriter writer) => writer.WriteAsync(transaction =>
        Dapper.SqlMapper.Query<(string Id, byte[] Value)>(transaction.Connection, "SELECT id, value FROM secret WHERE value IS NOT NULL ORDER BY id").ToList());
}
