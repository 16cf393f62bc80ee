using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace RealRelationship.Storage.Encryption;

/// <summary>Keys for digests and encryption.</summary>
public sealed class PrivacyOptions
{
    public const string Section = "Privacy";

    /// <summary>32 bytes in base64; never rotated. Required outside Development.</summary>
    public string? Key { get; set; }

    /// <summary>Keys of 32 bytes in base64, separated by commas, newest first:
    /// the first encrypts, and any of them decrypts.</summary>
    public string? EncryptionKeys { get; set; }
}

/// <summary>Keyed digests, each purpose under its own subkey (HKDF, RFC 5869), so that stored digests reveal nothing about the input.</summary>
/// <remarks>In Development a key is generated beside the store if none is set, and commands find it there; elsewhere <c>Privacy__Key</c> is required.</remarks>
public sealed class PrivacyKey
{
    private const int KeyBytes = 32;

    private readonly IOptions<PrivacyOptions> _options;
    private readonly IHostEnvironment _environment;
    private readonly Database _database;
    private readonly Lazy<byte[]> _key;
    private readonly ConcurrentDictionary<string, PreparedHmac> _hashes = new(StringComparer.Ordinal);

    public PrivacyKey(IOptions<PrivacyOptions> options, IHostEnvironment environment, Database database)
    {
        (_options, _environment, _database) = (options, environment, database);
        _key = new(LoadKey);
    }

    /// <summary>Requires a key outside Development.</summary>
    /// <exception cref="StartupConfigurationException">There is no usable key.</exception>
    public void Validate() => _ = _options.Value.Key is { Length: > 0 } || _environment.IsDevelopment() ? _key.Value : throw MissingKey();

    /// <summary>HMAC-SHA-256 of the parts under the subkey of <paramref name="purpose"/>, in hexadecimal.</summary>
    public string Digest(string purpose, params ReadOnlySpan<string> parts)
    {
        var length = 0;
        foreach (var part in parts)
        {
            length += sizeof(long) + Encoding.UTF8.GetByteCount(part);
        }

        var bytes = ArrayPool<byte>.Shared.Rent(length);
        var rest = bytes.AsSpan();
        foreach (var part in parts)
        {
            var written = Encoding.UTF8.GetBytes(part, rest[sizeof(long)..]);
            BitConverter.TryWriteBytes(rest, (long)written);
            rest = rest[(sizeof(long) + written)..];
        }

        var digest = Convert.ToHexStringLower(HmacOf(purpose).Hash(bytes.AsSpan(0, length)));
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        return digest;
    }

    /// <summary>Begins a hash under the subkey of <paramref name="purpose"/>.</summary>
    public KeyedHash CreateHash(string purpose) => new(HmacOf(purpose));

    /// <summary>The subkey of a purpose: 32 bytes.</summary>
    internal byte[] DeriveSubkey(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key.Value, KeyBytes, info: Encoding.UTF8.GetBytes(purpose));

    private PreparedHmac HmacOf(string purpose) => _hashes.GetOrAdd(purpose, static (name, privacy) => new(privacy.DeriveSubkey(name)), this);

    /// <exception cref="StartupConfigurationException">The text is not 32 bytes in base64.</exception>
    internal static byte[] Parse(string text, string source)
    {
        var key = new byte[KeyBytes + 1];
        return Convert.TryFromBase64String(text, key, out var length) && length == KeyBytes
            ? key[..KeyBytes]
            : throw new StartupConfigurationException($"{source} must be 32 bytes in base64.");
    }

    private byte[] LoadKey()
    {
        if (_options.Value.Key is { Length: > 0 } text)
        {
            return Parse(text, "Privacy__Key");
        }

        var file = _database.SidecarBasePath + ".development-key";
        if (!File.Exists(file))
        {
            if (!_environment.IsDevelopment())
            {
                throw MissingKey();
            }

            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));
        }

        PrivateFiles.Restrict(file);
        return Parse(File.ReadAllText(file).Trim(), file);
    }

    private static StartupConfigurationException MissingKey() =>
        new("Privacy__Key is not set: 32 random bytes in base64, for example from `openssl rand -base64 32`. Keep it: it can never be changed.");
}

/// <summary>The settings are insecure or incomplete; the message says what to set.</summary>
public sealed class StartupConfigurationException(string message, Exception? inner = null) : Exception(message, inner)
{
    public StartupConfigurationException() : this("The service will not start with these settings.") { }

    public StartupConfigurationException(string message) : this(message, null) { }
}
