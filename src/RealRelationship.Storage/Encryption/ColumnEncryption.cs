using System.Security.Cryptography;
using System.Text;

using Microsoft.Extensions.Options;

namespace RealRelationship.Storage.Encryption;

/// <summary>Encrypts the data of a site at rest, in the file, its log and its backups:
/// AES-256-GCM (NIST SP 800-38D) under the newest key of a key ring.</summary>
/// <remarks>
/// <code>
/// encrypted = format (1) ‖ key id (8) ‖ nonce (12, random) ‖ ciphertext ‖ tag (16)
/// </code>
/// Tenant and row path are associated data: a value that was moved to another row or tenant does not decrypt.
/// The key ring is <c>Privacy__EncryptionKeys</c>, newest first, followed by a key derived from <c>Privacy__Key</c>, so that
/// a store that was started without a key ring can get one later.
/// </remarks>
public sealed class ColumnEncryption
{
    /// <summary>Bytes added by encryption.</summary>
    public const int OverheadBytes = 1 + KeyIdBytes + NonceBytes + TagBytes;

    private const byte FormatVersion = 1;
    private const int KeyIdBytes = 8;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly Lazy<IReadOnlyList<KeyRingEntry>> _keyRing;

    public ColumnEncryption(IOptions<PrivacyOptions> options, PrivacyKey privacy)
    {
        ArgumentNullException.ThrowIfNull(options);
        _keyRing =
            new(() => [.. (options.Value.EncryptionKeys ?? "").Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select((text, i) => new KeyRingEntry(PrivacyKey.Parse(text, $"Privacy__EncryptionKeys, key {i + 1},"))),
                new KeyRingEntry(privacy.DeriveSubkey(KeyPurposes.EncryptedColumns))]);
    }

    /// <exception cref="StartupConfigurationException">A key of the ring is not 32 bytes in base64.</exception>
    public void Validate() => _ = _keyRing.Value;

    /// <summary>Id of the key that encrypts new values.</summary>
    public ReadOnlySpan<byte> NewestKeyId => _keyRing.Value[0].Id;

    /// <summary>Id of the key under which a value is encrypted.</summary>
    public static ReadOnlySpan<byte> ReadKeyId(ReadOnlySpan<byte> encrypted) => encrypted.Slice(1, KeyIdBytes);

    public byte[] Encrypt(ReadOnlySpan<byte> value, string tenant, string rowPath)
    {
        var key = _keyRing.Value[0];
        var result = new byte[value.Length + OverheadBytes];
        result[0] = FormatVersion;
        key.Id.CopyTo(result.AsSpan(1));
        var nonce = result.AsSpan(1 + KeyIdBytes, NonceBytes);
        RandomBytes.Fill(nonce);
        key.Cipher.Encrypt(nonce, value, result.AsSpan(OverheadBytes - TagBytes, value.Length), result.AsSpan(^TagBytes..), AssociatedData(tenant, rowPath));
        return result;
    }

    /// <summary>Whether the key ring has keys besides the one derived from <c>Privacy__Key</c>.</summary>
    public bool HasKeyRing => _keyRing.Value.Count > 1;

    /// <summary>The key of a single file, derived from a key of the ring and the salt of the file; null if the ring has no such key.</summary>
    internal byte[]? DeriveFileKey(ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> salt)
    {
        foreach (var key in _keyRing.Value)
        {
            if (keyId.SequenceEqual(key.Id))
            {
                return HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Key, key.Key.Length, salt.ToArray(), Encoding.UTF8.GetBytes(KeyPurposes.EncryptedFile));
            }
        }

        return null;
    }

    /// <exception cref="StorageCorruptionException">The value was edited or moved, or its key is no longer in the ring.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> encrypted, string tenant, string rowPath)
    {
        if (encrypted.Length < OverheadBytes || encrypted[0] != FormatVersion || FindKey(encrypted) is not { } key)
        {
            throw new StorageCorruptionException($"A sealed value at {rowPath} names a key that is not in Privacy__EncryptionKeys.");
        }

        var value = new byte[encrypted.Length - OverheadBytes];
        try
        {
            key.Cipher.Decrypt(encrypted.Slice(1 + KeyIdBytes, NonceBytes), encrypted[(OverheadBytes - TagBytes)..^TagBytes], encrypted[^TagBytes..], value,
                AssociatedData(tenant, rowPath));
            return value;
        }
        catch (AuthenticationTagMismatchException error)
        {
            throw new StorageCorruptionException($"A sealed value at {rowPath} is not what was written.", error);
        }
    }

    private KeyRingEntry? FindKey(ReadOnlySpan<byte> encrypted)
    {
        foreach (var key in _keyRing.Value)
        {
            if (key.Id.AsSpan().SequenceEqual(ReadKeyId(encrypted)))
            {
                return key;
            }
        }

        return null;
    }

    private static byte[] AssociatedData(string tenant, string rowPath) => Encoding.UTF8.GetBytes($"{tenant.Length}:{tenant}{rowPath}");

    private sealed class KeyRingEntry(byte[] key)
    {
        public byte[] Key { get; } = key;

        public PreparedAesGcm Cipher { get; } = new(key, TagBytes);

        public byte[] Id { get; } = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyIdBytes, info: Encoding.UTF8.GetBytes(KeyPurposes.KeyId));
    }
}
