using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Encryption;

/// <summary>What is sealed opens only where it was put, and under a key of the ring.</summary>
public sealed class ColumnEncryptionTests : IDisposable
{
    private const string OldKey = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w=";
    private const string NewKey = "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU=";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Decrypts_what_it_encrypted_with_a_fresh_nonce_each_time()
    {
        await using var service = await Service.StartInAsync(_folder);
        var sealer = service.Services.GetRequiredService<ColumnEncryption>();
        var (one, two) = (sealer.Encrypt("score 4.2"u8, "clinic", "row 1"), sealer.Encrypt("score 4.2"u8, "clinic", "row 1"));
        Assert.NotEqual(one, two);
        Assert.Equal(-1, one.AsSpan().IndexOf("score"u8));
        Assert.Equal("score 4.2"u8, sealer.Decrypt(one, "clinic", "row 1"));
        Assert.Equal(9 + ColumnEncryption.OverheadBytes, one.Length);
    }

    [Theory]
    [InlineData("other", "row 1", -1)]
    [InlineData("clinic", "row 2", -1)]
    [InlineData("clinicr", "ow 1", -1)]
    [InlineData("clinic", "row 1", 0)]
    [InlineData("clinic", "row 1", 5)]
    [InlineData("clinic", "row 1", 12)]
    [InlineData("clinic", "row 1", 25)]
    [InlineData("clinic", "row 1", 33)]
    public async Task Moved_or_tampered_values_are_refused(string tenant, string place, int flippedByte)
    {
        await using var service = await Service.StartInAsync(_folder);
        var sealer = service.Services.GetRequiredService<ColumnEncryption>();
        var value = sealer.Encrypt("score 4.2"u8, "clinic", "row 1");
        if (flippedByte >= 0)
        {
            value[flippedByte] ^= 1;
        }

        Assert.Throws<StorageCorruptionException>(() => sealer.Decrypt(value, tenant, place));
    }

    [Fact]
    public async Task A_key_ring_decrypts_with_older_keys_and_encrypts_with_the_newest()
    {
        var byDerived = await EncryptWith("");
        var byOld = await EncryptWith(OldKey);
        var byNew = await EncryptWith($"{NewKey},{OldKey}");
        await using var service = await Service.StartInAsync(_folder, settings: ("Privacy__EncryptionKeys", $"{NewKey},{OldKey}"));
        var sealer = service.Services.GetRequiredService<ColumnEncryption>();
        foreach (var value in new[] { byDerived, byOld, byNew })
        {
            Assert.Equal("secret"u8, sealer.Decrypt(value, "clinic", "row"));
        }

        Assert.True(sealer.NewestKeyId.SequenceEqual(ColumnEncryption.ReadKeyId(byNew)));
        Assert.False(sealer.NewestKeyId.SequenceEqual(ColumnEncryption.ReadKeyId(byOld)));
        await using var without = await Service.StartInAsync(_folder);
        Assert.Throws<StorageCorruptionException>(() => without.Services.GetRequiredService<ColumnEncryption>().Decrypt(byOld, "clinic", "row"));
    }

    [Fact]
    public async Task An_invalid_key_in_the_ring_is_refused_at_startup()
    {
        var finished = await ServiceExecutable.RunAsync(_folder, [], ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
            ("Privacy__EncryptionKeys", $"{NewKey},short"));
        Assert.Contains("Privacy__EncryptionKeys, key 2,", finished.ShouldExitWith(1).Text, StringComparison.Ordinal);
    }

    private async Task<byte[]> EncryptWith(string keyRing)
    {
        await using var service = await Service.StartInAsync(_folder, settings: ("Privacy__EncryptionKeys", keyRing));
        return service.Services.GetRequiredService<ColumnEncryption>().Encrypt("secret"u8, "clinic", "row");
    }
}
