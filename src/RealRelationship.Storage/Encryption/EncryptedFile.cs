using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RealRelationship.Storage.Encryption;

/// <summary>A file encrypted in chunks: any size is read and written in constant memory.</summary>
/// <remarks>
/// <code>
/// file  = header ‖ chunk 0 ‖ chunk 1 ‖ … ‖ last chunk          header = magic (8) ‖ key id (8) ‖ salt (32)
/// chunk = ciphertext (65,536; the last may be shorter) ‖ tag (16)
/// key   = HKDF(key of the ring, salt): unique to this file, so that counter nonces never repeat
/// </code>
/// Associated data of a chunk: the header, its number, and whether it is the last. A chunk that was edited, moved, repeated or truncated does
/// not decrypt (the STREAM construction: Hoang, Reyhanitabar, Rogaway &amp; Vizár 2015, eprint.iacr.org/2015/189).
/// </remarks>
public sealed class EncryptedFile
{
    private const int ChunkBytes = 64 * 1024;
    private const int TagBytes = 16;
    private const int KeyIdBytes = 8;
    private const int SaltBytes = 32;

    private readonly byte[] _associated;
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _key;

    private EncryptedFile(byte[] header, byte[] key)
    {
        _key = key;
        _associated = [.. header, .. new byte[sizeof(long) + 1]];
    }

    private static ReadOnlySpan<byte> Magic => "RRSEAL\u0001\n"u8;

    /// <summary>Whether a file starts with the header of an encrypted one.</summary>
    public static bool HasHeader(ReadOnlySpan<byte> file) => file.StartsWith(Magic);

    /// <summary>Encrypts a stream under the newest key of the ring.</summary>
    public static void Encrypt(ColumnEncryption encryption, Stream plain, Stream to)
    {
        byte[] header = [.. Magic, .. encryption.NewestKeyId, .. RandomNumberGenerator.GetBytes(SaltBytes)];
        to.Write(header);
        var file = new EncryptedFile(header, DeriveKey(encryption, header)!);
        var tag = new byte[TagBytes];
        using var cipher = new AesGcm(file._key, TagBytes);
        foreach (var (number, chunk, isLast) in ReadChunks(plain, ChunkBytes))
        {
            file.SetPosition(number, isLast);
            cipher.Encrypt(file._nonce, chunk.Span, chunk.Span, tag, file._associated);
            to.Write(chunk.Span);
            to.Write(tag);
        }
    }

    /// <summary>Decrypts a stream.</summary>
    /// <exception cref="StorageCorruptionException">It was edited, reordered or truncated, or its key is not in the ring.</exception>
    public static void Decrypt(ColumnEncryption encryption, Stream encrypted, Stream to)
    {
        var header = new byte[Magic.Length + KeyIdBytes + SaltBytes];
        if (encrypted.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !HasHeader(header))
        {
            throw new StorageCorruptionException("The sealed file ends within its header.");
        }

        var file = new EncryptedFile(header,
            DeriveKey(encryption, header) ?? throw new StorageCorruptionException("The file is sealed under a key that is not in Privacy__EncryptionKeys."));
        using var cipher = new AesGcm(file._key, TagBytes);
        foreach (var (number, chunk, isLast) in ReadChunks(encrypted, ChunkBytes + TagBytes))
        {
            file.SetPosition(number, isLast);
            file.Decrypt(cipher, number, chunk.Span);
            to.Write(chunk.Span[..^TagBytes]);
        }
    }

    private static byte[]? DeriveKey(ColumnEncryption encryption, ReadOnlySpan<byte> header) =>
        encryption.DeriveFileKey(header.Slice(Magic.Length, KeyIdBytes), header[^SaltBytes..]);

    private void Decrypt(AesGcm cipher, long number, Span<byte> chunk)
    {
        try
        {
            if (chunk.Length < TagBytes)
            {
                throw new AuthenticationTagMismatchException();
            }

            cipher.Decrypt(_nonce, chunk[..^TagBytes], chunk[^TagBytes..], chunk[..^TagBytes], _associated);
        }
        catch (AuthenticationTagMismatchException error)
        {
            throw new StorageCorruptionException($"Chunk {number} of the sealed file is not what was written there, or the file was cut off after it.", error);
        }
    }

    private void SetPosition(long number, bool isLast)
    {
        BinaryPrimitives.WriteInt64BigEndian(_nonce.AsSpan(^sizeof(long)..), number);
        BinaryPrimitives.WriteInt64BigEndian(_associated.AsSpan(^(sizeof(long) + 1)..), number);
        _associated[^1] = (byte)(isLast ? 1 : 0);
    }

    // A chunk is known to be the last only when the next one is empty; an empty stream is one empty chunk.
    private static IEnumerable<(long Number, Memory<byte> Chunk, bool IsLast)> ReadChunks(Stream stream, int length)
    {
        var (current, next) = (new byte[length], new byte[length]);
        var filled = stream.ReadAtLeast(current, length, throwOnEndOfStream: false);
        for (var number = 0L; ; number++)
        {
            var following = stream.ReadAtLeast(next, length, throwOnEndOfStream: false);
            yield return (number, current.AsMemory(0, filled), following == 0);
            if (following == 0)
            {
                yield break;
            }

            (current, next, filled) = (next, current, following);
        }
    }
}
