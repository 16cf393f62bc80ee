using System.Security.Cryptography;

namespace RealRelationship.Storage.Encryption;

/// <summary>HMAC-SHA-256 under one key, whose state is prepared once: preparing it costs more than hashing a row.</summary>
internal sealed class PreparedHmac(byte[] key) : PreparedCryptography<IncrementalHash>
{
    public byte[] Hash(ReadOnlySpan<byte> data)
    {
        var hmac = Take();
        hmac.AppendData(data);
        var hash = hmac.GetHashAndReset();
        Return(hmac);
        return hash;
    }

    protected override IncrementalHash Create() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
}

/// <summary>AES-GCM under one key, which is expanded once.</summary>
internal sealed class PreparedAesGcm(byte[] key, int tagBytes) : PreparedCryptography<AesGcm>
{
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> value, Span<byte> encrypted, Span<byte> tag, ReadOnlySpan<byte> associated)
    {
        var cipher = Take();
        cipher.Encrypt(nonce, value, encrypted, tag, associated);
        Return(cipher);
    }

    /// <exception cref="AuthenticationTagMismatchException">The value was edited or moved.</exception>
    public void Decrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> encrypted, ReadOnlySpan<byte> tag, Span<byte> value, ReadOnlySpan<byte> associated)
    {
        var cipher = Take();
        cipher.Decrypt(nonce, encrypted, tag, value, associated);
        Return(cipher);
    }

    protected override AesGcm Create() => new(key, tagBytes);
}

/// <summary>Keeps one instance for whoever needs it next; simultaneous callers create their own. After an exception it is not used again.</summary>
internal abstract class PreparedCryptography<T> where T : class, IDisposable
{
    private T? _spare;

    protected abstract T Create();

    protected T Take() => Interlocked.Exchange(ref _spare, null) ?? Create();

    protected void Return(T instance)
    {
        if (Interlocked.CompareExchange(ref _spare, instance, null) is not null)
        {
            instance.Dispose();
        }
    }
}

/// <summary>Random bytes of the operating system's generator for salts and nonces, fetched many at a time.</summary>
internal static class RandomBytes
{
    private const int FetchedBytes = 4096;

    [ThreadStatic]
    private static byte[]? s_fetched;

    [ThreadStatic]
    private static int s_used;

    /// <summary>Fills a span of at most 4,096 bytes; none of them is used twice.</summary>
    public static void Fill(Span<byte> target)
    {
        if (s_fetched is null || s_fetched.Length - s_used < target.Length)
        {
            s_fetched ??= new byte[FetchedBytes];
            RandomNumberGenerator.Fill(s_fetched);
            s_used = 0;
        }

        var next = s_fetched.AsSpan(s_used, target.Length);
        next.CopyTo(target);
        next.Clear();
        s_used += target.Length;
    }
}
