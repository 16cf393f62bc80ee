using System.Security.Cryptography;
using System.Text;

using Microsoft.Extensions.Options;

namespace RealRelationshipApi.Storage;

/// <summary>Seals what belongs to one site, so that the file, its log and its backups show nothing: AES-256-GCM (NIST SP 800-38D) under the newest key of a ring.</summary>
/// <remarks>
/// <code>
/// sealed = format (1) ‖ key id (8) ‖ nonce (12, random) ‖ ciphertext ‖ tag (16)
/// </code>
/// The tenant and the place of the row are associated data: a sealed value moved to another row or tenant does not open.
/// The ring is <c>Privacy__EncryptionKeys</c>, newest first; a key derived from <c>Privacy__Key</c> always stands at its end, so that
/// a store that began without a ring can get one later.
/// </remarks>
public sealed class Sealer
{
    /// <summary>Bytes that sealing adds.</summary>
    public const int Overhead = 1 + KeyIdBytes + NonceBytes + TagBytes;

    private const byte Format = 1;
    private const int KeyIdBytes = 8;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly Lazy<IReadOnlyList<RingKey>> _ring;

    public Sealer(IOptions<PrivacyOptions> options, PrivacyKey privacy)
    {
        ArgumentNullException.ThrowIfNull(options);
        _ring = new(() => [.. (options.Value.EncryptionKeys ?? "").Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select((text, i) => new RingKey(PrivacyKey.Parse(text, $"Privacy__EncryptionKeys, key {i + 1},"))), new RingKey(privacy.Subkey("sealed-columns"))]);
    }

    /// <exception cref="StartRefusedException">A key of the ring is not 32 bytes in base64.</exception>
    public void Check() => _ = _ring.Value;

    /// <summary>Names the key under which new values are sealed; what carries another name can be sealed anew.</summary>
    public ReadOnlySpan<byte> NewestKeyId => _ring.Value[0].Id;

    /// <summary>The name of the key under which a value is sealed.</summary>
    public static ReadOnlySpan<byte> KeyIdOf(ReadOnlySpan<byte> sealedValue) => sealedValue.Slice(1, KeyIdBytes);

    public byte[] Seal(ReadOnlySpan<byte> value, string tenant, string place)
    {
        var key = _ring.Value[0];
        var result = new byte[value.Length + Overhead];
        result[0] = Format;
        key.Id.CopyTo(result.AsSpan(1));
        var nonce = result.AsSpan(1 + KeyIdBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key.Key, TagBytes);
        cipher.Encrypt(nonce, value, result.AsSpan(Overhead - TagBytes, value.Length), result.AsSpan(^TagBytes..), Associated(tenant, place));
        return result;
    }

    /// <summary>Whether keys were set beside the one derived from <c>Privacy__Key</c>.</summary>
    public bool HasRing => _ring.Value.Count > 1;

    /// <summary>A key for one file alone, derived from a key of the ring and the salt of the file; null when the ring has no key of that name.</summary>
    internal byte[]? FileKey(ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> salt)
    {
        foreach (var key in _ring.Value)
        {
            if (keyId.SequenceEqual(key.Id))
            {
                return HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Key, key.Key.Length, salt.ToArray(), "sealed file"u8.ToArray());
            }
        }

        return null;
    }

    /// <exception cref="StorageDamagedException">The value was edited or moved, or its key is no longer in the ring.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedValue, string tenant, string place)
    {
        if (sealedValue.Length < Overhead || sealedValue[0] != Format || KeyOf(sealedValue) is not { } key)
        {
            throw new StorageDamagedException($"A sealed value at {place} names a key that is not in Privacy__EncryptionKeys.");
        }

        var value = new byte[sealedValue.Length - Overhead];
        using var cipher = new AesGcm(key.Key, TagBytes);
        try
        {
            cipher.Decrypt(sealedValue.Slice(1 + KeyIdBytes, NonceBytes), sealedValue[(Overhead - TagBytes)..^TagBytes], sealedValue[^TagBytes..], value, Associated(tenant, place));
            return value;
        }
        catch (AuthenticationTagMismatchException error)
        {
            throw new StorageDamagedException($"A sealed value at {place} is not what was written.", error);
        }
    }

    private RingKey? KeyOf(ReadOnlySpan<byte> sealedValue)
    {
        foreach (var key in _ring.Value)
        {
            if (key.Id.AsSpan().SequenceEqual(KeyIdOf(sealedValue)))
            {
                return key;
            }
        }

        return null;
    }

    private static byte[] Associated(string tenant, string place) => Encoding.UTF8.GetBytes($"{tenant.Length}:{tenant}{place}");

    private sealed class RingKey(byte[] key)
    {
        public byte[] Key { get; } = key;

        public byte[] Id { get; } = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyIdBytes, info: "key id"u8.ToArray());
    }
}
