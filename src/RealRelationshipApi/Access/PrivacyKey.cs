using System.Security.Cryptography;
using System.Text;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Access;

/// <summary>Keyed digests, each use under a subkey of its own (HKDF, RFC 5869), so that what is stored tells nothing about what was sent.</summary>
/// <remarks>Development makes a key beside the store when none is set; elsewhere <c>Privacy__Key</c> is needed.</remarks>
public sealed class PrivacyKey
{
    private const int KeyBytes = 32;

    private readonly IOptions<PrivacyOptions> _options;
    private readonly AccessPolicy _policy;
    private readonly Database _database;
    private readonly Lazy<byte[]> _key;

    public PrivacyKey(IOptions<PrivacyOptions> options, AccessPolicy policy, Database database)
    {
        (_options, _policy, _database) = (options, policy, database);
        _key = new(Find);
    }

    /// <exception cref="StartRefusedException">There is no usable key.</exception>
    public void Check() => _ = _key.Value;

    /// <summary>HMAC-SHA-256 of the parts under the subkey of <paramref name="purpose"/>, in hexadecimal.</summary>
    public string Digest(string purpose, params ReadOnlySpan<string> parts)
    {
        var subkey = HKDF.DeriveKey(HashAlgorithmName.SHA256, _key.Value, KeyBytes, info: Encoding.UTF8.GetBytes(purpose));
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, subkey);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hmac.AppendData(BitConverter.GetBytes((long)bytes.Length));
            hmac.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hmac.GetHashAndReset());
    }

    private byte[] Find()
    {
        if (_options.Value.Key is { Length: > 0 } text)
        {
            return Parse(text, "Privacy__Key");
        }

        if (!_policy.IsDevelopment)
        {
            throw new StartRefusedException("Privacy__Key is not set: 32 random bytes in base64, for example from `openssl rand -base64 32`. Keep it: it can never be changed.");
        }

        var file = _database.Path + ".development-key";
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));
        }
        return Parse(File.ReadAllText(file).Trim(), file);
    }

    private static byte[] Parse(string text, string source)
    {
        var key = new byte[KeyBytes + 1];
        return Convert.TryFromBase64String(text, key, out var length) && length == KeyBytes
            ? key[..KeyBytes]
            : throw new StartRefusedException($"{source} must be 32 bytes in base64.");
    }
}
