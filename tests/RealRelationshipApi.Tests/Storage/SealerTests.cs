using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Storage;

/// <summary>What is sealed opens only where it was put, and under a key of the ring.</summary>
public sealed class SealerTests : IDisposable
{
    private const string OldKey = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w=";
    private const string NewKey = "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU=";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_opens_what_it_sealed_and_never_seals_alike()
    {
        await using var service = await Service.StartInAsync(_folder);
        var sealer = service.Parts.GetRequiredService<ColumnEncryption>();
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
    public async Task It_opens_nothing_that_was_moved_or_edited(string tenant, string place, int flippedByte)
    {
        await using var service = await Service.StartInAsync(_folder);
        var sealer = service.Parts.GetRequiredService<ColumnEncryption>();
        var value = sealer.Encrypt("score 4.2"u8, "clinic", "row 1");
        if (flippedByte >= 0)
        {
            value[flippedByte] ^= 1;
        }

        Assert.Throws<StorageCorruptionException>(() => sealer.Decrypt(value, tenant, place));
    }

    [Fact]
    public async Task A_ring_opens_what_older_keys_sealed_and_seals_under_the_newest()
    {
        var byDerived = await Sealed("");
        var byOld = await Sealed(OldKey);
        var byNew = await Sealed($"{NewKey},{OldKey}");
        await using var service = await Service.StartInAsync(_folder, settings: ("Privacy__EncryptionKeys", $"{NewKey},{OldKey}"));
        var sealer = service.Parts.GetRequiredService<ColumnEncryption>();
        foreach (var value in new[] { byDerived, byOld, byNew })
        {
            Assert.Equal("secret"u8, sealer.Decrypt(value, "clinic", "row"));
        }

        Assert.True(sealer.NewestKeyId.SequenceEqual(ColumnEncryption.ReadKeyId(byNew)));
        Assert.False(sealer.NewestKeyId.SequenceEqual(ColumnEncryption.ReadKeyId(byOld)));
        await using var without = await Service.StartInAsync(_folder);
        Assert.Throws<StorageCorruptionException>(() => without.Parts.GetRequiredService<ColumnEncryption>().Decrypt(byOld, "clinic", "row"));
    }

    [Fact]
    public async Task A_ring_with_a_key_that_is_none_is_refused_at_the_start()
    {
        var finished = await Executable.RunAsync(_folder, [], ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("Privacy__EncryptionKeys", $"{NewKey},short"));
        Assert.Contains("Privacy__EncryptionKeys, key 2,", finished.ShouldExitWith(1).Text, StringComparison.Ordinal);
    }

    private async Task<byte[]> Sealed(string ring)
    {
        await using var service = await Service.StartInAsync(_folder, settings: ("Privacy__EncryptionKeys", ring));
        return service.Parts.GetRequiredService<ColumnEncryption>().Encrypt("secret"u8, "clinic", "row");
    }
}
