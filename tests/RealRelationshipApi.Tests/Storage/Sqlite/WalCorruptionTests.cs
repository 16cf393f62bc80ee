using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Sqlite;

/// <summary>The write-ahead log of a killed service, with one bit flipped.</summary>
public sealed class WalCorruptionTests(WalCorruptionTests.KilledServiceStore killed) : IClassFixture<WalCorruptionTests.KilledServiceStore>, IDisposable
{
    private const int HeaderBytes = 32;
    private const int FrameBytes = 24 + 4096;

    private readonly TemporaryFolder _folder = new();

    private string WalPath => $"{_folder.StorePath}-wal";

    public void Dispose() => _folder.Dispose();

    [SqliteFact]
    public async Task An_intact_WAL_is_recovered()
    {
        killed.CopyTo(_folder);
        await using var service = await Service.StartInAsync(_folder);
        Assert.Equal(KilledServiceStore.Studies, (await service.Get("/meta/pool")).Number("used"));
    }

    [SqliteTheory("It starts processes of the service.")]
    [InlineData(0, "in its header")]
    [InlineData(9, "in its header")]
    [InlineData(17, "in its header")]
    [InlineData(HeaderBytes + 5, "at its frame 1:")]
    [InlineData(HeaderBytes + 9, "at its frame 1:")]
    [InlineData(HeaderBytes + FrameBytes + 20, "at its frame 2:")]
    [InlineData(HeaderBytes + (4 * FrameBytes) + 1000, "at its frame 5:")]
    public async Task A_corrupt_WAL_is_reported_and_the_store_is_not_opened(int at, string named)
    {
        killed.CopyTo(_folder);
        var bytes = File.ReadAllBytes(WalPath);
        bytes[at] ^= 4;
        File.WriteAllBytes(WalPath, bytes);

        var finished = await ServiceExecutable.RunAsync(_folder, [], ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"));
        Assert.Contains($"is damaged {named}", finished.ShouldExitWith(1).StandardOutput, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(WalPath));
    }

    // As after a power cut: the last writes were never acknowledged.
    [SqliteFact]
    public async Task A_truncated_WAL_is_recovered_up_to_its_end()
    {
        killed.CopyTo(_folder);
        var bytes = File.ReadAllBytes(WalPath);
        bytes[^10] ^= 4;
        File.WriteAllBytes(WalPath, bytes);
        await using var service = await Service.StartInAsync(_folder);
        Assert.Equal(KilledServiceStore.Studies - 1, (await service.Get("/meta/pool")).Number("used"));
    }

    /// <summary>A store all of which is in its log.</summary>
    public sealed class KilledServiceStore : IAsyncLifetime
    {
        public const int Studies = 6;

        private readonly TemporaryFolder _folder = new();

        public async ValueTask InitializeAsync()
        {
            using var serving = new TemporaryFolder();
            await using var service = await Service.StartInAsync(serving);
            for (var i = 0; i < Studies; i++)
            {
                await service.SubmitStudy(TestData.Study($"s{i}"));
            }

            if (PostgresTestServer.IsSqliteDefaultEngine)
            {
                Copy(serving, _folder);
            }
        }

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }

        public void CopyTo(TemporaryFolder other) => Copy(_folder, other);

        // As the files are while they are in use: that is how a kill leaves them.
        private static void Copy(TemporaryFolder from, TemporaryFolder to)
        {
            foreach (var end in new[] { "", "-wal" })
            {
                File.Copy(from.StorePath + end, to.StorePath + end);
            }
        }
    }
}
